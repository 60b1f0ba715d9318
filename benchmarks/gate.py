"""Whether ratios that were just measured are worse than the committed ones, by more than measuring itself is off."""

from collections.abc import Iterable, Mapping

from benchmarks.measure import Figure

LEAST_TOLERANCE = 0.10
"""Two quiet runs of one machine differ by about so much."""
MACHINES_DIFFER = 1.5
"""A ratio moves with the machine as well: on another one, it is not worse until it is by so many tolerances."""


def tolerance(reference: Figure) -> float:
    """How far above its value a figure may come, as a part of it: the way up to its own highest, and as much again."""
    return max(LEAST_TOLERANCE, 2 * (reference.highest / reference.value - 1), 1 - reference.lowest / reference.value)


def limit(reference: Figure, *, same_machine: bool) -> float:
    """The largest value that is no regression."""
    return reference.value * (1 + tolerance(reference) * (1.0 if same_machine else MACHINES_DIFFER))


def regressions(
    measured: Iterable[Figure], references: Mapping[str, Figure], *, same_machine: bool
) -> list[tuple[Figure, float]]:
    """Those of `measured` that are worse than they were, each with its limit; amounts are no ratios, and not judged.

    One bad round is not a regression: the best round must be worse than what is committed, too.
    """
    found = []
    for figure in measured:
        reference = references.get(figure.key)
        if reference is None or figure.unit:
            continue
        most = limit(reference, same_machine=same_machine)
        if figure.value > most and figure.lowest > reference.value:
            found.append((figure, most))
    return found
