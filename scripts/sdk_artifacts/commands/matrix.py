"""The targets as a CI matrix."""

from collections.abc import Sequence

import msgspec

from ..targets import Target


class MatrixRow(msgspec.Struct, frozen=True):
    """One job: the target, the runner it runs on, the emulator that can stand in for it, its wheels and their tags."""

    target: str
    runner: str
    emulator: str
    wheels: dict[str, str]


def matrix(targets: Sequence[Target]) -> dict[str, list[MatrixRow]]:
    """The value of a workflow's `strategy.matrix`, for `fromJson`: one row per target, in the order given."""
    return {
        "include": [
            MatrixRow(
                target=target.triple,
                runner=target.runner,
                emulator=target.emulator,
                wheels={wheel.name: wheel.tag for wheel in target.wheels},
            )
            for target in targets
        ]
    }
