"""What the session forgets at a loss, and what it sends, tells and keeps to itself at other times."""

from concurrent.futures import Future

import pytest

from codex_app_server import ConnectionClosedError
from codex_app_server._sequel import Sequel
from codex_app_server._session import UNREAD_BYTES, WINDOW, Session
from sdk.wire_lines import answer, approval, call, delta, end, notification

NOW = 1.0
LOSS = ConnectionClosedError("lost")
BEGUN = notification("item/started", threadId="h", turnId="t", item={"type": "agentMessage", "id": "i", "text": ""})


def test_a_new_session_is_in_no_hurry_and_under_no_pressure():
    session = Session()
    assert (session.hurried, session.pressed, session.lost, session.closed) == (False, False, None, None)


def test_the_server_is_asked_no_more_than_it_takes():
    assert WINDOW == 120
    assert UNREAD_BYTES == 8 * 1024 * 1024


def test_a_notification_is_sent_as_it_is():
    session = Session()
    session.send(b"one\n")
    session.send(b"two\n")
    assert session.data_to_send() == b"one\ntwo\n"
    assert session.data_to_send() == b""


def test_an_answer_is_sent_once():
    session, told = Session(), []
    [asked] = session.receive(call(7, "item/tool/call"), NOW)
    asked.stop = lambda *, answered: told.append(answered)
    session.answer(asked, b"answer\n", NOW)
    session.answer(asked, b"answer\n", NOW)
    assert session.data_to_send() == b"answer\n"
    assert told == [True]


def test_an_answer_that_nobody_waits_for_any_more_is_not_sent():
    session = Session()
    [asked] = session.receive(call(7, "item/tool/call"), NOW)
    session.receive(notification("serverRequest/resolved", threadId="h", requestId=7), NOW)
    session.answer(asked, b"answer\n", NOW)
    assert session.data_to_send() == b""


def test_a_request_of_a_turn_counts_in_it_and_knows_what_has_begun():
    session = Session()
    turn = session.turn("t")
    [asked, other] = session.receive(BEGUN + approval(1, "t") + call(2, "x/y"), NOW)
    assert turn.unanswered == 1
    assert [event.line + b"\n" for event in asked.started] == [BEGUN]
    assert other.started == ()
    session.answer(asked, b"answer\n", NOW)
    assert turn.unanswered == 0


def test_what_comes_after_the_end_is_not_even_looked_at():
    session = Session()
    session.close(ConnectionClosedError("gone"))
    assert session.receive(call(1, "x/y") + delta("t"), NOW) == []


def test_a_reader_that_falls_behind_presses_until_the_next_thing_comes():
    session = Session()
    line = notification("some/thing", text="x" * 1_000_000)
    for _ in range(5):
        session.receive(line, NOW)
    assert session.pressed
    session.receive(delta("t"), NOW)
    assert not session.pressed


def test_a_turn_whose_reader_falls_behind_presses_too():
    session = Session()
    session.receive(delta("t", "x" * 300_000), NOW)
    assert session.pressed is True


def test_the_end_of_a_turn_ends_what_was_asked_in_it():
    session = Session()
    [asked, other] = session.receive(approval(1, "t") + approval(2, "other"), NOW)
    session.receive(end("t"), NOW)
    assert (asked.resolved, other.resolved) == (True, False)


def test_after_the_end_nothing_is_sent_and_nobody_is_asked():
    session = Session()
    [asked] = session.receive(approval(1, "t"), NOW)
    session.send(b"too late\n")
    session.close(ConnectionClosedError("gone"))
    assert asked.resolved
    assert session.data_to_send() == b""


def test_a_loss_takes_half_a_line_and_what_was_not_sent_with_it():
    session = Session()
    request_id = session.request("a/b", None, Future())
    session.receive(answer(request_id)[:5], NOW)
    session.send(b"too late\n")
    assert session.lose(LOSS) is True
    assert session.lost is LOSS
    assert session.data_to_send() == b""
    assert session.receive(notification("skills/changed"), NOW) == []  # no garbage with the half line before it


def test_a_loss_ends_what_the_server_asked_and_what_was_awaited_from_it():
    session, told, waiter = Session(), [], Future()
    [asked] = session.receive(call(7, "item/tool/call"), NOW)
    asked.stop = lambda *, answered: told.append(answered)
    sequel = Sequel(frozenset({"some/thing"}), lambda _line, event: event)
    session.request("a/b", None, Future(), sequel)
    sequel.wait(waiter)
    session.lose(LOSS)
    assert told == [False]
    assert str(waiter.exception(0)) == "lost"


def test_a_second_loss_is_no_news_and_one_after_the_end_is_none():
    session = Session()
    assert session.lose(LOSS) is True
    assert session.lose(ConnectionClosedError("again")) is False
    session.close(ConnectionClosedError("gone"))
    assert session.lose(LOSS) is False


def test_a_request_that_was_lost_takes_no_place_among_those_that_follow():
    session = Session(window=1)
    session.request("a/b", None, Future())
    session.lose(LOSS)
    assert session.restore(LOSS)
    session.request("c/d", None, Future())
    assert b"c/d" in session.data_to_send()


def test_only_the_loss_that_was_mended_is_over():
    session = Session()
    session.lose(LOSS)
    again = ConnectionClosedError("again")
    session.lose(again)
    assert session.restore(LOSS) is False
    assert session.restore(None) is False
    assert session.restore(again) is True
    assert session.lost is None
    assert session.restore(None) is False


def test_a_thread_that_was_lost_takes_no_work():
    session = Session()
    session.threads.lose("h", ConnectionClosedError("no"))
    with pytest.raises(ConnectionClosedError, match="thread h was lost"):
        session.request("turn/start", {"threadId": "h"}, Future())
    session.request("turn/start", {"threadId": "other"}, Future())
