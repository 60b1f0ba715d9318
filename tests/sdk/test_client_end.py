"""How a connection ends, whoever ends it; the same names as in `test_async_client_end.py`."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from codex_app_server import (
    AppServerClient,
    ConnectionClosedError,
    IncompatibleServerError,
    StartTimeoutError,
    UsageError,
)
from sdk import fake_methods as fake
from sdk.callers import kill, next_of
from sdk.fake_methods import ECHO, ENVIRONMENT, LOSE, PATIENT
from sdk.posix import KILLED, SIGNALS
from sdk.socket_faults import LARGE


def test_a_server_that_dies_at_the_start_says_why(config):
    with pytest.raises(ConnectionClosedError) as caught, AppServerClient(config("--die")):
        pass
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
def test_a_server_that_dies_in_a_request_ends_it(connect, how, exit_code, signal_number):
    with connect() as client:
        with pytest.raises(ConnectionClosedError, match="last words") as caught:
            client.request(fake.DIE, {**how, "stderr": "last words"}, timeout_seconds=None)
        assert (caught.value.exit_code, caught.value.signal) == (exit_code, signal_number)
        with pytest.raises(ConnectionClosedError, match="last words"):
            client.request(ECHO)


def test_a_server_that_dies_between_calls_is_told_at_the_next(connect):
    with connect() as client:
        kill(client.request(ENVIRONMENT)["pid"])
        with pytest.raises(ConnectionClosedError):
            list(client.notifications())
        with pytest.raises(ConnectionClosedError) as caught:
            client.request(ECHO)
        assert (caught.value.exit_code, caught.value.signal) == KILLED


def test_a_server_that_dies_in_a_turn_ends_it_after_what_it_said(connect):
    with connect() as client:
        turn = client.exchange("turn/start", {"dieAfter": 3}).turn
        events = client.read(turn.read(), PATIENT)
        assert [next(events).method for _ in range(3)] == ["turn/started", "item/started", "item/agentMessage/delta"]
        with pytest.raises(ConnectionClosedError) as caught:
            next(events)
        assert caught.value.exit_code == 4
        with pytest.raises(ConnectionClosedError):
            client.wait_for_turn(turn, fake.PATIENT_TURN)


def test_everybody_wakes_when_the_server_dies(connect):
    with connect() as client:
        turn = client.exchange("turn/start", {"endless": True}).turn
        works = [
            lambda: client.request(LOSE, timeout_seconds=None),
            lambda: list(client.notifications()),
            lambda: list(client.read(turn.read(), PATIENT)),
            lambda: client.wait_for_turn(turn, fake.PATIENT_TURN),
        ]
        with ThreadPoolExecutor(40) as pool:
            waiting = [pool.submit(work) for work in works * 10]
            with pytest.raises(ConnectionClosedError):
                client.request(fake.DIE, {"code": 5})
            begin = monotonic()
            codes = [each.exception().exit_code for each in waiting]
        assert codes == [5] * 40
        assert monotonic() - begin < 1


def test_a_dead_server_is_noticed_though_its_child_holds_the_pipes(connect):
    with connect() as client:
        with pytest.raises(ConnectionClosedError) as caught:
            client.request(fake.ORPHAN, timeout_seconds=None)
        assert caught.value.exit_code == 9
        orphan = next_of(client, "fake/orphan").params.raw["pid"]
        kill(orphan)


def test_a_dead_server_is_noticed_though_its_child_keeps_a_request_unread(connect):
    with connect() as client, ThreadPoolExecutor(1) as pool:
        lost = pool.submit(client.request, fake.ORPHAN, timeout_seconds=30)
        orphan = next_of(client, "fake/orphan").params.raw["pid"]
        with pytest.raises(ConnectionClosedError) as caught:
            client.request(ECHO, {"text": LARGE}, timeout_seconds=30)
        assert lost.exception().exit_code == caught.value.exit_code == 9
        kill(orphan)


def test_a_server_that_closes_its_output_is_lost(connect):
    with connect() as client, pytest.raises(ConnectionClosedError, match="closed its output"):
        client.request(fake.MUTE, timeout_seconds=None)


def test_a_silent_server_is_not_awaited_past_the_start_deadline(config):
    client = AppServerClient(config("--silent", start_timeout_seconds=0.1))
    with pytest.raises(StartTimeoutError, match=r"not ready within 0.1 s"), client:
        pass
    with pytest.raises(ConnectionClosedError):
        client.start()


@pytest.mark.parametrize("flag", ["--refuse", "--no-answer-object"])
def test_what_is_no_app_server_is_incompatible(config, flag):
    with pytest.raises(IncompatibleServerError), AppServerClient(config(flag)):
        pass


@pytest.mark.parametrize("options", [{"cwd": "/nowhere"}, {"env": {"A": "\0"}}, {"env": {"A": 1}}])
def test_a_program_that_cannot_be_started_is_named(config, options):
    with pytest.raises(UsageError, match=r"launch_args_override.* cannot be started"):
        AppServerClient(config(**options)).start()


def test_closing_is_repeatable_and_wakes_who_waits(connect):
    with connect() as client, ThreadPoolExecutor(2) as pool:
        lost = pool.submit(client.request, LOSE, timeout_seconds=None)
        next_of(client, "fake/lost")
        ended = pool.submit(list, client.notifications())
        client.close()
        client.close()
        with pytest.raises(ConnectionClosedError, match="the client was closed"):
            lost.result()
        ended.result()
        with pytest.raises(ConnectionClosedError, match="the client was closed"):
            client.request(ECHO)


def test_a_client_that_never_ran_can_be_closed(config):
    client = AppServerClient(config())
    client.close()
    with pytest.raises(ConnectionClosedError):
        client.start()


@pytest.mark.parametrize("flags", [["--ignore-eof"], ["--ignore-eof", "--ignore-sigterm"]])
def test_a_stubborn_server_is_ended(connect, flags):
    with connect(*flags, close_timeout_seconds=0.2) as client:
        pid = client.request(ENVIRONMENT)["pid"]
        begin = monotonic()
    assert monotonic() - begin < 2
    assert fake.is_gone(pid)


@SIGNALS
def test_a_server_that_ignores_the_end_of_input_is_asked_to_end_before_it_is_killed(connect, tmp_path):
    with connect("--ignore-eof", env={"LAST_WORDS": str(tmp_path / "asked")}, close_timeout_seconds=10) as client:
        client.request(ECHO)
        client.close(timeout_seconds=4)
    assert (tmp_path / "asked").exists()
