"""Turns of the real server, read in three ways: by hand, with threads, with asyncio."""

import asyncio
import threading
from typing import Any

from by_hand import ByHand
from cost import Cost

from codex_app_server import AsyncCodex, Codex

WINDOW = 125
"""Requests in flight; the server drops some when there are more than 128."""
DELTA = "item/agentMessage/delta"
INPUT = [{"type": "text", "text": "hi"}]


def stream_by_hand(codex_bin: str, count: int, turns: int = 1) -> dict[str, float]:
    """Count the lines with a delta until every turn is completed."""
    with ByHand(codex_bin, {}) as server:
        threads = [server.answer_to(each, "thread/start", {})["thread"]["id"] for each in range(1, turns + 1)]
        waiting = [{"threadId": thread, "input": INPUT} for thread in threads]
        cost, deltas, completed, sent = Cost(), 0, 0, 0

        def send_next() -> None:
            nonlocal sent
            sent += 1
            server.send({"id": 1000 + sent, "method": "turn/start", "params": waiting[sent - 1]})

        for _ in waiting[:WINDOW]:
            send_next()
        for line in server.lines():
            deltas += DELTA.encode() in line
            completed += b'"turn/completed"' in line
            if completed == turns:
                return cost.report(deltas, count)
            if sent < turns and line.startswith(b'{"id":'):
                send_next()
    raise AssertionError(completed)


def stream_sync(codex_bin: str, count: int, turns: int = 1) -> dict[str, float]:
    """The same through `Turn.stream`, each delta typed and looked at."""
    with Codex(codex_bin=codex_bin) as codex:
        threads = [codex.thread_start() for _ in range(turns)]
        sizes: list[int] = []

        def read(thread: Any) -> None:  # noqa: ANN401 - as below
            seen = [len(each.params.delta) for each in thread.turn("hi").stream() if each.method == DELTA]
            sizes.append(len(seen))

        cost = Cost()
        if turns == 1:
            read(threads[0])
        else:
            readers = [threading.Thread(target=read, args=(thread,)) for thread in threads]
            for each in readers:
                each.start()
            for each in readers:
                each.join()
        return cost.report(sum(sizes), count)


def stream_async(codex_bin: str, count: int, turns: int = 1) -> dict[str, float]:
    """The same through `AsyncTurn.stream`."""

    async def read(thread: Any) -> int:  # noqa: ANN401 - a Thread of either half
        turn = await thread.turn("hi")
        return len([len(each.params.delta) async for each in turn.stream() if each.method == DELTA])

    async def main() -> dict[str, float]:
        async with AsyncCodex(codex_bin=codex_bin) as codex:
            threads = [await codex.thread_start() for _ in range(turns)]
            cost = Cost()
            return cost.report(sum(await asyncio.gather(*map(read, threads))), count)

    return asyncio.run(main())
