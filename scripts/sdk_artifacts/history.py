"""The history of releases: one line of JSON for each, with its sizes and how long the SDK's import took."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
from packaging.version import InvalidVersion, Version

from . import files
from .errors import UsageProblem


class Entry(msgspec.Struct, frozen=True):
    """One release.

    Attributes:
        version: as PEP 440 spells it.
        sizes: of each wheel in bytes, by the name that it keeps from release to release.
        imports: how long importing took, each as the ratio that its benchmark measures, by what was measured.
    """

    version: str
    sizes: Mapping[str, int]
    imports: Mapping[str, float] = {}

    @property
    def order(self) -> Version:
        """What entries are sorted by."""
        return Version(self.version)


def load_history(path: Path) -> tuple[Entry, ...]:
    """The entries of a file, the oldest version first; none when there is no file.

    Raises:
        UsageProblem: a line is no entry.
    """
    lines = path.read_bytes().splitlines() if path.exists() else []
    entries = [_entry(line, f"{path}, line {number}") for number, line in enumerate(lines, 1)]
    return tuple(sorted(entries, key=lambda entry: entry.order))


def with_entry(history: Iterable[Entry], entry: Entry) -> tuple[Entry, ...]:
    """The history with this entry in its place, instead of an older one of the same version."""
    others = [other for other in history if other.order != entry.order]
    return tuple(sorted([*others, entry], key=lambda each: each.order))


def write_history(path: Path, history: Iterable[Entry]) -> None:
    """Replace the file."""
    files.write_text(path, "".join(f"{msgspec.json.encode(entry, order='sorted').decode()}\n" for entry in history))


def _entry(line: bytes, where: str) -> Entry:
    try:
        entry = msgspec.json.decode(line, type=Entry)
        Version(entry.version)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, InvalidVersion) as error:
        raise UsageProblem(f"{where}: {error}", fix="Remove the line, or name another file.") from None
    return entry
