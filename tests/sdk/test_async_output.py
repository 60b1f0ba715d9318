"""Structured output over the whole client; the same names as in `test_output.py`."""

import pytest

from codex_app_server import AsyncCodex, OutputMismatch, TurnFailedError, UsageError
from sdk.fake_turns import Answer, wish


@pytest.fixture
def with_codex(config, run):
    """Runs a coroutine function with an AsyncCodex of the fake server."""

    def with_codex(work):
        async def main():
            async with AsyncCodex(config()) as codex:
                await work(codex)

        run(main())

    return with_codex


async def schema_sent(codex):
    async for each in codex.client.notifications():
        if each.method == "fake/asked" and each.params.raw["method"] == "turn/start":
            return each.params.raw["params"].get("outputSchema")
    raise AssertionError


def test_a_run_gives_its_output_in_the_type(with_codex):
    async def work(codex):
        result = await codex.thread("h").run(wish(text='{"number": 3}'), output_type=Answer)
        assert (result.output, result.status) == (Answer(3), "completed")
        assert (await schema_sent(codex))["required"] == ["number"]

    with_codex(work)


def test_a_turn_gives_its_output_in_the_type(with_codex):
    async def work(codex):
        assert (
            await (await codex.thread("h").turn(wish(text='{"number": 3}'), output_type=Answer)).run()
        ).output == Answer(3)

    with_codex(work)


def test_a_message_that_does_not_fit_is_told_when_the_output_is_read(with_codex):
    async def work(codex):
        result = await codex.thread("h").run(wish(text="three"), output_type=Answer)
        assert result.final_response == "three"
        with pytest.raises(OutputMismatch, match="is no Answer") as caught:
            _ = result.output
        assert caught.value.raw == "three"
        frames = len(caught.traceback)
        with pytest.raises(OutputMismatch) as caught:
            _ = result.output
        assert len(caught.traceback) == frames

    with_codex(work)


def test_a_failed_turn_reports_its_own_failure(with_codex):
    async def work(codex):
        result = await codex.thread("h").run(
            wish(status="failed", text="three", error={"message": "overloaded"}), output_type=Answer
        )
        assert result.status == "failed"
        with pytest.raises(TurnFailedError, match="overloaded"):
            _ = result.output

    with_codex(work)


def test_a_plain_schema_gives_plain_json_and_nothing_none(with_codex):
    async def work(codex):
        assert (await codex.thread("h").run(wish(text="[1]"), output_schema={"type": "array"})).output == [1]
        assert await schema_sent(codex) == {"type": "array"}
        assert (await codex.thread("h").run(wish(text="[1]"))).output is None
        assert await schema_sent(codex) is None

    with_codex(work)


def test_a_type_without_a_strict_schema_is_refused_before_anything_is_sent(with_codex):
    async def work(codex):
        with pytest.raises(UsageError, match="any keys"):
            await codex.thread("h").run(wish(), output_type=dict[str, int])
        assert (await codex.thread("h").run(wish(text='{"number": 3}'), output_type=Answer)).id == "turn-1"

    with_codex(work)
