"""Structured output from the real server; the same names as in `test_async_output.py`."""

import pytest

from codex_app_server import OutputMismatch, TurnFailedError
from e2e.sdk.outcomes import ANSWERS, Answer, format_of
from model_replies import refuses, says

pytestmark = pytest.mark.real


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_schema_reaches_the_model_and_its_answer_the_type(codex, model, kind):
    output_type, schema, text, value = ANSWERS[kind]
    model.replies(says(text))
    result = codex.thread_start().run("hi", output_type=output_type)
    assert format_of(model.requests[0]) == {
        "type": "json_schema",
        "strict": True,
        "name": "codex_output_schema",
        "schema": schema,
    }
    assert (result.output, result.final_response) == (value, text)


def test_the_schema_is_for_one_turn_alone(codex, model):
    thread = codex.thread_start()
    model.replies(says('{"number": 3}'))
    assert thread.turn("hi", output_type=Answer).run().output == Answer(3)
    assert thread.run("again").output is None
    assert [format_of(request) is None for request in model.requests] == [False, True]


def test_an_answer_that_does_not_fit_is_a_mismatch_and_the_thread_goes_on(codex, model):
    thread = codex.thread_start()
    model.replies(says("I would rather not."), says('{"number": 3}'))
    with pytest.raises(OutputMismatch) as caught:
        _ = thread.run("hi", output_type=Answer).output
    assert caught.value.raw == "I would rather not."
    assert thread.run("please", output_type=Answer).output == Answer(3)


def test_a_turn_that_failed_is_no_mismatch(codex, model):
    model.replies(refuses(500))
    result = codex.thread_start().run("hi", output_type=Answer)
    assert result.status == "failed"
    with pytest.raises(TurnFailedError):
        _ = result.output
