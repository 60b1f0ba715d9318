"""4,000 requests through the window, 500 one by one, and the start, against the same by hand."""

from collections.abc import Iterator

from benchmarks.measure import Effort, Figure
from benchmarks.sdk.places import real_server
from benchmarks.sdk_stream import Told, compare

REQUESTS, SEQUENCE = 4000, 500
ROUNDS, STARTS = 5, 15


def figures(effort: Effort) -> Iterator[Figure]:
    """Wall of both, and the CPU that a request takes in the client's process."""
    with real_server() as measure:
        for how in ("sync", "async"):
            told = Told(f"sdk_requests.start_{how}", f"Codex() until ready, {how}", "spawn and handshake by hand", 1.05)
            yield compare(measure, "start", how, "wall", 0, told=told, rounds=effort.rounds(STARTS))
        for how in ("sync", "async"):
            told = Told(
                f"sdk_requests.sequence_{how}", f"wall of 500 requests one by one, {how}", "the same by hand", None
            )
            yield compare(measure, "sequence", how, "wall", SEQUENCE, told=told, rounds=effort.rounds(ROUNDS))
        for figure, reach in (("wall", 1.1), ("cpu", None)):
            for how in ("sync", "async"):
                what = f"{'CPU' if figure == 'cpu' else 'wall'} of 4,000 requests, {how}"
                told = Told(f"sdk_requests.{figure}_{how}", what, "the same window by hand", reach)
                yield compare(measure, "requests", how, figure, REQUESTS, told=told, rounds=effort.rounds(ROUNDS))
