import json
import pickle
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_app_server import ConnectionClosedError, ServerBusyError, UsageError
from codex_app_server._asked import Asked
from codex_app_server._known_turns import FINISHED_TURNS, UNCLAIMED_TURNS
from codex_app_server._protocol import Fault
from codex_app_server._session import WINDOW, Session
from sdk.wire_lines import answer, call, delta, end, item, notification, refusal

NOW = 1.0


def ask(session, count=1, method="a/b"):
    """So many requests; their ids and waiters."""
    waiters = {}
    for _ in range(count):
        waiter = Future()
        waiters[session.request(method, None, waiter)] = waiter
    return waiters


def sent(session):
    """The ids of the requests that have just been sent."""
    return [json.loads(line)["id"] for line in session.data_to_send().splitlines()]


def texts(mailbox):
    mailbox.refill()
    events = [mailbox.ready.pop() for _ in range(len(mailbox.ready))]
    return [json.loads(event.line)["params"].get("delta", event.method) for event in events]


@given(st.permutations(range(1, 8)), st.data())
def test_each_answer_reaches_its_own_waiter_in_any_order(order, data):
    session = Session()
    waiters = ask(session, len(order))
    stream = b"".join(answer(request_id, n=request_id) for request_id in order)
    cut = data.draw(st.integers(0, len(stream)))
    assert session.receive(stream[:cut], NOW) + session.receive(stream[cut:], NOW) == []
    for request_id, waiter in waiters.items():
        assert json.loads(waiter.result(0).line)["result"] == {"n": request_id}


def test_at_most_a_window_of_requests_is_in_flight_and_the_rest_follow_in_order():
    session = Session()
    ids = list(ask(session, 3 * WINDOW))
    assert sent(session) == ids[:WINDOW]
    session.receive(answer(ids[5]) + answer(ids[3]), NOW)
    assert sent(session) == ids[WINDOW : WINDOW + 2]


def test_who_gets_an_answer_is_not_kept_from_asking_for_more():
    session = Session()
    (request_id,) = ask(session)
    session.receive(answer(request_id), NOW)
    assert session.hurried
    session.receive(notification("some/thing"), NOW)
    assert not session.hurried


def test_a_request_forgotten_while_queued_is_never_sent():
    session = Session(window=1)
    first, second, third = ask(session, 3)
    session.forget(second)
    session.receive(answer(first), NOW)
    assert sent(session) == [first, third]


def test_a_request_forgotten_in_flight_frees_its_slot_and_its_late_answer_is_dropped():
    session = Session(window=1)
    waiters = ask(session, 2)
    first, second = waiters
    session.forget(first)
    assert sent(session) == [first, second]
    (fault,) = session.receive(answer(first), NOW)
    assert fault.reason == "a late or second answer"
    assert not waiters[first].done()
    assert session.receive(answer(second), NOW) == []
    assert waiters[second].done()


def test_a_waiter_that_was_cancelled_is_let_be():
    session = Session()
    ((request_id, waiter),) = ask(session).items()
    waiter.cancel()
    assert session.receive(answer(request_id), NOW) == []


def test_an_answer_to_nothing_is_a_fault():
    session = Session()
    faults = session.receive(answer(1) + answer("x") + answer(0), NOW)
    assert [fault.reason for fault in faults] == ["an answer to a request that was never made"] * 3


def test_a_refusal_is_an_error_of_its_class_with_the_method():
    session = Session()
    ((request_id, waiter),) = ask(session, method="thread/read").items()
    session.receive(refusal(request_id, -32001, "busy", {"a": 1}), NOW)
    error = waiter.exception(0)
    assert isinstance(error, ServerBusyError)
    assert (error.method, error.code, error.message, error.data) == ("thread/read", -32001, "busy", {"a": 1})


def test_params_that_cannot_be_sent_take_no_slot():
    session = Session(window=1)
    with pytest.raises(UsageError):
        session.request("a/b", {"x": "\ud800"}, Future())
    ids = list(ask(session))
    assert sent(session) == ids


def test_calls_and_faults_are_left_to_the_shell_in_order():
    left = Session().receive(call(0, "x/y") + b"garbage\n" + call("s", "z"), NOW)
    assert [type(each) for each in left] == [Asked, Fault, Asked]
    assert [left[0].call.id, left[2].call.id] == [0, "s"]


