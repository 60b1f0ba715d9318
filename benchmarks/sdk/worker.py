"""Does one thing in one way in a process of its own and prints what it cost: `worker.py WHAT HOW CODEX_BIN COUNT`.

WHAT is `stream` (COUNT deltas in one turn), `turns` (32 turns at once, COUNT deltas in all), `requests` or `start`; HOW
is `hand`, `sync` or `async`. The environment has CODEX_HOME.
"""

import asyncio
import json
import sys
import threading
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

from by_hand import ByHand

from codex_app_server import AppServerConfig, AsyncCodex, Codex
from codex_app_server.generated.methods import MODEL_LIST

TURNS = 32
WINDOW = 128
DELTA = "item/agentMessage/delta"
INPUT = [{"type": "text", "text": "hi"}]


class Cost:
    """Wall and CPU seconds since it was made; `check` holds the count to what was expected."""

    def __init__(self) -> None:
        self.wall, self.cpu = perf_counter(), process_time()

    def report(self, counted: int, expected: int) -> dict[str, float]:
        """What it took until now."""
        wall, cpu = perf_counter() - self.wall, process_time() - self.cpu
        assert counted == expected, (counted, expected)
        return {"wall": wall, "cpu": cpu}


def stream_by_hand(codex_bin: str, count: int, turns: int = 1) -> dict[str, float]:
    """Count the lines with a delta until every turn is completed."""
    with ByHand(codex_bin, {}) as server:
        threads = [server.answer_to(each, "thread/start", {})["thread"]["id"] for each in range(1, turns + 1)]
        cost, deltas, completed = Cost(), 0, 0
        for number, thread in enumerate(threads):
            server.send({"id": 100 + number, "method": "turn/start", "params": {"threadId": thread, "input": INPUT}})
        for line in server.lines():
            deltas += DELTA.encode() in line
            completed += b'"turn/completed"' in line
            if completed == turns:
                return cost.report(deltas, count)
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


def requests_by_hand(codex_bin: str, count: int) -> dict[str, float]:
    """A sliding window of requests, each answer decoded."""
    with ByHand(codex_bin, {}) as server:
        cost, sent, answered = Cost(), 0, 0
        while sent < WINDOW:
            sent += 1
            server.send({"id": sent, "method": MODEL_LIST.name, "params": {}})
        for line in server.lines():
            is_answer = bool(json.loads(line).get("result", {}).get("data"))
            answered += is_answer
            if is_answer and sent < count:
                sent += 1
                server.send({"id": sent, "method": MODEL_LIST.name, "params": {}})
            if answered == count:
                return cost.report(answered, count)
    raise AssertionError(answered)


def requests_sync(codex_bin: str, count: int) -> dict[str, float]:
    """As many callers as the window is wide."""
    with Codex(codex_bin=codex_bin) as codex:
        answered: list[int] = []

        def ask() -> None:
            answered.append(sum(bool(codex.models().data) for _ in range(count // 125)))

        callers = [threading.Thread(target=ask) for _ in range(125)]
        cost = Cost()
        for each in callers:
            each.start()
        for each in callers:
            each.join()
        return cost.report(sum(answered), count)


def requests_async(codex_bin: str, count: int) -> dict[str, float]:
    """All of them at once: the client holds to the window."""

    async def main() -> dict[str, float]:
        async with AsyncCodex(codex_bin=codex_bin) as codex:

            async def ask() -> bool:
                return bool((await codex.models()).data)

            cost = Cost()
            return cost.report(sum(await asyncio.gather(*(ask() for _ in range(count)))), count)

    return asyncio.run(main())


def start_by_hand(codex_bin: str, _count: int) -> dict[str, float]:
    """Spawn and handshake."""
    cost = Cost()
    with ByHand(codex_bin, {}):
        return cost.report(0, 0)


def start_sync(codex_bin: str, _count: int) -> dict[str, float]:
    """`Codex()` until it is ready."""
    cost = Cost()
    with Codex(AppServerConfig(codex_bin=codex_bin)):
        return cost.report(0, 0)


WORKS: dict[tuple[str, str], Callable[[str, int], dict[str, float]]] = {
    ("stream", "hand"): stream_by_hand,
    ("stream", "sync"): stream_sync,
    ("stream", "async"): stream_async,
    ("turns", "hand"): lambda codex_bin, count: stream_by_hand(codex_bin, count, TURNS),
    ("turns", "sync"): lambda codex_bin, count: stream_sync(codex_bin, count, TURNS),
    ("turns", "async"): lambda codex_bin, count: stream_async(codex_bin, count, TURNS),
    ("requests", "hand"): requests_by_hand,
    ("requests", "sync"): requests_sync,
    ("requests", "async"): requests_async,
    ("start", "hand"): start_by_hand,
    ("start", "sync"): start_sync,
}

if __name__ == "__main__":
    print(json.dumps(WORKS[sys.argv[1], sys.argv[2]](sys.argv[3], int(sys.argv[4]))))
