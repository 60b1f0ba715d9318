import json
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_app_server import (
    ConnectionClosedError,
    RequestTimeoutError,
    TurnFailedError,
    TurnInterruptedError,
    TurnTimeoutError,
)
from codex_app_server._pace import PAUSE_SECONDS, SMALL_BYTES, Pace
from codex_app_server._patience import Patience, silence_left
from codex_app_server._protocol import Receiver
from codex_app_server._session import Session
from codex_app_server._turns import BEGINNINGS, OpenTurn
from sdk.wire_lines import approval, delta, end, failure, item, notification, usage

MIB = 1024 * 1024


def played(*lines, turn=None, now=1.0):
    turn = turn or OpenTurn("t", MIB)
    turn.receive(Receiver().receive(b"".join(lines)), now)
    return turn


def read(mailbox):
    mailbox.refill()
    events = [mailbox.ready.pop() for _ in range(len(mailbox.ready))]
    return [json.loads(event.line)["params"].get("delta", event.method) for event in events]


def test_a_result_is_what_the_authoritative_events_say():
    lines = (delta("t"), item("t", "a"), usage("t", 1), item("t", "b"), usage("t", 2))
    result = played(*lines, end("t", startedAt=5, completedAt=8, durationMs=2500)).result()
    assert (result.id, result.thread_id, result.status, result.error) == ("t", "h", "completed", None)
    assert [each.text for each in result.items] == ["a", "b"]
    assert result.final_response == "b"
    assert result.usage.total.total_tokens == 2
    assert (result.started_at, result.completed_at, result.duration_seconds) == (5, 8, 2.5)
    assert result.raise_for_status() is result


def test_what_the_server_repeats_counts_once():
    once, again = item("t", "a"), item("t", "a", phase="final_answer")
    assert [each.text for each in played(once, once, again, end("t")).result().items] == ["a", "a"]


def test_a_bare_turn_has_a_result_too():
    result = played(end("t")).result()
    assert (result.items, result.final_response, result.usage, result.duration_seconds) == ([], None, None, None)


@pytest.mark.parametrize("phase", ["commentary", "partial_answer"])
def test_commentary_is_not_the_final_response(phase):
    result = played(item("t", "a", phase="final_answer"), item("t", "b", phase=phase), end("t")).result()
    assert result.final_response == "a"


def test_a_failed_turn_has_the_servers_error():
    error = {"message": "overloaded", "codexErrorInfo": {"httpConnectionFailed": {"httpStatusCode": 500}}}
    result = played(failure("t", "first"), end("t", "failed", error=error)).result()
    assert result.error.message == "overloaded"
    assert result.error.codex_error_info.http_connection_failed.http_status_code == 500
    with pytest.raises(TurnFailedError, match="turn t failed: overloaded") as caught:
        result.raise_for_status()
    assert caught.value.error == result.error


def test_a_failed_turn_without_an_error_has_the_one_told_before():
    assert played(failure("t", "first"), end("t", "failed")).result().error.codex_error_info == "serverOverloaded"


def test_an_error_that_a_retry_got_over_is_no_error():
    assert played(failure("t", "first"), end("t")).result().error is None


def test_an_interrupted_turn_says_so():
    with pytest.raises(TurnInterruptedError, match="interrupted"):
        played(end("t", "interrupted")).result().raise_for_status()


def test_a_status_of_a_newer_server_is_a_failure_that_names_it():
    with pytest.raises(TurnFailedError, match="turn t paused"):
        played(end("t", "paused")).result().raise_for_status()


def test_the_first_reader_has_every_event_and_a_later_one_the_record():
    turn = played(delta("t", "1"), item("t", "a"))
    first, second = turn.read(), turn.read()
    played(delta("t", "2"), end("t"), turn=turn)
    assert read(first) == ["1", "item/completed", "2", "turn/completed"]
    assert read(second) == ["item/completed", "2", "turn/completed"]
    assert first.refill() is False
    assert second.refill() is False
    assert read(turn.read()) == ["item/completed", "turn/completed"]


