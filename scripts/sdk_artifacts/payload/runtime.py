"""The locked runtime of one target, unpacked in the cache so that it can run."""

from collections.abc import Callable
from pathlib import Path

from ..errors import IntegrityFailed
from ..exclusive import exclusive
from ..files import atomic_directory, sha256_of
from ..lock import LockedFile, LockedTarget
from ..paths import cache_directory
from ..reporting import Reporter
from ..targets import Target
from . import unpack


def unpacked_runtime(target: Target, locked: LockedTarget, *, archive: Callable[[], Path], reporter: Reporter) -> Path:
    """The executable inside the target's unpacked payload; every file verified against the lock just now.

    Args:
        archive: gives the verified archive; called only when the cache has no good copy unpacked.

    Raises:
        IntegrityFailed: the archive holds other bytes than the lock says.
    """
    directory = cache_directory() / "runtimes" / locked.archive_sha512[:32]
    waiting = "another process unpacks the runtime; waiting for it"
    with exclusive(directory.with_suffix(".lock"), waiting=lambda: reporter.note(waiting)):
        if _differences(directory, locked):
            source = archive()
            with (
                atomic_directory(directory) as partial,
                reporter.task(f"unpack {target.triple}", source.stat().st_size) as advance,
            ):
                unpack(source, partial, keep=locked.files.__contains__, advance=advance)
                for path in locked.files:
                    (partial / path).chmod(int(target.mode_of(path), 8))
                if wrong := _differences(partial, locked):
                    raise IntegrityFailed(f"{source.name}: not the locked bytes: {', '.join(wrong)}")
    return directory / target.executable


def _differences(directory: Path, locked: LockedTarget) -> list[str]:
    """The locked files that `directory` does not hold as they are locked."""
    return [path for path, file in sorted(locked.files.items()) if not _holds(directory / path, file)]


def _holds(path: Path, file: LockedFile) -> bool:
    return path.is_file() and sha256_of(path) == file.sha256
