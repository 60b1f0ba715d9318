"""The same names as in `test_client.py`, which is the one to read first."""

import asyncio
import logging

import pytest

from codex_app_server import (
    AsyncAppServerClient,
    RequestTimeoutError,
    ServerBusyError,
    TurnTimeoutError,
    UsageError,
)
from codex_app_server._session import WINDOW
from codex_app_server.generated.v2_all import GENERATED_FROM
from sdk import fake_methods as fake
from sdk.callers import all_of
from sdk.callers import anext_of as next_of
from sdk.fake_methods import ASK, ECHO, ENVIRONMENT, FLOOD, HELLO, HOLD, LOSE, PATIENT, RELEASE, WRITE


def test_a_server_is_started_initialized_and_closed(connected):
    async def work(client):
        assert (await client.initialize()).user_agent == f"codex_app_server_sdk/{GENERATED_FROM} (fake)"
        pid = (await client.request(ENVIRONMENT))["pid"]
        assert not fake.is_gone(pid)
        return pid

    assert fake.is_gone(connected(work))


def test_the_server_has_the_directory_and_the_environment_of_the_configuration(connected, tmp_path):
    async def work(client):
        return await client.request(ENVIRONMENT)

    told = connected(work, cwd=tmp_path, env={"PATH": "/only"})
    assert (told["cwd"], told["path"]) == (str(tmp_path.resolve()), "/only")


def test_what_comes_before_the_first_answer_is_kept(connected):
    async def work(client):
        assert (await next_of(client, "configWarning")).params.summary == "before the answer"

    connected(work)


def test_a_notification_reaches_the_server(connected):
    async def work(client):
        await client.notify(HELLO, {"a": 1})
        return [(await next_of(client, "fake/heard")).params.raw["method"] for _ in range(2)]

    assert connected(work) == ["initialized", "fake/hello"]


def test_a_refusal_has_its_class(connected):
    async def work(client):
        with pytest.raises(ServerBusyError, match="fake/refuse: error -32001: later"):
            await client.request(fake.REFUSE, {"code": -32001, "message": "later"})

    connected(work)


def test_what_cannot_be_sent_is_refused_before(connected):
    async def work(client):
        with pytest.raises(UsageError, match="surrogate"):
            await client.request(ECHO, {"a": "\ud800"})
        assert await client.request(ECHO, {"a": "é"}) == {"a": "é"}

    connected(work)


def test_a_lost_answer_ends_at_the_deadline_and_the_connection_lives_on(connected):
    async def work(client):
        with pytest.raises(RequestTimeoutError, match=r"fake/lose: no answer within 0.05 s"):
            await client.request(LOSE)
        with pytest.raises(TimeoutError):
            await client.request(LOSE, timeout_seconds=0.01)
        assert await client.request(ECHO, {"a": 1}, timeout_seconds=None) == {"a": 1}

    connected(work, request_timeout_seconds=0.05)


def test_a_late_answer_is_dropped(connected):
    async def work(client):
        with pytest.raises(RequestTimeoutError):
            await client.request(HOLD, timeout_seconds=0.05)
        await client.request(RELEASE)
        assert await client.request(ECHO, {"a": 1}) == {"a": 1}

    connected(work)


def test_a_caller_that_is_interrupted_frees_its_slot(connected):
    async def work(client):
        task = asyncio.create_task(client.request(LOSE))
        await next_of(client, "fake/lost")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not client._session._window.busy  # noqa: SLF001 - a slot has no public face
        assert await client.request(ECHO, {"a": 1}) == {"a": 1}

    connected(work)


def test_a_wait_longer_than_a_slice_goes_on(connected):
    async def work(client):
        held = asyncio.ensure_future(client.request(HOLD, timeout_seconds=None))
        with pytest.raises(RequestTimeoutError, match=r"no answer within 0.7 s"):
            await client.request(LOSE, timeout_seconds=0.7)
        await client.request(RELEASE)
        assert await held == {"together": 1}

    connected(work)


def test_many_callers_all_get_their_own_answer(connected):
    async def work(client):
        answers = await asyncio.gather(*(client.request(ECHO, {"n": number}) for number in range(1600)))
        assert [answer["n"] for answer in answers] == list(range(1600))

    connected(work)


def test_requests_beyond_the_window_wait_for_those_before(connected):
    async def work(client):
        return await asyncio.gather(*(client.request(HOLD, {"until": WINDOW}) for _ in range(2 * WINDOW)))

    assert connected(work) == [{"together": WINDOW}] * (2 * WINDOW)


