"""Whether a server has the version that this SDK was made for. No I/O, no clock."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Relation: TypeAlias = Literal["same", "newer patch", "newer", "older", "unknown"]

_RELEASES = ("alpha", "beta", "rc", "")
"""What follows the numbers, in the order in which it is released."""


def relation(version: str | None, pinned: str) -> Relation:
    """What a server of `version` is to the `pinned` one; a newer patch has all that the pinned one has."""
    if version is None:
        return "unknown"
    if version == pinned:
        return "same"
    theirs, ours = _order(version), _order(pinned)
    if theirs is None or ours is None:
        return "unknown"
    if theirs < ours:
        return "older"
    return "newer patch" if theirs[:2] == ours[:2] else "newer"


def fits(version: str | None, pinned: str) -> bool:
    """Whether a server of `version` has everything that this SDK knows of the `pinned` one."""
    return relation(version, pinned) in {"same", "newer patch"}


def as_distribution(version: str) -> str:
    """How a Python distribution spells the runtime's version: "1.2.0-alpha.3" is "1.2.0a3"."""
    return re.sub(r"-(a|b|rc)(?:lpha|eta)?\.?(\d+)$", r"\1\2", version)


def _order(version: str) -> tuple[int, int, int, int, int] | None:
    """What versions are sorted by; None for one that has another form."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:-([a-z]+)\.?(\d+)?)?(?:\+.*)?", version)
    if found is None or (found[4] or "") not in _RELEASES:
        return None
    return int(found[1]), int(found[2]), int(found[3]), _RELEASES.index(found[4] or ""), int(found[5] or 0)