def test_notifications_without_a_turn_go_to_the_connection():
    session = Session()
    session.receive(notification("skills/changed") + delta("t") + notification("configWarning", summary="s"), NOW)
    assert texts(session.notifications) == ["skills/changed", "configWarning"]


def test_a_turn_has_its_events_from_before_the_answer_that_names_it():
    session = Session()
    ((request_id, waiter),) = ask(session, method="turn/start").items()
    session.receive(delta("t", "1") + delta("other"), NOW)
    session.receive(delta("t", "2") + answer(request_id, turn={"id": "t"}) + delta("t", "3") + end("t"), NOW)
    turn = waiter.result(0).turn
    assert texts(turn.read()) == ["1", "2", "3", "turn/completed"]


def test_an_answer_holds_its_turn_however_many_end_before_it_is_looked_at():
    session = Session()
    ((request_id, waiter),) = ask(session, method="turn/start").items()
    session.receive(answer(request_id, turn={"id": "t"}) + delta("t", "1") + end("t"), NOW)
    for number in range(2 * FINISHED_TURNS):
        session.receive(delta(f"n{number}") + end(f"n{number}"), NOW)
    assert texts(waiter.result(0).turn.read()) == ["1", "turn/completed"]


def test_a_turn_that_is_over_is_remembered():
    session = Session()
    session.receive(item("t", "hello") + end("t"), NOW)
    assert session.turn("t").result().final_response == "hello"


def test_what_a_turn_says_after_its_end_goes_to_the_connection():
    session = Session()
    session.receive(end("t") + notification("hook/completed", turnId="t"), NOW)
    session.receive(notification("hook/completed", turnId="t"), NOW)
    assert texts(session.notifications) == ["hook/completed", "hook/completed"]


def test_turns_that_nobody_holds_are_few_and_those_held_are_kept():
    session = Session()
    held = session.turn("held")
    for number in range(10 * UNCLAIMED_TURNS):
        session.receive(delta(f"n{number}"), NOW)
    assert len(session._turns.running) == UNCLAIMED_TURNS + 1  # noqa: SLF001 - memory has no public face
    session.receive(end("held"), NOW)
    assert held.over


def test_finished_turns_are_few():
    session = Session()
    for number in range(3 * FINISHED_TURNS):
        session.receive(item(f"n{number}", "x" * 1000) + end(f"n{number}"), NOW)
    assert len(session._turns._finished) == FINISHED_TURNS  # noqa: SLF001 - as above


def test_closing_wakes_everybody_with_an_error_of_their_own():
    session = Session(window=1)
    waiters = list(ask(session, 2).values())
    turn, mailbox_waiter, turn_waiter = session.turn("t"), Future(), Future()
    turn.wait(turn_waiter)
    session.notifications.wait(mailbox_waiter)
    session.close(ConnectionClosedError("gone", exit_code=3))
    session.close(ConnectionClosedError("later"))
    errors = [waiter.exception(0) for waiter in [*waiters, turn_waiter]]
    assert [str(error) for error in errors] == ["gone"] * 3
    assert len({id(error) for error in errors}) == 3
    assert mailbox_waiter.done()
    for attempt in (lambda: ask(session), lambda: session.send(b""), session.notifications.refill, turn.read().refill):
        with pytest.raises(ConnectionClosedError, match="gone"):
            attempt()


def test_what_came_before_the_end_can_still_be_read():
    session = Session()
    session.receive(notification("skills/changed") + delta("t"), NOW)
    session.close(ConnectionClosedError("gone"))
    assert texts(session.notifications) == ["skills/changed"]
    assert texts(session.turn("t").read()) == ["x"]


def test_an_orderly_close_just_ends_the_notifications():
    session = Session()
    session.close(ConnectionClosedError("closed"), orderly=True)
    assert session.notifications.refill() is False


def test_a_turn_asked_for_after_the_end_does_not_wait():
    session = Session()
    session.close(ConnectionClosedError("gone"))
    waiter = Future()
    session.turn("t").wait(waiter)
    assert pickle.loads(pickle.dumps(waiter.exception(0))).args == ("gone",)
