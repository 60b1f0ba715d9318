"""What only tasks can do: give up at any point, with the real server on the other side."""

import asyncio
from contextlib import suppress

import pytest

from codex_app_server import AsyncCodex, RequestTimeoutError
from e2e.sdk.outcomes import is_idle, passing
from model_replies import Gate, says

pytestmark = pytest.mark.real


def test_cancelling_a_run_interrupts_the_turn(with_codex, model):
    async def work(codex):
        gate, thread = Gate(), await codex.thread_start()
        model.replies(says("one", gate, "two"))
        turn = await thread.turn("hi")
        running = asyncio.ensure_future(turn.run())
        await passing(gate)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (await turn.run()).status == "interrupted"
        assert (await thread.run("again")).final_response == "echo: again"

    with_codex(work)


def test_cancelling_a_run_of_a_thread_interrupts_its_turn(with_codex, model):
    async def work(codex):
        gate, thread = Gate(), await codex.thread_start()
        model.replies(says("one", gate, "two"))
        running = asyncio.ensure_future(thread.run("hi"))
        await passing(gate)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        notifications = codex.client.notifications(timeout_seconds=60)
        await anext(event async for event in notifications if is_idle(event, thread.id))
        assert [turn.status for turn in (await thread.read(include_turns=True)).thread.turns] == ["interrupted"]

    with_codex(work)


@pytest.mark.parametrize("steps", [2, 3, 5])
def test_cancelling_before_the_turn_has_a_name_interrupts_it_as_well(with_codex, model, steps):
    async def work(codex):
        gate, thread = Gate(), await codex.thread_start()
        model.replies(says("one", gate, "two"))
        notifications = codex.client.notifications(timeout_seconds=60)
        starting = asyncio.ensure_future(thread.turn("hi"))
        for _ in range(steps):
            await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        await anext(event async for event in notifications if is_idle(event, thread.id))
        assert [turn.status for turn in (await thread.read(include_turns=True)).thread.turns] == ["interrupted"]

    with_codex(work)


def test_giving_up_on_the_start_of_a_turn_interrupts_it_as_well(codex, model):
    gate, thread = Gate(), codex.thread_start()
    model.replies(says("one", gate, "two"))
    with pytest.raises(RequestTimeoutError):
        thread.turn("hi", timeout_seconds=0)
    next(event for event in codex.client.notifications(timeout_seconds=60) if is_idle(event, thread.id))
    assert [turn.status for turn in thread.read(include_turns=True).thread.turns] == ["interrupted"]


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8, 13, 21, 34])
def test_cancelling_a_start_leaves_no_process(config, run, steps):
    async def main():
        codex = AsyncCodex(config)
        starting = asyncio.ensure_future(codex.thread_start())
        for _ in range(steps):
            await asyncio.sleep(0)
        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        assert (await (await codex.thread_start()).run("hi")).status == "completed"
        await codex.close()

    run(main())


def test_many_that_begin_at_once_share_one_server(config, run):
    async def main():
        codex = AsyncCodex(config)
        threads = await asyncio.gather(*(codex.thread_start() for _ in range(8)))
        assert len({thread.id for thread in threads}) == 8
        assert (await threads[0].run("hi")).status == "completed"
        await codex.close()

    run(main())
