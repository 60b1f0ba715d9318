from concurrent.futures import Future

import msgspec
import pytest

from codex_app_server import ConnectionClosedError
from codex_app_server._session import Session
from sdk.gaps import END, ITEMS, OF, completed, thread, turn

NOW = 1.0
LOSS = ConnectionClosedError("lost")


def line(**message):
    return msgspec.json.encode(message) + b"\n"


def session_in_a_gap(*told, threads=("h",)):
    """A session that was lost after it had heard these notifications of turn t."""
    session = Session()
    for thread_id in threads:
        started = session.request("thread/start", {}, Future())
        session.receive(line(id=started, result=thread(thread_id=thread_id)), NOW)
    session.turn("t")
    for each in told:
        session.receive(line(**each), NOW)
    session.data_to_send()
    assert session.lose(LOSS)
    return session


def resume(session, result, *after, loss=LOSS):
    """The answer to `thread/resume`, and what comes in the same breath."""
    asked = session.request("thread/resume", session.resumption("h"), Future(), urgent=loss)
    session.receive(b"".join([line(id=asked, result=result), *(line(**each) for each in after)]), NOW)


def test_items_that_were_heard_are_not_told_again():
    session = session_in_a_gap(completed(ITEMS[0]))
    resume(session, thread(turn("completed", ITEMS)))
    assert [item.id for item in session.turn("t").result().items] == ["u", "m"]


def test_what_was_missed_is_told_as_if_it_had_come():
    session, untimed = session_in_a_gap(), {"type": "agentMessage", "id": "x", "text": ""}
    resume(session, thread(turn("completed", [ITEMS[1], untimed])))
    record = session.turn("t").record
    assert not any(event.line.endswith(b"\n") for event in record)
    assert [msgspec.json.decode(event.line) for event in record] == [
        {"method": "item/completed", "params": {**OF, "item": ITEMS[1], "completedAtMs": 2}},
        {"method": "item/completed", "params": {**OF, "item": untimed, "completedAtMs": 0}},
        {"method": "turn/completed", "params": {"threadId": "h", "turn": turn("completed", [ITEMS[1], untimed])}},
    ]


def test_items_of_one_id_are_counted():
    session = session_in_a_gap(completed(ITEMS[1]))
    resume(session, thread(turn("completed", [ITEMS[1], {**ITEMS[1], "text": "again"}])))
    assert session.turn("t").result().final_response == "again"


def test_what_follows_at_once_comes_after_what_was_missed():
    session = session_in_a_gap()
    resume(session, thread(turn("inProgress", ITEMS[:1])), completed(ITEMS[1]), END)
    assert [item.id for item in session.turn("t").result().items] == ["u", "m"]


@pytest.mark.parametrize("answer", [{}, {"thread": 1}, {"thread": {"id": "h", "turns": [1]}}, {"thread": {"id": "h"}}])
def test_an_answer_that_tells_nothing_loses_the_turn(answer):
    session, waiter = session_in_a_gap(), Future()
    session.turn("t").wait(waiter)
    resume(session, answer)
    assert session.restore(LOSS)
    assert str(waiter.exception(0)) == "lost"


def test_a_turn_that_is_told_to_run_still_is_not_lost():
    session, waiter = session_in_a_gap(), Future()
    session.turn("t").wait(waiter)
    resume(session, thread(turn("inProgress")))
    assert session.restore(LOSS)
    assert not waiter.done()


def test_turns_are_asked_for_only_when_one_was_running():
    session = session_in_a_gap(END)
    assert session.resumption("h") == {"threadId": "h", "excludeTurns": True}
    assert session_in_a_gap().resumption("h") == {"threadId": "h", "excludeTurns": False}


def test_requests_wait_for_the_return_and_urgent_ones_do_not():
    session = session_in_a_gap()
    session.request("a/b", {}, Future())
    assert session.data_to_send() == b""
    session.request("initialize", {}, Future(), urgent=LOSS)
    assert b"initialize" in session.data_to_send()
    assert session.restore(LOSS)
    assert b"a/b" in session.data_to_send()


def test_a_second_loss_makes_the_repair_of_the_first_void():
    session, waiter = session_in_a_gap(), Future()
    session.request("initialize", {}, waiter, urgent=LOSS)
    again = ConnectionClosedError("lost again")
    assert not session.lose(again)
    assert str(waiter.exception(0)) == "lost again"
    with pytest.raises(ConnectionClosedError, match="lost again"):
        session.request("thread/resume", {}, Future(), urgent=LOSS)
    assert not session.restore(LOSS)
    assert session.restore(again)


def test_a_notification_cannot_be_sent_in_the_gap():
    session = session_in_a_gap()
    with pytest.raises(ConnectionClosedError, match="lost"):
        session.send(b"{}\n")
    session.send(b"{}\n", urgent=True)


def test_threads_that_were_left_are_not_resumed():
    session = session_in_a_gap(threads=("h", "i", "j"))
    assert session.restore(LOSS)
    for method, thread_id in (("thread/unsubscribe", "h"), ("thread/archive", "j")):
        asked = session.request(method, {"threadId": thread_id}, Future())
        session.receive(line(id=asked, result={}), NOW)
    assert list(session.threads) == ["i"]


def test_a_closed_session_is_not_lost():
    session = Session()
    session.close(ConnectionClosedError("closed"))
    assert not session.lose(LOSS)
    assert session.lost is None
