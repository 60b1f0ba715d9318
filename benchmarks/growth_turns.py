"""1 to 256 turns at once, of 50 deltas each, from the real server, against a reader that only counts."""

from collections.abc import Iterator

from benchmarks.measure import Effort, Figure
from benchmarks.sdk.places import real_server
from benchmarks.sdk_stream import RAW, Told, compare

TURNS = (1, 4, 16, 64, 256)
DELTAS_EACH = 50
ROUNDS = 3


def figures(effort: Effort) -> Iterator[Figure]:
    """The wall clock until the last turn has ended."""
    with real_server(deltas=DELTAS_EACH) as measure:
        for turns in effort.points(*TURNS):
            for how in ("sync", "async"):
                told = Told(f"growth_turns.{how}", f"wall of turns at once, {how}", RAW, None, turns)
                deltas, rounds = DELTAS_EACH * turns, effort.rounds(ROUNDS)
                yield compare(measure, "turns", how, "wall", deltas, turns, told=told, rounds=rounds)
