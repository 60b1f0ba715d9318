"""Turns on the real server; the same names as in `test_async_turns.py`."""

import pytest

from codex_app_server import InvalidRequestError, TurnFailedError, TurnTimeoutError
from e2e.sdk.outcomes import DELTA, FAILURES, SCHEMA, WHOLE_TURN, deltas_of
from model_replies import Gate, says

pytestmark = pytest.mark.real


def test_a_turn_runs_to_its_result(codex, model):
    model.replies(says("Hello", " you"))
    result = codex.thread_start().run("hi")
    assert (result.status, result.error, result.final_response) == ("completed", None, "Hello you")
    assert [item.type for item in result.items] == ["userMessage", "agentMessage"]
    assert (result.usage.last.total_tokens, result.usage.last.cached_input_tokens) == (18, 3)
    assert result.started_at <= result.completed_at
    assert result.duration_seconds >= 0
    assert model.requests[0].texts[-1] == "hi"


def test_a_stream_has_the_whole_turn_in_order(codex, model):
    model.replies(says(*"abcdefgh"))
    turn = codex.thread_start().turn("hi")
    events = list(turn.stream())
    assert [event.method for event in events if event.method != DELTA] == WHOLE_TURN
    assert deltas_of(events) == [*"abcdefgh"]
    assert events[0].params.turn.id == events[-1].params.turn.id == turn.id
    assert turn.run().final_response == "abcdefgh"


def test_deltas_come_while_the_model_still_speaks(codex, model):
    gate = Gate()
    model.replies(says("before", gate, "after"))
    events = codex.thread_start().turn("hi").stream()
    assert next(event for event in events if event.method == DELTA).params.delta == "before"
    gate.open()
    assert deltas_of(events) == ["after"]


def test_turns_of_several_threads_do_not_mix(codex, model):
    gates = {text: Gate() for text in ("one", "two", "three")}
    model.answers_all = lambda request: says(request.texts[-1], gates[request.texts[-1]], "!")
    turns = {text: codex.thread_start().turn(text) for text in gates}
    for gate in gates.values():
        gate.wait_until_reached()
    for text, turn in reversed(turns.items()):
        gates[text].open()
        assert deltas_of(turn.stream()) == [text, "!"]


def test_a_second_turn_is_folded_into_the_running_one(codex, model):
    gate, thread = Gate(), codex.thread_start()
    model.replies(says("one", gate), says("two"))
    first = thread.turn("first")
    gate.wait_until_reached()
    second = thread.turn("second")
    assert first.id == second.id
    gate.open()
    assert [list(turn.stream())[-1].method for turn in (first, second)] == ["turn/completed"] * 2
    assert first.run() == second.run()
    assert first.run().final_response == "two"


def test_steering_reaches_the_model_in_the_same_turn(codex, model):
    gate = Gate()
    model.replies(says("one", gate), says("two"))
    turn = codex.thread_start().turn("go")
    gate.wait_until_reached()
    turn.steer("turn left")
    gate.open()
    assert turn.run().final_response == "two"
    assert model.requests[1].texts[-2:] == ["go", "turn left"]


def test_steering_a_turn_that_is_over_is_refused(codex):
    turn = codex.thread_start().turn("hi")
    turn.run()
    with pytest.raises(InvalidRequestError, match="no active turn"):
        turn.steer("more")


def test_an_interrupted_turn_ends_so(codex, model):
    gate, thread = Gate(), codex.thread_start()
    model.replies(says("one", gate, "two"))
    turn = thread.turn("hi")
    gate.wait_until_reached()
    turn.interrupt()
    assert turn.run().status == "interrupted"
    turn.interrupt()
    assert thread.run("again").final_response == "echo: again"


def test_a_turn_that_has_only_just_been_asked_for_can_be_interrupted(codex, model):
    model.answers_all = lambda _: says("one", Gate(), "two")
    for _ in range(5):
        turn = codex.thread_start().turn("hi")
        turn.interrupt()
        assert turn.run().status == "interrupted"


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_of_the_models_is_a_failed_turn_with_its_reason(codex, model, failure):
    reply, message, information = FAILURES[failure]
    model.replies(reply)
    thread = codex.thread_start()
    result = thread.run("hi")
    assert result.status == "failed"
    assert message in result.error.message
    assert information(result.error.codex_error_info)
    with pytest.raises(TurnFailedError, match="failed: "):
        result.raise_for_status()
    assert thread.run("again").status == "completed"


def test_a_silent_model_runs_into_the_deadline_and_the_turn_is_interrupted(codex, model):
    gate, thread = Gate(), codex.thread_start()
    model.replies(says("one", gate, "two"))
    turn = thread.turn("hi")
    gate.wait_until_reached()
    with pytest.raises(TurnTimeoutError, match=r"silent for 0.2 s"):
        turn.run(idle_timeout_seconds=0.2)
    assert turn.run().status == "interrupted"
    assert thread.run("again").status == "completed"


def test_an_output_schema_reaches_the_model(codex, model):
    codex.thread_start().run("hi", output_schema=SCHEMA)
    assert model.requests[0].body["text"]["format"]["schema"] == SCHEMA
    assert model.requests[0].body["text"]["format"]["strict"] is True
