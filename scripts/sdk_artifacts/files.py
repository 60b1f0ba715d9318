"""Output that appears whole or not at all, filled beside its destination and renamed over it; and a file's digest."""

import glob
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_RUN = secrets.token_hex(4)  # tells this process from a dead one of its number: in a container they are all alike
_MAKER = re.compile(r".*\.partial-(?P<pid>[0-9]{1,9})-(?P<run>[0-9a-f]+)")


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


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _partial(destination: Path) -> Path:
    return destination.with_name(f".{destination.name}.partial-{os.getpid()}-{_RUN}")


def _previous(destination: Path) -> Path:
    return destination.with_name(f".{destination.name}.previous")


def _sweep(destination: Path) -> None:
    """Clear what a killed process left: restore a moved-away directory or drop it, drop partial output of the dead."""
    previous = _previous(destination)
    if previous.exists() and not destination.exists():
        previous.rename(destination)
    elif previous.exists():  # killed when the new one had its name
        shutil.rmtree(previous, ignore_errors=True)
    for leftover in destination.parent.glob(f".{glob.escape(destination.name)}.partial-*"):
        maker = _MAKER.fullmatch(leftover.name)
        if maker and _is_at_work(int(maker["pid"]), maker["run"]):
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def _is_at_work(pid: int, run: str) -> bool:
    if pid == os.getpid():
        return run == _RUN
    if os.name == "nt":  # os.kill would end the process there
        return True
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
