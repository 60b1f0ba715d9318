"""4,000 requests through the window, and the start, against the same by hand."""

from collections.abc import Iterator

from benchmarks.measure import Figure
from benchmarks.sdk.places import real_server
from benchmarks.sdk_stream import compare

REQUESTS = 4000


def figures() -> Iterator[Figure]:
    """Wall."""
    with real_server() as measure:
        yield compare(
            measure, "start", "sync", "wall", 0, told=("Codex() until ready", "spawn and handshake by hand", 1.05)
        )
        for how in ("sync", "async"):
            told = (f"4,000 requests, {how}", "the same window by hand", 1.1)
            yield compare(measure, "requests", how, "wall", REQUESTS, told=told)
