"""The host's wheel from a staged directory, against plain hatchling and its limits: CPU and bytes."""

import mmap
import shutil
from collections.abc import Iterator
from pathlib import Path

import deflate

from benchmarks import material
from benchmarks.measure import Effort, Figure, interleaved, ratio, run, timed
from sdk_artifacts.targets import host_target

ROUNDS = 3
LIBDEFLATE_LEVEL = 6


def figures(effort: Effort) -> Iterator[Figure]:
    """CPU of the build through both frontends, and how far it is from mere deflating and copying; sizes."""
    rounds = effort.rounds(ROUNDS)
    with material.workplace() as work:
        staged = material.stage(host_target(), work / "stage")
        plain = material.plain_project(staged, work / "plain")
        ours, theirs, limit = interleaved(
            lambda: run(material.build_command(staged, work / "ours")).cpu,
            lambda: run(material.build_command(plain, work / "theirs")).cpu,
            lambda: timed(lambda: _deflate(staged / "payload")).cpu,
            rounds=rounds,
        )
        what = "CPU to build the host wheel with python -m build"
        yield ratio("wheel_build.cpu_build", what, "plain hatchling", ours, theirs, reach=0.38)
        yield ratio("wheel_build.limit", "CPU to build the host wheel", "libdeflate over its bytes", ours, limit)
        ours, theirs = interleaved(
            lambda: run(material.uv_command(staged, work / "ours")).cpu,
            lambda: run(material.uv_command(plain, work / "theirs")).cpu,
            rounds=1,
        )
        what = "CPU to build the host wheel with uv build"
        yield ratio("wheel_build.cpu_uv", what, "plain hatchling", ours, theirs, reach=0.38)
        yield _staging(staged, work, rounds)
        yield _size("size", "size of the host wheel", work / "ours", work / "theirs", reach=1.0)
        if not effort.quick:
            run((*material.build_command(staged, work / "small"), "-C", "compression=small"))
            yield _size("size_small", "its size with --compression small", work / "small", work / "theirs", reach=0.965)


def _staging(staged: Path, work: Path, rounds: int) -> Figure:
    ours, theirs = interleaved(
        lambda: timed(lambda: material.stage(host_target(), work / "again")).wall,
        lambda: timed(lambda: shutil.copytree(staged, work / "copy", dirs_exist_ok=True)).wall,
        rounds=rounds,
    )
    return ratio("wheel_build.stage", "wall of stage-runtime from the archive", "a copy of the stage", ours, theirs)


def _deflate(payload: Path) -> None:
    for path in payload.rglob("*"):
        if path.is_file():
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                deflate.deflate_compress(data, LIBDEFLATE_LEVEL)


def _size(name: str, what: str, ours: Path, theirs: Path, reach: float) -> Figure:
    (a,), (b,) = ours.glob("*.whl"), theirs.glob("*.whl")
    return ratio(f"wheel_build.{name}", what, "plain hatchling", [a.stat().st_size], [b.stat().st_size], reach=reach)
