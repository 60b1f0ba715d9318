"""The same names as in `test_async_client.py`; what threads alone can do wrong stands at the end of each."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from codex_app_server import (
    AppServerClient,
    RequestTimeoutError,
    ServerBusyError,
    TurnTimeoutError,
    UsageError,
)
from codex_app_server._session import WINDOW
from codex_app_server.generated.v2_all import GENERATED_FROM
from sdk import fake_methods as fake
from sdk.callers import at_once, next_of, press_ctrl_c
from sdk.fake_methods import ASK, ECHO, ENVIRONMENT, FLOOD, HELLO, HOLD, LOSE, PATIENT, RELEASE, WRITE


def test_a_server_is_started_initialized_and_closed(connect):
    with connect() as client:
        assert client.initialize().user_agent == f"codex_app_server_sdk/{GENERATED_FROM} (fake)"
        pid = client.request(ENVIRONMENT)["pid"]
        assert not fake.is_gone(pid)
    assert fake.is_gone(pid)


def test_the_server_has_the_directory_and_the_environment_of_the_configuration(connect, tmp_path):
    with connect(cwd=tmp_path, env={"PATH": "/only"}) as client:
        told = client.request(ENVIRONMENT)
    assert (told["cwd"], told["path"]) == (str(tmp_path.resolve()), "/only")


def test_what_comes_before_the_first_answer_is_kept(connect):
    with connect() as client:
        assert next_of(client, "configWarning").params.summary == "before the answer"


def test_a_notification_reaches_the_server(connect):
    with connect() as client:
        client.notify(HELLO, {"a": 1})
        heard = [next_of(client, "fake/heard").params.raw["method"] for _ in range(2)]
    assert heard == ["initialized", "fake/hello"]


def test_a_refusal_has_its_class(connect):
    with connect() as client, pytest.raises(ServerBusyError, match="fake/refuse: error -32001: later"):
        client.request(fake.REFUSE, {"code": -32001, "message": "later"})


def test_what_cannot_be_sent_is_refused_before(connect):
    with connect() as client:
        with pytest.raises(UsageError, match="surrogate"):
            client.request(ECHO, {"a": "\ud800"})
        assert client.request(ECHO, {"a": "é"}) == {"a": "é"}


def test_a_lost_answer_ends_at_the_deadline_and_the_connection_lives_on(connect):
    with connect(request_timeout_seconds=0.05) as client:
        with pytest.raises(RequestTimeoutError, match=r"fake/lose: no answer within 0.05 s"):
            client.request(LOSE)
        with pytest.raises(TimeoutError):
            client.request(LOSE, timeout_seconds=0.01)
        assert client.request(ECHO, {"a": 1}, timeout_seconds=None) == {"a": 1}


def test_a_late_answer_is_dropped(connect):
    with connect() as client:
        with pytest.raises(RequestTimeoutError):
            client.request(HOLD, timeout_seconds=0.05)
        client.request(RELEASE)
        assert client.request(ECHO, {"a": 1}) == {"a": 1}


def test_a_caller_that_is_interrupted_frees_its_slot(connect):
    with connect() as client:

        def interrupt():
            next_of(client, "fake/lost")
            press_ctrl_c()

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            client.request(LOSE)
        thread.join()
        assert not client._session._window.busy  # noqa: SLF001 - a slot has no public face
        assert client.request(ECHO, {"a": 1}) == {"a": 1}


def test_a_wait_longer_than_a_slice_goes_on(connect):
    with connect() as client:
        with ThreadPoolExecutor(1) as pool:
            held = pool.submit(client.request, HOLD, timeout_seconds=None)
            with pytest.raises(RequestTimeoutError, match=r"no answer within 0.7 s"):
                client.request(LOSE, timeout_seconds=0.7)
            client.request(RELEASE)
        assert held.result() == {"together": 1}


def test_many_callers_all_get_their_own_answer(connect):
    numbers = iter(range(10_000))
    with connect() as client:

        def ask():
            number = next(numbers)
            return client.request(ECHO, {"n": number})["n"] == number

        assert all(all(row) for row in at_once(16, lambda: [ask() for _ in range(100)]))


def test_requests_beyond_the_window_wait_for_those_before(connect):
    with connect() as client:
        answers = at_once(2 * WINDOW, lambda: client.request(HOLD, {"until": WINDOW}))
    assert answers == [{"together": WINDOW}] * (2 * WINDOW)


def test_garbage_is_survived_and_logged_without_its_content(connect, caplog):
    split = '{"method":"fake/é","params":{"a":"é"}}\n'.encode()
    lines = [
        b"secret garbage\n",
        b"\n",
        b"[]\n",
        b'{"id":99,"result":{}}\n',
        b"\xff\xfe\n",
        split[:17],
        split[17:35],
        split[35:],
    ]
    with connect("--garbage") as client:
        client.request(WRITE, {"chunks": [line.hex() for line in lines]})
        assert next_of(client, "fake/é").params.raw == {"a": "é"}
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 5 + 5
    assert not any("secret" in line for line in told)


def test_a_line_of_fifty_megabytes_arrives(connect):
    with connect() as client:
        assert len(client.request(fake.LONG_LINE, {"size": 50_000_000})["text"]) == 50_000_000


def test_a_client_must_be_started_and_is_not_started_twice(config):
    client = AppServerClient(config())
    with pytest.raises(UsageError, match="has not been started"):
        client.request(ECHO)
    with client:
        pid = client.request(ENVIRONMENT)["pid"]
        client.start()
        client.initialize()
        assert client.request(ENVIRONMENT)["pid"] == pid


def test_an_approval_is_declined_with_one_warning(connect, caplog):
    with connect() as client:
        for _ in range(2):
            answer = client.request(ASK, {"method": fake.COMMAND_APPROVAL})["answer"]
            assert answer["result"] == {"decision": "decline"}
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert fake.COMMAND_APPROVAL in warnings[0]


def test_a_request_of_an_unknown_kind_is_refused(connect):
    with connect() as client:
        answer = client.request(ASK, {"method": "new/thing"})["answer"]
    assert answer["error"] == {"code": -32601, "message": "this client does not support new/thing"}


def test_a_turn_is_read_from_its_first_event_to_its_end(connect):
    with connect() as client:
        for order in ({}, {"eventsFirst": True}):
            turn = client.exchange("turn/start", {"deltas": 1000, **order}).turn
            methods = [each.method for each in client.read(turn.read(), PATIENT)]
            assert (methods[0], methods[-1], len(methods)) == ("turn/started", "turn/completed", 1005)
            assert client.wait_for_turn(turn, fake.PATIENT_TURN).final_response == "x" * 1000


def test_a_silent_turn_ends_at_its_deadline_and_the_connection_lives_on(connect):
    with connect() as client:
        turn = client.exchange("turn/start", {"endless": True}).turn
        with pytest.raises(TurnTimeoutError, match=r"silent for 0.05 s"):
            list(client.read(turn.read(), fake.patience(turn, idle_timeout_seconds=0.05)))
        with pytest.raises(TurnTimeoutError, match=r"did not end within 0.05 s"):
            client.wait_for_turn(turn, fake.impatient(turn_timeout_seconds=0.05))
        assert client.request(ECHO, {"a": 1}) == {"a": 1}


def test_a_slow_reader_holds_up_nobody_and_memory_is_bounded(connect):
    with connect() as client:
        slow = client.turn("t").read()
        client.request(FLOOD, {"method": "item/agentMessage/delta", "params": fake.DELTA, "count": 200_000})
        turn = client.exchange("turn/start", {"deltas": 10}).turn
        assert len(list(client.read(turn.read(), PATIENT))) == 15
        assert slow.dropped > 100_000
        assert slow.size_bytes <= slow.limit_bytes


def test_unread_notifications_are_dropped_and_counted(connect):
    with connect() as client:
        client.request(FLOOD, {"method": "fake/note", "params": {"a": "x" * 100}, "count": 100_000})
        dropped = client.dropped_notifications
        client.close()
        left = sum(each.method == "fake/note" for each in client.notifications())
    assert dropped > 0
    assert left + dropped >= 100_000


def test_no_notification_in_time_is_a_timeout(connect):
    with connect() as client:
        next_of(client, "fake/heard")
        with pytest.raises(RequestTimeoutError, match=r"no notification within 0.05 s"):
            next(client.notifications(timeout_seconds=0.05))
        client.notify(HELLO)
        assert next(client.notifications(timeout_seconds=None)).method == "fake/heard"


def test_what_is_there_is_told_however_little_time_there_is(connect):
    with connect() as client:
        client.request(FLOOD, {"method": "fake/note", "count": 1000})
        seen = []
        with pytest.raises(RequestTimeoutError):
            for each in client.notifications(timeout_seconds=0):
                seen.append(each.method)  # noqa: PERF401 - the exception would take the list along
        assert seen.count("fake/note") == 1000