def test_garbage_is_survived_and_logged_without_its_content(connected, caplog):
    split = '{"method":"fake/é","params":{"a":"é"}}\n'.encode()
    bad = [b"secret garbage\n", b"\n", b"[]\n", b'{"id":99,"result":{}}\n', b"\xff\xfe\n"]
    chunks = [chunk.hex() for chunk in [*bad, split[:17], split[17:35], split[35:]]]

    async def work(client):
        await client.request(WRITE, {"chunks": chunks})
        assert (await next_of(client, "fake/é")).params.raw == {"a": "é"}

    connected(work, "--garbage")
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 5 + len(bad)
    assert not any("secret" in line for line in told)


def test_a_line_of_fifty_megabytes_arrives(connected):
    async def work(client):
        return len((await client.request(fake.LONG_LINE, {"size": 50_000_000}))["text"])

    assert connected(work) == 50_000_000


def test_a_client_must_be_started_and_is_not_started_twice(config, run):
    async def main():
        client = AsyncAppServerClient(config())
        with pytest.raises(UsageError, match="has not been started"):
            await client.request(ECHO)
        async with client:
            pid = (await client.request(ENVIRONMENT))["pid"]
            await client.start()
            await client.initialize()
            assert (await client.request(ENVIRONMENT))["pid"] == pid

    run(main())


def test_an_approval_is_declined_with_one_warning(connected, caplog):
    async def work(client):
        for _ in range(2):
            answer = (await client.request(ASK, {"method": fake.COMMAND_APPROVAL}))["answer"]
            assert answer["result"] == {"decision": "decline"}

    connected(work)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert fake.COMMAND_APPROVAL in warnings[0]


def test_a_request_of_an_unknown_kind_is_refused(connected):
    async def work(client):
        return (await client.request(ASK, {"method": "new/thing"}))["answer"]

    assert connected(work)["error"] == {"code": -32601, "message": "this client does not support new/thing"}


def test_a_turn_is_read_from_its_first_event_to_its_end(connected):
    async def work(client):
        for order in ({}, {"eventsFirst": True}):
            turn = (await client.exchange("turn/start", {"deltas": 1000, **order})).turn
            methods = [each.method async for each in client.read(turn.read(), PATIENT)]
            assert (methods[0], methods[-1], len(methods)) == ("turn/started", "turn/completed", 1005)
            assert (await client.wait_for_turn(turn, fake.PATIENT_TURN)).final_response == "x" * 1000

    connected(work)


def test_a_silent_turn_ends_at_its_deadline_and_the_connection_lives_on(connected):
    async def work(client):
        turn = (await client.exchange("turn/start", {"endless": True})).turn
        with pytest.raises(TurnTimeoutError, match=r"silent for 0.05 s"):
            await all_of(client.read(turn.read(), fake.patience(turn, idle_timeout_seconds=0.05)))
        with pytest.raises(TurnTimeoutError, match=r"did not end within 0.05 s"):
            await client.wait_for_turn(turn, fake.impatient(turn_timeout_seconds=0.05))
        assert await client.request(ECHO, {"a": 1}) == {"a": 1}

    connected(work)


def test_a_slow_reader_holds_up_nobody_and_memory_is_bounded(connected):
    async def work(client):
        slow = client.turn("t").read()
        await client.request(FLOOD, {"method": "item/agentMessage/delta", "params": fake.DELTA, "count": 200_000})
        turn = (await client.exchange("turn/start", {"deltas": 10})).turn
        assert len(await all_of(client.read(turn.read(), PATIENT))) == 15
        assert slow.dropped > 100_000
        assert slow.size_bytes <= slow.limit_bytes

    connected(work)


def test_unread_notifications_are_dropped_and_counted(connected):
    async def work(client):
        await client.request(FLOOD, {"method": "fake/note", "params": {"a": "x" * 100}, "count": 100_000})
        dropped = client.dropped_notifications
        await client.close()
        left = sum([each.method == "fake/note" async for each in client.notifications()])
        assert dropped > 0
        assert left + dropped >= 100_000

    connected(work)


def test_no_notification_in_time_is_a_timeout(connected):
    async def work(client):
        await next_of(client, "fake/heard")
        with pytest.raises(RequestTimeoutError, match=r"no notification within 0.05 s"):
            await anext(client.notifications(timeout_seconds=0.05))
        await client.notify(HELLO)
        assert (await anext(client.notifications(timeout_seconds=None))).method == "fake/heard"

    connected(work)


def test_what_is_there_is_told_however_little_time_there_is(connected):
    async def work(client):
        await client.request(FLOOD, {"method": "fake/note", "count": 1000})
        seen = []
        with pytest.raises(RequestTimeoutError):
            async for each in client.notifications(timeout_seconds=0):
                seen.append(each.method)  # noqa: PERF401 - the exception would take the list along
        assert seen.count("fake/note") == 1000

    connected(work)
