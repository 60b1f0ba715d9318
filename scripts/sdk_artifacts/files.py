"""Output that appears whole or not at all: filled beside its destination, then renamed over it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_file(destination: Path) -> Iterator[Path]:
    """Yield a path to write; it replaces `destination` when the block ends without an error."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    _sweep(destination)
    partial = _partial(destination)
    try:
        yield partial
        os.replace(partial, destination)  # noqa: PTH105 - one spelling for files and directories
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def atomic_directory(destination: Path) -> Iterator[Path]:
    """Yield an empty directory to fill; it replaces `destination` when the block ends without an error.

    Killed between the two renames, the next call for the same destination first puts the old directory back.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    _sweep(destination)
    partial, previous = _partial(destination), _previous(destination)
    partial.mkdir()
    try:
        yield partial
        if destination.exists():
            destination.rename(previous)
        partial.rename(destination)
    except BaseException:  # interrupted between the two renames, too
        if previous.exists() and not destination.exists():
            previous.rename(destination)
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if destination.exists():
            shutil.rmtree(previous, ignore_errors=True)


def write_text(destination: Path, text: str) -> None:
    """Replace `destination` by `text` in UTF-8 with plain newlines."""
    with atomic_file(destination) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def _partial(destination: Path) -> Path:
    return destination.with_name(f".{destination.name}.partial-{os.getpid()}")


def _previous(destination: Path) -> Path:
    return destination.with_name(f".{destination.name}.previous")


def _sweep(destination: Path) -> None:
    """Clear what a killed process left: restore a moved-away directory, drop partial output of the dead."""
    previous = _previous(destination)
    if previous.exists() and not destination.exists():
        previous.rename(destination)
    for leftover in destination.parent.glob(f".{destination.name}.partial-*"):
        pid = leftover.name.rpartition("-")[2]
        if pid.isdigit() and _is_alive(int(pid)):
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    if os.name == "nt":  # os.kill would end the process there
        return True
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
