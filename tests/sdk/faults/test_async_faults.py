"""Every fault in every state, as `docs/explanation/faults.md` has it; the twin is `test_faults.py`."""

import asyncio
from time import monotonic

import pytest

from codex_app_server import AppServerError, AsyncAppServerClient, ConnectionClosedError, RequestTimeoutError
from codex_app_server.async_thread import AsyncThread
from codex_app_server.generated import methods as m
from codex_app_server.tools import async_tool_handler, tool
from sdk.callers import all_of
from sdk.callers import anext_of as next_of
from sdk.fake_methods import ECHO, HOLD, LOSE, NOW
from sdk.faults.expected import APPROVAL, CALLS, IMPATIENT_SECONDS, cases, status_of


async def word(call):
    """What came of a call, or the class of what it raised."""
    try:
        return await call
    except AppServerError as error:
        return type(error).__name__


def thread(client):
    async def connect():
        return client

    return AsyncThread(connect, "thread-1")


async def get_ready(client, case):
    await client.start()
    await client.initialize(timeout_seconds=case.seconds)
    return "ready"


async def idle(client, case):
    notifications = client.notifications(timeout_seconds=case.seconds)
    return await anext("told" async for each in notifications if each.method == "fake/idle")


async def request_in_flight(client, case):
    assert await client.request(ECHO, {"a": 1}, timeout_seconds=case.seconds) == {"a": 1}
    return "answered"


async def window_full(client, case):
    calls = [word(client.request(HOLD, timeout_seconds=case.seconds)) for _ in range(CALLS)]
    [outcome] = {"answered" if each == {} else each for each in await asyncio.gather(*calls)}
    return outcome


async def closing(client, _case):
    lost = asyncio.ensure_future(client.request(LOSE, timeout_seconds=None))
    await next_of(client, "fake/lost")
    await client.close(timeout_seconds=IMPATIENT_SECONDS)
    return await lost


async def run_turn(client, case):
    turn = await thread(client).turn("hi", timeout_seconds=case.seconds)
    return status_of(await turn.run(idle_timeout_seconds=case.seconds), case)


async def stream_turn(client, case):
    turn = await thread(client).turn("hi", timeout_seconds=case.seconds)
    assert (await all_of(turn.stream(idle_timeout_seconds=case.seconds)))[-1].method == "turn/completed"
    return status_of(await turn.run(), case)


async def approval_pending(client, case):
    asked = []
    client.handle(APPROVAL, lambda request: asked.append(request) or {"decision": "accept"})
    try:
        return await stream_turn(client, case)
    finally:
        assert all(request.resolved for request in asked)


async def tool_running(client, case):
    client.handle(m.ITEM_TOOL_CALL, async_tool_handler([wait]))
    return await run_turn(client, case)


async def interrupt_sent(client, case):
    turn = await thread(client).turn("hi")
    await turn.interrupt(timeout_seconds=case.seconds)
    return (await turn.run(idle_timeout_seconds=case.seconds)).status


async def completed(client, case):
    turn = await thread(client).turn("hi")
    first = await turn.run()
    await condition(client, case)
    assert await turn.run() == first
    return first.status


@tool
async def wait() -> str:
    """Wait for nothing."""
    return "done"


ACTS = {
    "idle": idle,
    "request in flight": request_in_flight,
    "window full": window_full,
    "closing": closing,
    "turn asked for": run_turn,
    "streaming": stream_turn,
    "approval pending": approval_pending,
    "tool running": tool_running,
    "interrupt sent": interrupt_sent,
    "completed": completed,
}


async def play(client, case):
    if case.state not in ACTS:
        return await get_ready(client, case)
    await client.__aenter__()
    return await ACTS[case.state](client, case)


async def condition(client, case):
    """What the connection is now."""
    seconds = IMPATIENT_SECONDS if case.afterwards == "mute" else None
    try:
        assert await client.request(NOW, timeout_seconds=seconds) == {"wentWrong": True}
    except ConnectionClosedError:
        return "closed"
    except RequestTimeoutError:
        return "mute"
    return "lives"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_a_fault_ends_as_the_page_says(faulty, run, case):
    async def main():
        before = asyncio.all_tasks()
        client = AsyncAppServerClient(faulty(case.state, case.fault, close_timeout_seconds=IMPATIENT_SECONDS))
        try:
            begin = monotonic()
            outcome = await word(play(client, case))
            took = monotonic() - begin
            assert (outcome, await condition(client, case)) == (case.outcome, case.afterwards)
            assert took < case.longest_seconds
        finally:
            await client.close()
        assert asyncio.all_tasks() == before

    run(main())
