"""What is linked into a native file, as far as its bytes tell: the traces that works of others leave in it.

A Rust program names crates, with their versions, where it says which line of source panicked. Not every crate can
panic, so the crates that are found are some of those inside, never known to be all.
"""

import mmap
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

CRATES_MAX = 1000  # more than twice as many as the largest program names; the schema check is slow with many

_CRATE = re.compile(
    rb"(?:registry[/\\]src[/\\][^/\\\x00]{1,80}|rust[/\\]deps)[/\\]"
    rb"([A-Za-z][A-Za-z0-9_-]{0,63})-([0-9]+\.[0-9]+\.[0-9]+(?:[-+][A-Za-z0-9.+-]{1,64})?)[/\\]"
)
_CHECKOUT = re.compile(rb"git[/\\]checkouts[/\\]([A-Za-z][A-Za-z0-9_-]{0,63})-[0-9a-f]{16}[/\\]([0-9a-f]{7,40})[/\\]")


@dataclass(frozen=True, slots=True, order=True)
class Crate:
    """A crate of the public registry or, when `is_checkout`, a repository that crates were built from.

    Attributes:
        version: the crate's version, or the commit of the repository.
    """

    name: str
    version: str
    is_checkout: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """What was found in one file.

    Attributes:
        parts: the version of each part that left a trace, by its name; empty where the trace tells none.
        crates: those that are named, sorted.
    """

    parts: Mapping[str, str]
    crates: tuple[Crate, ...] = ()


def look_into(path: Path, evidence: Mapping[str, Iterable[str]]) -> Embedded:
    """Search the file at `path` for traces.

    Args:
        path: a file.
        evidence: patterns by the name of a part; the first that is found counts, and its group is the version.
    """
    if path.stat().st_size == 0:  # which mmap refuses
        return Embedded({})
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = {name: _version(data, patterns) for name, patterns in evidence.items()}
        return Embedded({name: version for name, version in found.items() if version is not None}, _crates(data))


def _version(data: mmap.mmap, patterns: Iterable[str]) -> str | None:
    """The version that the first pattern tells that is found; None when none is."""
    for pattern in patterns:
        if match := re.search(pattern.encode(), data):
            return match[1].decode() if match.lastindex else ""
    return None


def _crates(data: mmap.mmap) -> tuple[Crate, ...]:
    found: set[Crate] = set()
    for pattern in (_CRATE, _CHECKOUT):
        for match in pattern.finditer(data):
            if len(found) < CRATES_MAX:
                found.add(Crate(match[1].decode(), match[2].decode(), pattern is _CHECKOUT))
    return tuple(sorted(found))
