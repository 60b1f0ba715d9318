"""50,000 deltas, and 32 turns at once, from the real server through `stream()`, against a reader that only counts."""

from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.measure import Effort, Figure, interleaved, ratio
from benchmarks.sdk.places import Measure, real_server

DELTAS, DELTAS_EACH, TURNS = 50_000, 500, 32
ROUNDS = 5
RAW = "a reader that only counts"


class Told(NamedTuple):
    """What is said of a comparison: its name, what it is, against what, what to reach, and where on a curve."""

    name: str
    what: str
    against: str
    reach: float | None
    at: float | None = None


def figures(effort: Effort) -> Iterator[Figure]:
    """CPU in the client's process, and wall."""
    rounds, deltas = effort.rounds(ROUNDS), DELTAS // 5 if effort.quick else DELTAS
    with real_server(deltas=deltas) as measure:
        for how, reach in (("sync", 1.5), ("async", 2.0)):
            told = Told(f"sdk_stream.cpu_{how}", f"CPU per delta, {how}", RAW, reach)
            yield compare(measure, "stream", how, "cpu", deltas, told=told, rounds=rounds)
        told = Told("sdk_stream.wall_async", "wall of 50,000 deltas, async", RAW, 1.05)
        yield compare(measure, "stream", "async", "wall", deltas, told=told, rounds=rounds)
    with real_server(deltas=DELTAS_EACH) as measure:
        for how in ("sync", "async"):
            told = Told(f"sdk_stream.turns_{how}", f"wall of 32 turns of 500 deltas, {how}", RAW, 1.15)
            yield compare(measure, "turns", how, "wall", DELTAS_EACH * TURNS, TURNS, told=told, rounds=rounds)


def compare(
    measure: Measure, what: str, how: str, figure: str, count: int, *more: object, told: Told, rounds: int
) -> Figure:
    """The SDK's way against by hand, in turn."""
    ours, theirs = interleaved(
        lambda: measure(what, how, count, *more)[figure],
        lambda: measure(what, "hand", count, *more)[figure],
        rounds=rounds,
    )
    return ratio(told.name, told.what, told.against, ours, theirs, reach=told.reach, at=told.at)
