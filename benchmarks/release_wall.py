"""From one target to all: from a warm cache to a verified directory, against plain hatchling, unverified."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks import material
from benchmarks.measure import Effort, Figure, ratio, run
from sdk_artifacts.targets import Target, known_targets

AGAINST = "plain hatchling, one after another, unverified"
SIZES = (1, 3, 6)


def figures(effort: Effort) -> Iterator[Figure]:
    """The wall clock of `release`, in turn with the plain builds that are new; those get their payloads unpacked."""
    with material.workplace() as work:
        targets = list(known_targets().values())
        plain, theirs, done = [_plain(target, work) for target in targets], 0.0, 0
        for size in (each for each in effort.points(*SIZES) if each <= len(targets)):
            first = _release(targets[:size])
            theirs += sum(_build(project, work / "theirs") for projects in plain[done:size] for project in projects)
            second = _release(targets[:size])
            done = size
            what = "wall of release by number of targets"
            yield ratio("release_wall.targets", what, AGAINST, [first, second], [theirs, theirs], at=size)
            if size == len(targets):
                what = "wall of release, all targets"
                yield ratio("release_wall.all", what, AGAINST, [first, second], [theirs, theirs], reach=0.30)


def _build(project: Path, out: Path) -> float:
    return run(material.build_command(project, out)).wall


def _plain(target: Target, work: Path) -> list[Path]:
    return [
        material.plain_project(
            material.stage(target, work / "stage", wheel=wheel.name), work / f"{target.triple}-{wheel.name}"
        )
        for wheel in target.wheels
    ]


def _release(targets: list[Target]) -> float:
    words = [word for target in targets for word in ("--target", target.triple)]
    with material.workplace() as out:
        return run((*material.TOOLKIT, "release", "--quiet", "--offline", "--out", out / "dist", *words)).wall
