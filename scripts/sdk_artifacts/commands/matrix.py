"""The targets as a CI matrix."""

from collections.abc import Collection, Sequence

import msgspec

from ..errors import UsageProblem
from ..targets import Target


class MatrixRow(msgspec.Struct, frozen=True):
    """One job: the target, the runner it runs on, the emulator that can stand in for it, its wheels and their tags."""

    target: str
    runner: str
    emulator: str
    wheels: dict[str, str]


def matrix(
    targets: Sequence[Target], *, systems: Collection[str] = (), machines: Collection[str] = ()
) -> dict[str, list[MatrixRow]]:
    """The value of a workflow's `strategy.matrix`, for `fromJson`: one row per target, in the order given.

    Args:
        targets: what to choose from.
        systems: only targets of these, as their files spell them; empty for any.
        machines: the same of machines.

    Raises:
        UsageProblem: no target is left, and a matrix without a row is none.
    """
    chosen = [
        target
        for target in targets
        if (not systems or target.os in systems) and (not machines or target.machine in machines)
    ]
    if not chosen:
        there = ", ".join(f"{target.os} {target.machine}" for target in targets)
        raise UsageProblem(f"no target is for {' or '.join((*systems, *machines))}", fix=f"There are: {there}.")
    return {"include": [_row(target) for target in chosen]}


def _row(target: Target) -> MatrixRow:
    return MatrixRow(
        target=target.triple,
        runner=target.runner,
        emulator=target.emulator,
        wheels={wheel.name: wheel.tag for wheel in target.wheels},
    )
