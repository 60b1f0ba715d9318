"""A wheel's file name in its parts."""

from dataclasses import dataclass
from typing import Self

_PART_COUNTS = (5, 6)  # without a build number, or with one


@dataclass(frozen=True, slots=True)
class FileName:
    """A wheel's file name in its parts, each as written."""

    project: str
    version: str
    pythons: tuple[str, ...]
    abis: tuple[str, ...]
    platforms: tuple[str, ...]

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """The parts of `name`; None when it is no wheel's name."""
        parts = name.removesuffix(".whl").split("-")
        if not name.endswith(".whl") or len(parts) not in _PART_COUNTS or not all(parts):
            return None
        python, abi, platform = (tuple(part.split(".")) for part in parts[-3:])
        return cls(parts[0], parts[1], python, abi, platform)