def test_what_comes_after_the_end_is_given_back():
    events = Receiver().receive(end("t") + delta("t"))
    turn = OpenTurn("t", MIB)
    assert turn.receive(events, 1.0) == events[1:]
    assert turn.receive(events, 2.0) == events
    assert read(turn.read()) == ["turn/completed"]


def test_nothing_is_kept_for_a_reader_that_stopped():
    turn = OpenTurn("t", MIB)
    reader = turn.read()
    turn.stop_reading(reader)
    assert played(delta("t"), turn=turn).size_bytes == 0


def test_all_who_wait_for_the_end_wake_at_it():
    turn, waiters = OpenTurn("t", MIB), [Future(), Future()]
    for waiter in waiters:
        turn.wait(waiter)
    turn.forget(waiters[1])
    played(end("t"), turn=turn)
    assert [waiter.done() for waiter in waiters] == [True, False]
    turn.wait(waiters[1])
    assert waiters[1].result(0) is None


def test_a_lost_connection_ends_the_wait_but_not_a_recorded_result():
    turn, waiter = OpenTurn("t", MIB), Future()
    turn.wait(waiter)
    turn.close(ConnectionClosedError("gone"))
    assert isinstance(waiter.exception(0), ConnectionClosedError)
    finished = played(end("t"))
    finished.close(ConnectionClosedError("gone"))
    assert finished.result().status == "completed"
    assert read(finished.read()) == ["turn/completed"]


def test_patience_ends_with_the_turns_deadline():
    turn = OpenTurn("t", MIB)
    patience = Patience(10.0, None, 100.0)
    assert patience.left(turn, 0, 104.0) == 6.0
    with pytest.raises(TurnTimeoutError, match="turn t did not end within 10 s"):
        patience.left(turn, 0, 110.0)


def test_patience_ends_with_silence_and_each_event_breaks_it():
    turn = OpenTurn("t", MIB)
    patience = Patience(None, 10.0, 100.0)
    played(delta("t"), turn=turn, now=105.0)
    assert patience.left(turn, 0, 114.0) == 1.0
    with pytest.raises(TurnTimeoutError, match="turn t was silent for 10 s"):
        patience.left(turn, 0, 115.0)


def test_patience_without_deadlines_is_endless():
    assert Patience(None, None, 0.0).left(OpenTurn("t", MIB), 0, 1e9) is None


@given(st.floats(0, 100), st.floats(0, 100))
def test_patience_never_waits_past_either_deadline(turn_timeout, idle_timeout):
    turn = OpenTurn("t", MIB)
    patience = Patience(turn_timeout, idle_timeout, 0.0)
    now = 0.0
    for _ in range(5):
        try:
            left = patience.left(turn, 0, now)
        except TurnTimeoutError:
            break
        now += left
    assert now <= min(turn_timeout, idle_timeout)


def test_silence_is_counted_from_the_last_notification():
    assert silence_left(None, 0.0, 1e9) is None
    assert silence_left(5.0, 100.0, 102.0) == 3.0
    with pytest.raises(RequestTimeoutError, match="no notification within 5 s"):
        silence_left(5.0, 100.0, 105.1)


def test_only_small_reads_in_quick_succession_are_paced_and_only_while_nobody_is_in_a_hurry():
    pace = Pace()
    assert pace.pause_seconds(100, 10.0, hurried=False, pressed=False) == 0
    assert pace.pause_seconds(100, 10.001, hurried=False, pressed=False) == PAUSE_SECONDS
    assert pace.pause_seconds(100, 10.002, hurried=True, pressed=False) == 0
    assert pace.pause_seconds(SMALL_BYTES, 10.003, hurried=False, pressed=False) == 0
    assert pace.pause_seconds(100, 10.1, hurried=False, pressed=False) == 0


def test_a_reader_that_cannot_keep_up_is_given_a_pause():
    pace = Pace()
    assert pace.pause_seconds(10**6, 10.0, hurried=False, pressed=True) == PAUSE_SECONDS
    assert pace.pause_seconds(10**6, 20.0, hurried=True, pressed=True) == 0


