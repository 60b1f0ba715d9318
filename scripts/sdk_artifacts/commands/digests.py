"""`digests`: the SHA-256 of every file of a release, and whether another build of it gave the same."""

from pathlib import Path

import msgspec

from ..released import intact, load_released


class Digests(msgspec.Struct, frozen=True):
    """The digests by file name, and what differs from the other build, one line each."""

    files: dict[str, str]
    differences: tuple[str, ...] = ()


def digests(dist: Path, *, other: Path | None = None) -> Digests:
    """Hash every file of the release in `dist`, and hold the digests against another release's record.

    Args:
        other: that `release.json`, or a directory with one; its files need not be there.

    Raises:
        IntegrityFailed: a file is not the one that the release records.
        UsageProblem: there is no release, or no other one.
    """
    found = {intact(dist, file).name: file.sha256 for file in load_released(dist).files}
    if other is None:
        return Digests(found)
    expected = {file.name: file.sha256 for file in load_released(other).files}
    return Digests(found, tuple(_differences(found, expected)))


def _differences(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    lines = []
    for name in sorted(found | expected):
        here, there = found.get(name, "not made"), expected.get(name, "not made")
        if here != there:
            lines.append(f"{name}: here {here}, there {there}")
    return lines
