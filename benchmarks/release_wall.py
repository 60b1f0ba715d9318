"""All targets from a warm cache to a verified directory, against plain hatchling one after another, unverified."""

from collections.abc import Iterator

from benchmarks import material
from benchmarks.measure import Figure, interleaved, ratio, run
from sdk_artifacts.targets import known_targets

ROUNDS = 2


def figures() -> Iterator[Figure]:
    """The wall clock of `release`. The plain side gets its payloads already unpacked."""
    with material.workplace() as work:
        plain = [
            material.plain_project(
                material.stage(target, work / "stage", wheel=wheel.name), work / f"{target.triple}-{wheel.name}"
            )
            for target in known_targets().values()
            for wheel in target.wheels
        ]
        numbers = iter(range(ROUNDS))
        ours, theirs = interleaved(
            lambda: (
                run(
                    (*material.TOOLKIT, "release", "--quiet", "--offline", "--out", work / f"dist-{next(numbers)}")
                ).wall
            ),
            lambda: sum(run(material.build_command(project, work / "theirs")).wall for project in plain),
            rounds=ROUNDS,
        )
        yield ratio(
            "wall, all targets, cache to verified dist", "plain hatchling, unverified", ours, theirs, reach=0.30
        )
