"""Where a stage may go: never over anything but another stage."""

from pathlib import Path

from .errors import UsageProblem
from .stage import STAGE_FILE


def require_replaceable(destination: Path) -> None:
    """Only a stage may disappear under a new one.

    Raises:
        UsageProblem: `destination` holds something else.
    """
    if destination.exists() and not destination.is_dir():
        raise UsageProblem(f"{destination} is a file, not a directory", fix="Name a new directory.")
    if destination.is_dir() and any(destination.iterdir()) and not (destination / STAGE_FILE).is_file():
        raise UsageProblem(
            f"{destination} is not empty and holds no {STAGE_FILE}: it is no stage that could be replaced",
            fix="Name a new directory.",
        )


def require_apart(destination: Path, other: Path) -> None:
    """Neither may be the other or lie in it, whatever links or spellings lead there.

    Raises:
        UsageProblem: they overlap.
    """
    for inner, outer in ((destination, other), (other, destination)):
        if outer.exists() and any(path.exists() and path.samefile(outer) for path in (inner, *inner.parents)):
            raise UsageProblem(f"{destination} overlaps {other}", fix="Name a directory outside of it.")
