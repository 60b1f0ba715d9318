"""Structured output over the whole client; the same names as in `test_async_output.py`."""

import pytest

from codex_app_server import Codex, OutputMismatch, TurnFailedError, UsageError
from sdk.fake_turns import Answer, wish


@pytest.fixture
def codex(config):
    with Codex(config()) as codex:
        yield codex


def schema_sent(codex):
    told = (each.params.raw for each in codex.client.notifications() if each.method == "fake/asked")
    return next(each["params"] for each in told if each["method"] == "turn/start").get("outputSchema")


def test_a_run_gives_its_output_in_the_type(codex):
    result = codex.thread("h").run(wish(text='{"number": 3}'), output_type=Answer)
    assert (result.output, result.status) == (Answer(3), "completed")
    assert schema_sent(codex)["required"] == ["number"]


def test_a_turn_gives_its_output_in_the_type(codex):
    assert codex.thread("h").turn(wish(text='{"number": 3}'), output_type=Answer).run().output == Answer(3)


def test_a_message_that_does_not_fit_is_told_when_the_output_is_read(codex):
    result = codex.thread("h").run(wish(text="three"), output_type=Answer)
    assert result.final_response == "three"
    with pytest.raises(OutputMismatch, match="is no Answer") as caught:
        _ = result.output
    assert caught.value.raw == "three"
    frames = len(caught.traceback)
    with pytest.raises(OutputMismatch) as caught:
        _ = result.output
    assert len(caught.traceback) == frames


def test_a_failed_turn_reports_its_own_failure(codex):
    result = codex.thread("h").run(
        wish(status="failed", text="three", error={"message": "overloaded"}), output_type=Answer
    )
    assert result.status == "failed"
    with pytest.raises(TurnFailedError, match="overloaded"):
        _ = result.output


def test_a_plain_schema_gives_plain_json_and_nothing_none(codex):
    assert codex.thread("h").run(wish(text="[1]"), output_schema={"type": "array"}).output == [1]
    assert schema_sent(codex) == {"type": "array"}
    assert codex.thread("h").run(wish(text="[1]")).output is None
    assert schema_sent(codex) is None


def test_a_type_without_a_strict_schema_is_refused_before_anything_is_sent(codex):
    with pytest.raises(UsageError, match="any keys"):
        codex.thread("h").run(wish(), output_type=dict[str, int])
    assert codex.thread("h").run(wish(text='{"number": 3}'), output_type=Answer).id == "turn-1"
