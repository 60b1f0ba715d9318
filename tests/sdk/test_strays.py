"""Turns whose start nobody waited for: the server is told to stop them."""

import json
from concurrent.futures import Future

import pytest

from codex_app_server import ConnectionClosedError
from codex_app_server._session import Session
from codex_app_server._strays import KEPT, Nobody
from sdk.wire_lines import answer, end, notification, refusal

NOW = 1.0
INPUT = {"threadId": "h", "input": []}


def begin(session, **params):
    """A request for a turn, on its way; its id and its waiter."""
    waiter = Future()
    request_id = session.request("turn/start", INPUT | params, waiter)
    session.data_to_send()
    return request_id, waiter


def named(request_id, turn_id="t"):
    return answer(request_id, turn={"id": turn_id, "items": [], "status": "inProgress"})


def started(turn_id="t"):
    return notification("turn/started", threadId="h", turn={"id": turn_id, "items": [], "status": "inProgress"})


def interrupted(session):
    """The params of each interruption that has just been sent."""
    messages = map(json.loads, session.data_to_send().splitlines())
    return [message["params"] for message in messages if message["method"] == "turn/interrupt"]


STOP = {"threadId": "h", "turnId": "t"}


def test_it_is_interrupted_when_it_is_named_and_again_when_it_begins():
    session = Session()
    request_id, _ = begin(session)
    session.forget(request_id)
    assert interrupted(session) == []
    assert session.receive(named(request_id), NOW) == []
    assert interrupted(session) == [STOP]
    session.receive(started(), NOW)
    assert interrupted(session) == [STOP]
    session.receive(end("t", "interrupted"), NOW)
    assert interrupted(session) == []


def test_what_the_server_says_to_that_is_of_no_interest():
    session = Session()
    request_id, _ = begin(session)
    session.forget(request_id)
    session.receive(named(request_id) + started(), NOW)
    ids = [json.loads(line)["id"] for line in session.data_to_send().splitlines()]
    assert session.receive(refusal(ids[0], -32600, "no active turn") + answer(ids[1]), NOW) == []


def test_an_answer_that_comes_while_its_waiter_gives_up_names_one_as_well():
    session = Session()
    request_id, waiter = begin(session)
    waiter.cancel()
    session.receive(named(request_id), NOW)
    session.forget(request_id)
    assert interrupted(session) == [STOP]


def test_an_answer_whose_caller_gave_up_before_reading_it_names_one_as_well():
    session = Session()
    request_id, waiter = begin(session)
    session.receive(named(request_id), NOW)
    session.disown(waiter.result(0), "turn/start", INPUT)
    assert interrupted(session) == [STOP]
    session.receive(started(), NOW)
    assert interrupted(session) == [STOP]


@pytest.mark.parametrize(("method", "params"), [("turn/steer", INPUT), ("turn/start", {}), ("turn/start", None)])
def test_what_is_not_read_of_another_kind_of_answer_makes_none(method, params):
    session = Session()
    request_id, waiter = begin(session)
    session.receive(named(request_id), NOW)
    session.disown(waiter.result(0), method, params)
    assert interrupted(session) == []


def test_an_answer_that_is_not_read_interrupts_no_turn_that_somebody_else_holds():
    session = Session()
    (first, _), (second, waiter) = begin(session), begin(session)
    session.receive(named(first) + named(second), NOW)
    session.disown(waiter.result(0), "turn/start", INPUT)
    assert interrupted(session) == []


def test_a_closed_session_interrupts_nothing():
    session = Session()
    request_id, waiter = begin(session)
    session.receive(named(request_id), NOW)
    session.close(ConnectionClosedError("closed"))
    session.disown(waiter.result(0), "turn/start", INPUT)
    assert session.data_to_send() == b""


def test_a_turn_that_somebody_holds_goes_on():
    session = Session()
    kept, waiter = begin(session)
    session.receive(named(kept), NOW)
    assert waiter.result(0).turn.turn_id == "t"
    folded, _ = begin(session)
    session.forget(folded)
    session.receive(named(folded) + started(), NOW)
    assert interrupted(session) == []


def test_one_that_was_never_sent_has_no_turn():
    session = Session(window=1)
    begin(session)
    queued, _ = begin(session)
    session.forget(queued)
    session.receive(named(1), NOW)
    assert session.data_to_send() == b""


@pytest.mark.parametrize("method", ["thread/read", "turn/steer"])
def test_only_a_start_makes_one(method):
    session = Session()
    request_id = session.request(method, INPUT, Future())
    session.forget(request_id)
    session.data_to_send()
    assert len(session.receive(named(request_id), NOW)) == 1
    assert interrupted(session) == []


@pytest.mark.parametrize("params", [None, [], {}, {"threadId": 1}])
def test_a_start_that_names_no_thread_makes_none(params):
    session = Session()
    request_id = session.request("turn/start", params, Future())
    session.forget(request_id)
    session.data_to_send()
    session.receive(named(request_id), NOW)
    assert interrupted(session) == []


def test_a_refused_start_makes_none():
    session = Session()
    request_id, _ = begin(session)
    session.forget(request_id)
    session.receive(refusal(request_id, -32600), NOW)
    assert interrupted(session) == []


def test_nobody_waits_for_what_the_server_says_to_an_interruption():
    assert Nobody().done() is True


def test_only_the_newest_are_remembered():
    assert KEPT == 128
    session = Session(window=KEPT + 1)
    for request_id in [begin(session)[0] for _ in range(KEPT + 1)]:
        session.forget(request_id)
    session.receive(named(1, "first") + named(KEPT + 1), NOW)
    assert interrupted(session) == [STOP]
