"""The same names as in `test_text.py`, which is the one to read first."""

import pytest

from codex_app_server import AsyncCodex, ConnectionClosedError, TurnTimeoutError
from sdk.callers import all_of
from sdk.fake_turns import ENDLESS, wish


@pytest.fixture
def with_codex(config, run):
    """Runs a coroutine function with an AsyncCodex on the fake server."""

    def with_codex(work):
        async def main():
            async with AsyncCodex(config()) as codex:
                await work(codex)

        run(main())

    return with_codex


def test_text_is_what_the_agent_says(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(deltas=5))
        assert await all_of(turn.text()) == ["x"] * 5
        assert await all_of(turn.text()) == []
        assert (await turn.run()).final_response == "xxxxx"

    with_codex(work)


def test_text_left_early_goes_on_where_it_was_left(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(deltas=5))
        assert await anext(turn.text()) == "x"
        assert "".join(await all_of(turn.text())) == "xxxx"

    with_codex(work)


def test_who_comes_late_has_the_text_too(with_codex):
    async def work(codex):
        first = await codex.thread("h").turn(wish(deltas=5, turnId="t"))
        await first.run()
        again = await codex.thread("h").turn(wish(deltas=0, turnId="t"))
        assert await all_of(again.text()) == ["xxxxx"]

    with_codex(work)


def test_items_are_told_as_they_grow(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(deltas=3))
        told = [(item.type, item.text, item.completed) async for item in turn.events()]
        assert told == [("agentMessage", "x" * count, False) for count in range(4)] + [("agentMessage", "xxx", True)]

    with_codex(work)


def test_text_and_items_have_the_deadlines_of_a_stream(with_codex):
    async def work(codex):
        for read in ("text", "events"):
            turn = await codex.thread("h").turn(ENDLESS)
            with pytest.raises(TurnTimeoutError, match=r"silent for 0.05 s"):
                await all_of(getattr(turn, read)(idle_timeout_seconds=0.05))
            await turn.interrupt()

    with_codex(work)


def test_a_callback_is_given_every_notification(with_codex):
    async def work(codex):
        for on_event, seen in callbacks():
            result = await codex.thread("h").run(wish(deltas=2), on_event=on_event)
            assert result.final_response == "xx"
            methods = [each.method for each in seen]
            assert methods[:: len(methods) - 1] == ["turn/started", "turn/completed"]
            assert methods.count("item/agentMessage/delta") == 2

    with_codex(work)


def test_a_callback_that_raises_reaches_the_caller_and_interrupts_the_turn(with_codex):
    async def work(codex):
        for refuse in (refuse_at_once, refuse_later):
            turn = await codex.thread("h").turn(ENDLESS)
            with pytest.raises(LookupError, match="on purpose"):
                await turn.run(on_event=refuse)
            assert (await turn.run()).status == "interrupted"

    with_codex(work)


def test_a_callback_that_raises_at_the_end_leaves_the_result(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(wish(deltas=1))
        with pytest.raises(LookupError):
            await turn.run(on_event=lambda each: refuse_later(each) if each.method == "turn/completed" else None)
        assert (await turn.run()).status == "completed"

    with_codex(work)


def test_a_callback_may_use_the_client(with_codex):
    async def work(codex):
        async def look(each):
            if each.method == "turn/started":
                assert (await codex.models()).data == []

        assert (await codex.thread("h").run(wish(), on_event=look)).status == "completed"

    with_codex(work)


def test_a_callback_does_not_outlive_the_server(with_codex):
    async def work(codex):
        with pytest.raises(ConnectionClosedError):
            await codex.thread("h").run(wish(dieAfter=3), on_event=lambda _: None)

    with_codex(work)


def callbacks():
    plain, awaited = [], []

    async def keep(each):
        awaited.append(each)

    return [(plain.append, plain), (keep, awaited)]


def refuse_at_once(_each):
    raise LookupError("on purpose")


async def refuse_later(_each):
    raise LookupError("on purpose")
