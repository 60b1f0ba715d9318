"""The host's wheel from a staged directory, against plain hatchling on the same payload: CPU and bytes."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks import material
from benchmarks.measure import Figure, interleaved, ratio, run
from sdk_artifacts.targets import host_target

ROUNDS = 3


def figures() -> Iterator[Figure]:
    """CPU of the build, size of the wheel, and size of the wheel for the published release."""
    with material.workplace() as work:
        staged = material.stage(host_target(), work / "stage")
        plain = material.plain_project(staged, work / "plain")
        ours, theirs = interleaved(
            lambda: run(material.build_command(staged, work / "ours")).cpu,
            lambda: run(material.build_command(plain, work / "theirs")).cpu,
            rounds=ROUNDS,
        )
        yield ratio("CPU to build the host wheel", "plain hatchling", ours, theirs, reach=0.38)
        yield _size("size of the host wheel", work / "ours", work / "theirs", reach=1.0)
        run((*material.build_command(staged, work / "small"), "-C", "compression=small"))
        yield _size("its size with --compression small", work / "small", work / "theirs", reach=0.965)


def _size(what: str, ours: Path, theirs: Path, reach: float) -> Figure:
    (a,), (b,) = ours.glob("*.whl"), theirs.glob("*.whl")
    return ratio(what, "plain hatchling", [a.stat().st_size], [b.stat().st_size], reach)
