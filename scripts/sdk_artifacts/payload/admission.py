"""Which names and sizes a payload's files may have: such as every system can write, each in a place of its own."""

import re
import unicodedata
from pathlib import Path

from ..errors import PayloadRefused

MEMBERS_MAX = 10_000
MEMBER_SIZE_MAX = 1 << 30
TOTAL_SIZE_MAX = 2 << 30
PATH_LENGTH_MAX = 240
RATIO_MAX = 50
RATIO_EXEMPT_SIZE = 64 << 20

_RESERVED_NAME = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_FORBIDDEN_CHARACTERS = frozenset('\\:*?"<>|')


class Admission:
    """Lets members in one by one and refuses the first whose name or size breaks a rule."""

    def __init__(self, source: Path) -> None:
        self._name = source.name
        self._size_max = TOTAL_SIZE_MAX
        if source.is_file():
            self._size_max = min(TOTAL_SIZE_MAX, max(RATIO_EXEMPT_SIZE, RATIO_MAX * source.stat().st_size))
        self._spellings: dict[str, str] = {}
        self._files: set[str] = set()
        self._count = 0
        self._size = 0

    def refused(self, name: str, reason: str) -> PayloadRefused:
        """The error that says why member `name` cannot be taken."""
        return PayloadRefused(f"{self._name}: member {name!r} {reason}")

    def directory(self, name: str) -> None:
        """Let a directory in."""
        self._counted(name)
        path = name.removeprefix("./").rstrip("/") or "."
        if path != "." or name.startswith("/"):
            self._spelled(name, self._checked(name, path))

    def file(self, name: str, size: int) -> str:
        """Let a regular file in; returns its path."""
        self._counted(name)
        path = self._checked(name, name.removeprefix("./"))
        if not 0 <= size <= MEMBER_SIZE_MAX:
            raise self.refused(name, f"has {size} bytes, more than the {MEMBER_SIZE_MAX} that one file may have")
        self._size += size
        if self._size > self._size_max:
            raise self.refused(name, f"brings the unpacked bytes to {self._size}, over the bound of {self._size_max}")
        key = _key(path)
        if key in self._spellings:
            raise self.refused(name, f"has the same place as {self._spellings[key]!r}")
        self._spelled(name, path)
        self._files.add(key)
        return path

    def _counted(self, name: str) -> None:
        self._count += 1
        if self._count > MEMBERS_MAX:
            raise self.refused(name, f"is one more than the {MEMBERS_MAX} members that are read")

    def _checked(self, name: str, path: str) -> str:
        if problem := _name_problem(path):
            raise self.refused(name, problem)
        return path

    def _spelled(self, name: str, path: str) -> None:
        """Keep how `path` and its parents are spelled, so that no system folds two names into one."""
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            spelling = "/".join(parts[:end])
            key = _key(spelling)
            if key in self._files:
                raise self.refused(name, f"needs a directory where {self._spellings[key]!r} is a file")
            if self._spellings.setdefault(key, spelling) != spelling:
                raise self.refused(name, f"differs from {self._spellings[key]!r} in spelling only")


def _key(path: str) -> str:
    """What two paths share when macOS or Windows takes them for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _name_problem(path: str) -> str | None:
    """Why a file of this name cannot be written everywhere; None when it can."""
    parts = path.split("/")
    problems = {
        "has an absolute path": path.startswith("/"),
        "leads out of the archive (..)": ".." in parts,
        "has a control or otherwise unprintable character in its name": not path.isprintable(),
        "has a character in its name that Windows reads otherwise or refuses": _FORBIDDEN_CHARACTERS & set(path),
        f"has a path of more than {PATH_LENGTH_MAX} characters": len(path) > PATH_LENGTH_MAX,
        "has an empty, dotted or reserved name": any(
            not part or part[-1] in ". " or _RESERVED_NAME.fullmatch(part) for part in parts
        ),
    }
    return next((problem for problem, met in problems.items() if met), None)
