"""50,000 deltas, and 32 turns at once, from the real server through `stream()`, against a reader that only counts."""

from collections.abc import Iterator
from typing import TypeAlias

from benchmarks.measure import Figure, interleaved, ratio
from benchmarks.sdk.places import Measure, real_server

DELTAS, DELTAS_EACH, TURNS = 50_000, 500, 32
ROUNDS = 5
Told: TypeAlias = tuple[str, str, float]


def figures() -> Iterator[Figure]:
    """CPU in the client's process, and wall."""
    raw = "a reader that only counts"
    with real_server(deltas=DELTAS) as measure:
        yield compare(measure, "stream", "sync", "cpu", DELTAS, told=("CPU per delta, sync", raw, 1.5))
        yield compare(measure, "stream", "async", "cpu", DELTAS, told=("CPU per delta, async", raw, 2.0))
        yield compare(measure, "stream", "async", "wall", DELTAS, told=("wall of 50,000 deltas, async", raw, 1.05))
    with real_server(deltas=DELTAS_EACH) as measure:
        for how in ("sync", "async"):
            told = (f"wall of 32 turns of 500 deltas, {how}", raw, 1.15)
            yield compare(measure, "turns", how, "wall", DELTAS_EACH * TURNS, told=told)


def compare(measure: Measure, what: str, how: str, figure: str, count: int, *, told: Told) -> Figure:
    """The SDK's way against by hand, in turn."""
    ours, theirs = interleaved(
        lambda: measure(what, how, count)[figure], lambda: measure(what, "hand", count)[figure], rounds=ROUNDS
    )
    name, against, reach = told
    return ratio(name, against, ours, theirs, reach)
