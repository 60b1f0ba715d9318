"""How a connection ends, whoever ends it; the same names as in `test_client_end.py`."""

import asyncio
from time import monotonic

import pytest

from codex_app_server import (
    AsyncAppServerClient,
    ConnectionClosedError,
    IncompatibleServerError,
    StartTimeoutError,
    UsageError,
)
from sdk import fake_methods as fake
from sdk.callers import all_of, kill
from sdk.callers import anext_of as next_of
from sdk.fake_methods import ECHO, ENVIRONMENT, LOSE, PATIENT
from sdk.posix import KILLED, SIGNALS
from sdk.socket_faults import LARGE


def test_a_server_that_dies_at_the_start_says_why(connected):
    with pytest.raises(ConnectionClosedError) as caught:
        connected(None, "--die")
    assert caught.value.exit_code == 3
    assert caught.value.stderr_tail.splitlines()[-2:] == ["line 9998", "line 9999"]


@pytest.mark.parametrize(
    ("how", "exit_code", "signal_number"),
    [
        ({"code": 7}, 7, None),
        ({"code": 0}, 0, None),
        pytest.param({"signal": 9}, None, 9, marks=SIGNALS),
    ],
)
def test_a_server_that_dies_in_a_request_ends_it(connected, how, exit_code, signal_number):
    async def work(client):
        with pytest.raises(ConnectionClosedError, match="last words") as caught:
            await client.request(fake.DIE, {**how, "stderr": "last words"}, timeout_seconds=None)
        assert (caught.value.exit_code, caught.value.signal) == (exit_code, signal_number)
        with pytest.raises(ConnectionClosedError, match="last words"):
            await client.request(ECHO)

    connected(work)


def test_a_server_that_dies_between_calls_is_told_at_the_next(connected):
    async def work(client):
        kill((await client.request(ENVIRONMENT))["pid"])
        with pytest.raises(ConnectionClosedError):
            await all_of(client.notifications())
        with pytest.raises(ConnectionClosedError) as caught:
            await client.request(ECHO)
        assert (caught.value.exit_code, caught.value.signal) == KILLED

    connected(work)


def test_a_server_that_dies_in_a_turn_ends_it_after_what_it_said(connected):
    async def work(client):
        turn = (await client.exchange("turn/start", {"dieAfter": 3})).turn
        seen = []
        with pytest.raises(ConnectionClosedError) as caught:
            async for each in client.read(turn.read(), PATIENT):
                seen.append(each.method)  # noqa: PERF401 - the exception would take the list along
        assert seen == ["turn/started", "item/started", "item/agentMessage/delta"]
        assert caught.value.exit_code == 4
        with pytest.raises(ConnectionClosedError):
            await client.wait_for_turn(turn, fake.PATIENT_TURN)

    connected(work)


def test_everybody_wakes_when_the_server_dies(connected):
    async def work(client):
        turn = (await client.exchange("turn/start", {"endless": True})).turn
        waiting = [
            asyncio.ensure_future(each)
            for _ in range(10)
            for each in (
                client.request(LOSE, timeout_seconds=None),
                all_of(client.notifications()),
                all_of(client.read(turn.read(), PATIENT)),
                client.wait_for_turn(turn, fake.PATIENT_TURN),
            )
        ]
        with pytest.raises(ConnectionClosedError):
            await client.request(fake.DIE, {"code": 5})
        begin = monotonic()
        errors = await asyncio.gather(*waiting, return_exceptions=True)
        assert [error.exit_code for error in errors] == [5] * 40
        assert monotonic() - begin < 1

    connected(work)


def test_a_dead_server_is_noticed_though_its_child_holds_the_pipes(connected):
    async def work(client):
        with pytest.raises(ConnectionClosedError) as caught:
            await client.request(fake.ORPHAN, timeout_seconds=None)
        assert caught.value.exit_code == 9
        orphan = (await next_of(client, "fake/orphan")).params.raw["pid"]
        kill(orphan)

    connected(work)


def test_a_dead_server_is_noticed_though_its_child_keeps_a_request_unread(connected):
    async def work(client):
        lost = asyncio.ensure_future(client.request(fake.ORPHAN, timeout_seconds=30))
        orphan = (await next_of(client, "fake/orphan")).params.raw["pid"]
        with pytest.raises(ConnectionClosedError) as caught:
            await client.request(ECHO, {"text": LARGE}, timeout_seconds=30)
        assert lost.exception().exit_code == caught.value.exit_code == 9
        kill(orphan)

    connected(work)


def test_a_server_that_closes_its_output_is_lost(connected):
    async def work(client):
        with pytest.raises(ConnectionClosedError, match="closed its output"):
            await client.request(fake.MUTE, timeout_seconds=None)

    connected(work)


def test_a_silent_server_is_not_awaited_past_the_start_deadline(config, run):
    async def main():
        client = AsyncAppServerClient(config("--silent", start_timeout_seconds=0.1))
        with pytest.raises(StartTimeoutError, match=r"not ready within 0.1 s"):
            async with client:
                pass
        with pytest.raises(ConnectionClosedError):
            await client.start()

    run(main())


@pytest.mark.parametrize("flag", ["--refuse", "--no-answer-object"])
def test_what_is_no_app_server_is_incompatible(connected, flag):
    with pytest.raises(IncompatibleServerError):
        connected(None, flag)


@pytest.mark.parametrize("options", [{"cwd": "/nowhere"}, {"env": {"A": "\0"}}, {"env": {"A": 1}}])
def test_a_program_that_cannot_be_started_is_named(config, run, options):
    with pytest.raises(UsageError, match=r"launch_args_override.* cannot be started"):
        run(AsyncAppServerClient(config(**options)).start())


def test_closing_is_repeatable_and_wakes_who_waits(connected):
    async def work(client):
        lost = asyncio.ensure_future(client.request(LOSE, timeout_seconds=None))
        await next_of(client, "fake/lost")
        ended = asyncio.ensure_future(all_of(client.notifications()))
        await asyncio.gather(client.close(), client.close())
        await client.close()
        with pytest.raises(ConnectionClosedError, match="the client was closed"):
            await lost
        await ended
        with pytest.raises(ConnectionClosedError, match="the client was closed"):
            await client.request(ECHO)

    connected(work)


def test_a_client_that_never_ran_can_be_closed(config, run):
    async def main():
        client = AsyncAppServerClient(config())
        await client.close()
        with pytest.raises(ConnectionClosedError):
            await client.start()

    run(main())


@pytest.mark.parametrize("flags", [["--ignore-eof"], ["--ignore-eof", "--ignore-sigterm"]])
def test_a_stubborn_server_is_ended(connected, flags):
    begun = []

    async def work(client):
        begun.append(monotonic())
        return (await client.request(ENVIRONMENT))["pid"]

    assert fake.is_gone(connected(work, *flags, close_timeout_seconds=0.2))
    assert monotonic() - begun[0] < 2


@SIGNALS
def test_a_server_that_ignores_the_end_of_input_is_asked_to_end_before_it_is_killed(connected, tmp_path):
    async def work(client):
        await client.request(ECHO)
        await client.close(timeout_seconds=4)

    connected(work, "--ignore-eof", env={"LAST_WORDS": str(tmp_path / "asked")}, close_timeout_seconds=10)
    assert (tmp_path / "asked").exists()
