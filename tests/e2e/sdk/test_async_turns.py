"""Turns on the real server; the same names as in `test_turns.py`, which is the one to read first."""

import pytest

from codex_app_server import InvalidRequestError, TurnFailedError, TurnTimeoutError
from e2e.sdk.outcomes import DELTA, FAILURES, SCHEMA, WHOLE_TURN, all_of, deltas_of, passing
from model_replies import Gate, says

pytestmark = pytest.mark.real


def test_a_turn_runs_to_its_result(with_codex, model):
    async def work(codex):
        model.replies(says("Hello", " you"))
        result = await (await codex.thread_start()).run("hi")
        assert (result.status, result.error, result.final_response) == ("completed", None, "Hello you")
        assert [item.type for item in result.items] == ["userMessage", "agentMessage"]
        assert (result.usage.last.total_tokens, result.usage.last.cached_input_tokens) == (18, 3)
        assert result.started_at <= result.completed_at
        assert result.duration_seconds >= 0
        assert model.requests[0].texts[-1] == "hi"

    with_codex(work)


def test_a_stream_has_the_whole_turn_in_order(with_codex, model):
    async def work(codex):
        model.replies(says(*"abcdefgh"))
        turn = await (await codex.thread_start()).turn("hi")
        events = await all_of(turn.stream())
        assert [event.method for event in events if event.method != DELTA] == WHOLE_TURN
        assert deltas_of(events) == [*"abcdefgh"]
        assert events[0].params.turn.id == events[-1].params.turn.id == turn.id
        assert (await turn.run()).final_response == "abcdefgh"

    with_codex(work)


def test_deltas_come_while_the_model_still_speaks(with_codex, model):
    async def work(codex):
        gate = Gate()
        model.replies(says("before", gate, "after"))
        events = (await (await codex.thread_start()).turn("hi")).stream()
        async for event in events:
            if event.method == DELTA:
                assert event.params.delta == "before"
                break
        gate.open()
        assert deltas_of(await all_of(events)) == ["after"]

    with_codex(work)


def test_turns_of_several_threads_do_not_mix(with_codex, model):
    async def work(codex):
        gates = {text: Gate() for text in ("one", "two", "three")}
        model.answers_all = lambda request: says(request.texts[-1], gates[request.texts[-1]], "!")
        turns = {text: await (await codex.thread_start()).turn(text) for text in gates}
        for gate in gates.values():
            await passing(gate)
        for text, turn in reversed(turns.items()):
            gates[text].open()
            assert deltas_of(await all_of(turn.stream())) == [text, "!"]

    with_codex(work)


def test_a_second_turn_is_folded_into_the_running_one(with_codex, model):
    async def work(codex):
        gate, thread = Gate(), await codex.thread_start()
        model.replies(says("one", gate), says("two"))
        first = await thread.turn("first")
        await passing(gate)
        second = await thread.turn("second")
        assert first.id == second.id
        gate.open()
        assert [(await all_of(turn.stream()))[-1].method for turn in (first, second)] == ["turn/completed"] * 2
        assert await first.run() == await second.run()
        assert (await first.run()).final_response == "two"

    with_codex(work)


def test_steering_reaches_the_model_in_the_same_turn(with_codex, model):
    async def work(codex):
        gate = Gate()
        model.replies(says("one", gate), says("two"))
        turn = await (await codex.thread_start()).turn("go")
        await passing(gate)
        await turn.steer("turn left")
        gate.open()
        assert (await turn.run()).final_response == "two"
        assert model.requests[1].texts[-2:] == ["go", "turn left"]

    with_codex(work)


def test_steering_a_turn_that_is_over_is_refused(with_codex):
    async def work(codex):
        turn = await (await codex.thread_start()).turn("hi")
        await turn.run()
        with pytest.raises(InvalidRequestError, match="no active turn"):
            await turn.steer("more")

    with_codex(work)


def test_an_interrupted_turn_ends_so(with_codex, model):
    async def work(codex):
        gate, thread = Gate(), await codex.thread_start()
        model.replies(says("one", gate, "two"))
        turn = await thread.turn("hi")
        await passing(gate)
        await turn.interrupt()
        assert (await turn.run()).status == "interrupted"
        await turn.interrupt()
        assert (await thread.run("again")).final_response == "echo: again"

    with_codex(work)


def test_a_turn_that_has_only_just_been_asked_for_can_be_interrupted(with_codex, model):
    async def work(codex):
        model.answers_all = lambda _: says("one", Gate(), "two")
        for _ in range(5):
            turn = await (await codex.thread_start()).turn("hi")
            await turn.interrupt()
            assert (await turn.run()).status == "interrupted"

    with_codex(work)


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_of_the_models_is_a_failed_turn_with_its_reason(with_codex, model, failure):
    async def work(codex):
        reply, message, information = FAILURES[failure]
        model.replies(reply)
        thread = await codex.thread_start()
        result = await thread.run("hi")
        assert result.status == "failed"
        assert message in result.error.message
        assert information(result.error.codex_error_info)
        with pytest.raises(TurnFailedError, match="failed: "):
            result.raise_for_status()
        assert (await thread.run("again")).status == "completed"

    with_codex(work)


def test_a_silent_model_runs_into_the_deadline_and_the_turn_is_interrupted(with_codex, model):
    async def work(codex):
        gate, thread = Gate(), await codex.thread_start()
        model.replies(says("one", gate, "two"))
        turn = await thread.turn("hi")
        await passing(gate)
        with pytest.raises(TurnTimeoutError, match=r"silent for 0.2 s"):
            await turn.run(idle_timeout_seconds=0.2)
        assert (await turn.run()).status == "interrupted"
        assert (await thread.run("again")).status == "completed"

    with_codex(work)


def test_an_output_schema_reaches_the_model(with_codex, model):
    async def work(codex):
        await (await codex.thread_start()).run("hi", output_schema=SCHEMA)
        assert model.requests[0].body["text"]["format"]["schema"] == SCHEMA
        assert model.requests[0].body["text"]["format"]["strict"] is True

    with_codex(work)