def test_who_reads_after_the_end_or_after_the_loss_hears_of_it():
    over, lost = played(end("t")), OpenTurn("t", MIB)
    lost.close(ConnectionClosedError("gone"))
    for turn in (over, lost):
        turn.read()
    late, too_late = over.read(), lost.read()
    assert read(late) == ["turn/completed"]
    assert late.refill() is False
    with pytest.raises(ConnectionClosedError, match="gone"):
        too_late.refill()


def test_the_record_has_the_beginning_and_of_each_usage_the_newest():
    beginning = notification("turn/started", threadId="h", turn={"id": "t"})
    turn = played(beginning, usage("t", 1), delta("t"), usage("t", 2))
    assert [event.method for event in turn.record] == ["turn/started", "thread/tokenUsage/updated"]
    assert b'"totalTokens": 2' in turn.record[1].line


def test_the_newest_beginnings_of_items_are_kept_until_the_end():
    assert BEGINNINGS == 32
    began = [notification("item/started", threadId="h", turnId="t", item={"id": str(number)}) for number in range(33)]
    turn = played(*began)
    assert [event.line + b"\n" for event in turn.started] == began[1:]
    assert not turn.record
    played(end("t"), turn=turn)
    assert not turn.started


def test_a_delta_wakes_nobody_who_waits_for_the_beginning_or_the_end():
    turn, waiter = OpenTurn("t", MIB), Future()
    turn.wait(waiter)
    played(delta("t"), turn=turn)
    assert not waiter.done()


def test_the_beginning_wakes_who_waits_as_well():
    turn, waiter = OpenTurn("t", MIB), Future()
    turn.wait(waiter)
    played(item("t", "a"), turn=turn)
    assert waiter.done()
    turn.wait(again := Future())
    assert not again.done()


@pytest.mark.parametrize("ended", ["answered", "resolved"])
def test_while_the_server_waits_for_an_answer_it_is_not_the_server_that_is_silent(ended):
    session = Session()
    patience, turn = Patience(None, 2, since=0.0), session.turn("t")
    [asked] = session.receive(approval(7, "t"), 1.0)
    assert patience.left(turn, 0.0, 100.0) == 2
    if ended == "answered":
        session.answer(asked, b"{}\n", 100.5)
    else:
        session.receive(notification("serverRequest/resolved", threadId="h", requestId=7), 100.5)
    assert patience.left(turn, 0.0, 101.5) == 1
    with pytest.raises(TurnTimeoutError, match="was silent for 2 s"):
        patience.left(turn, 0.0, 102.5)


def test_each_answer_that_is_waited_for_counts():
    session = Session()
    turn = session.turn("t")
    first, again, other = session.receive(approval(7, "t") + approval(7, "t") + approval(8, "t"), 1.0)
    assert (first.resolved, turn.unanswered) == (True, 2)
    session.answer(again, b"{}\n", 2.0)
    session.answer(first, b"{}\n", 2.0)
    assert turn.unanswered == 1
    session.receive(end("t"), 3.0)
    assert (other.resolved, turn.unanswered) == (True, 0)


def test_the_whole_turns_deadline_passes_while_the_server_waits_for_an_answer():
    session = Session()
    turn = session.turn("t")
    session.receive(approval(7, "t"), 1.0)
    with pytest.raises(TurnTimeoutError, match="did not end within 5 s"):
        Patience(5, 2, since=0.0).left(turn, 0.0, 6.0)


def test_a_reader_that_is_slow_is_not_the_server_that_is_silent():
    session = Session()
    turn = session.turn("t")
    session.receive(delta("t"), 1.0)
    patience = Patience(None, 2, since=0.0)
    assert patience.left(turn, 9.0, 10.0) == 1
    with pytest.raises(TurnTimeoutError, match="was silent for 2 s"):
        patience.left(turn, 9.0, 11.5)
