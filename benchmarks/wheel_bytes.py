"""What a user downloads and unpacks: the host's wheel, part by part, and the peer's."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import material, peers
from benchmarks.measure import Effort, Figure, ratio, run
from sdk_artifacts.targets import host_target

MB = 10**6
_parts: list[dict[str, Any]] = []


def figures(_effort: Effort) -> Iterator[Figure]:
    """The download's size, against the peer's newest wheel, which may be of another version of the runtime."""
    with material.workplace() as work:
        run(material.build_command(material.stage(host_target(), work / "stage"), work / "ours"))
        (ours,) = (work / "ours").glob("*.whl")
        peer = peers.wheel(peers.RUNTIME, work / "peer")
        against = " ".join(peer.name.split("-")[:2]).replace("_", "-")
        yield ratio(
            "wheel_bytes.download", "download of the host wheel", against, [ours.stat().st_size], [peer.stat().st_size]
        )
        yield ratio("wheel_bytes.unpacked", "the host wheel, unpacked", against, [_unpacked(ours)], [_unpacked(peer)])
        _parts[:] = _table(ours)


def tables() -> dict[str, Any]:
    """The parts of the wheel, in MB."""
    return {"parts": _parts}


def _unpacked(wheel: Path) -> int:
    with zipfile.ZipFile(wheel) as archive:
        return sum(member.file_size for member in archive.infolist())


def _table(wheel: Path) -> list[dict[str, Any]]:
    rows: dict[str, list[int]] = {}
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            row = rows.setdefault(_part(member.filename), [0, 0])
            row[0] += member.compress_size
            row[1] += member.file_size
    largest_first = sorted(rows.items(), key=lambda row: -row[1][1])
    return [
        {"part": part, "download": round(d / MB, 2), "unpacked": round(u / MB, 2)} for part, (d, u) in largest_first
    ]


def _part(name: str) -> str:
    for part in ("bin/", "codex-path/", "codex-resources/"):
        if part in name:
            return part + name.partition(part)[2].split("/")[0]
    return "the package's own files"
