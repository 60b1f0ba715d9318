"""Does one thing in one way in a process of its own and prints what it cost: `worker.py WHAT HOW CODEX_BIN COUNT ...`.

WHAT is `stream` (COUNT deltas in one turn), `turns` (so many at once, as one more argument says, and COUNT deltas in
all), `requests` (at once), `sequence` (of requests), `start` or `threads` (COUNT of them listed); HOW is `hand`, `sync`
or `async`. The environment has CODEX_HOME.
"""

import asyncio
import json
import sys
import threading
from collections.abc import Callable

from by_hand import ByHand
from cost import Cost
from streams import WINDOW, stream_async, stream_by_hand, stream_sync

from codex_app_server import AppServerConfig, AsyncCodex, Codex
from codex_app_server.generated.methods import MODEL_LIST


def requests_by_hand(codex_bin: str, count: int) -> dict[str, float]:
    """A sliding window of requests, each answer decoded."""
    with ByHand(codex_bin, {}) as server:
        cost, sent, answered = Cost(), 0, 0
        while sent < WINDOW:
            sent += 1
            server.send({"id": sent, "method": MODEL_LIST.name, "params": {}})
        for line in server.lines():
            message = json.loads(line)
            is_answer = bool(message.get("result", {}).get("data"))
            assert "error" not in message, message  # overload: then this would wait for ever
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
        work = iter(range(count))  # whoever is free takes the next, or the window would empty towards the end

        def ask() -> None:
            answered.append(sum(bool(codex.models().data) for _ in work))

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


def sequence_by_hand(codex_bin: str, count: int) -> dict[str, float]:
    """One request after the other."""
    with ByHand(codex_bin, {}) as server:
        cost = Cost()
        answered = sum(bool(server.answer_to(each, MODEL_LIST.name, {})["data"]) for each in range(1, count + 1))
        return cost.report(answered, count)


def sequence_sync(codex_bin: str, count: int) -> dict[str, float]:
    """The same by one caller."""
    with Codex(codex_bin=codex_bin) as codex:
        cost = Cost()
        return cost.report(sum(bool(codex.models().data) for _ in range(count)), count)


def sequence_async(codex_bin: str, count: int) -> dict[str, float]:
    """The same by one task."""

    async def main() -> dict[str, float]:
        async with AsyncCodex(codex_bin=codex_bin) as codex:
            cost = Cost()
            return cost.report(sum([bool((await codex.models()).data) for _ in range(count)]), count)

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


def start_async(codex_bin: str, _count: int) -> dict[str, float]:
    """`AsyncCodex()` until it is ready, in a loop that runs."""

    async def main() -> dict[str, float]:
        cost = Cost()
        async with AsyncCodex(codex_bin=codex_bin):
            return cost.report(0, 0)

    return asyncio.run(main())


def threads_by_hand(codex_bin: str, count: int) -> dict[str, float]:
    """List all threads, page by page, each answer decoded."""
    with ByHand(codex_bin, {}) as server:
        cost, listed, cursor, pages = Cost(), 0, None, 0
        while pages == 0 or cursor:
            pages += 1
            page = server.answer_to(pages, "thread/list", {"cursor": cursor, "limit": 100, "modelProviders": []})
            listed, cursor = listed + len(page["data"]), page.get("nextCursor")
        return cost.report(listed, count)


def threads_sync(codex_bin: str, count: int) -> dict[str, float]:
    """The same through the iterator, each thread typed."""
    with Codex(codex_bin=codex_bin) as codex:
        cost = Cost()
        return cost.report(sum(1 for _ in codex.threads(model_providers=[], limit=100)), count)


def threads_async(codex_bin: str, count: int) -> dict[str, float]:
    """The same with asyncio."""

    async def main() -> dict[str, float]:
        async with AsyncCodex(codex_bin=codex_bin) as codex:
            cost, listed = Cost(), 0
            async for _ in codex.threads(model_providers=[], limit=100):
                listed += 1
            return cost.report(listed, count)

    return asyncio.run(main())


WORKS: dict[tuple[str, str], Callable[..., dict[str, float]]] = {
    ("stream", "hand"): stream_by_hand,
    ("stream", "sync"): stream_sync,
    ("stream", "async"): stream_async,
    ("turns", "hand"): stream_by_hand,
    ("turns", "sync"): stream_sync,
    ("turns", "async"): stream_async,
    ("requests", "hand"): requests_by_hand,
    ("requests", "sync"): requests_sync,
    ("requests", "async"): requests_async,
    ("sequence", "hand"): sequence_by_hand,
    ("sequence", "sync"): sequence_sync,
    ("sequence", "async"): sequence_async,
    ("threads", "hand"): threads_by_hand,
    ("threads", "sync"): threads_sync,
    ("threads", "async"): threads_async,
    ("start", "hand"): start_by_hand,
    ("start", "sync"): start_sync,
    ("start", "async"): start_async,
}

if __name__ == "__main__":
    what, how, codex_bin, *numbers = sys.argv[1:]
    print(json.dumps(WORKS[what, how](codex_bin, *map(int, numbers))))
