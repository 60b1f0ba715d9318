"""`verify` of the host's wheel, against sha256 of the bytes that are in it."""

import hashlib
import mmap
from collections.abc import Iterator
from pathlib import Path

from benchmarks import material
from benchmarks.measure import Effort, Figure, interleaved, ratio, run, timed
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.lock import load_lock
from sdk_artifacts.reporting import Silent
from sdk_artifacts.targets import host_target

ROUNDS = 5


def figures(effort: Effort) -> Iterator[Figure]:
    """The wall clock of both, in one process."""
    with material.workplace() as work:
        staged = material.stage(host_target(), work / "stage")
        run(material.build_command(staged, work / "ours"))
        (wheel,) = (work / "ours").glob("*.whl")
        payload = [path for path in (staged / "payload").rglob("*") if path.is_file()]
        ours, theirs = interleaved(
            lambda: timed(lambda: _verify(wheel)).wall,
            lambda: timed(lambda: [_sha256(path) for path in payload]).wall,
            rounds=effort.rounds(ROUNDS),
        )
        yield ratio(
            "verify_wheel.host", "verify of the host wheel", "sha256 of its unpacked bytes", ours, theirs, reach=3.0
        )


def _verify(wheel: Path) -> None:
    (verdict,) = verify([wheel], lock=load_lock(), reporter=Silent())
    assert verdict.passed


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return hashlib.sha256(data).digest()
