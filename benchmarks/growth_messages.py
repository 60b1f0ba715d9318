"""Answers of 1 kB to 50 MB, one after the other, against reading the same lines from the same pipe undecoded."""

import sys
from collections.abc import Iterator

from benchmarks.measure import Effort, Figure, interleaved, ratio
from benchmarks.sdk.places import HERE, answer

SIZES_KB = (1, 30, 1000, 10_000, 50_000)
ABOUT_KB = 200_000
MOST = 2000
ROUNDS = 3


def figures(effort: Effort) -> Iterator[Figure]:
    """The wall clock from the first request to the last answer."""
    for size in effort.points(*SIZES_KB):
        count = min(MOST, ABOUT_KB // size)

        def seconds(how: str, size: int = size, count: int = count) -> float:
            return answer(sys.executable, HERE / "big_worker.py", how, size * 1000, count)["wall"]

        for how in ("sync", "async"):
            ours, theirs = interleaved(
                lambda how=how: seconds(how), lambda: seconds("hand"), rounds=effort.rounds(ROUNDS)
            )
            what = f"wall of an answer by kB, {how}"
            yield ratio(f"growth_messages.{how}", what, "reading its line", ours, theirs, at=size)
