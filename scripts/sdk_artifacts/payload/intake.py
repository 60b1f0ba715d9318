"""Taking in what a wheel ships from an executable, a payload directory or an archive that somebody gave."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import PayloadRefused, listed
from ..lock import Lock
from ..reporting import Reporter
from ..stage import Source
from ..targets import Target, Wheel, known_targets
from . import PACKAGE_FILE, Package, PayloadFile, archives, read_package, take_executable, unpack
from .identity import identify
from .selection import required, ships


@dataclass(frozen=True, slots=True)
class Intake:
    """What stands in the payload's directory now: the files that `wheel` ships, and nothing else.

    Attributes:
        package: what the payload says of itself; None for a lone executable.
        notes: what its user should know, a sentence each.
    """

    target: Target
    wheel: Wheel
    files: tuple[PayloadFile, ...]
    package: Package | None
    notes: tuple[str, ...]


def describe(path: Path, lock: Lock) -> Source:
    """What kind of source stands at `path`; an archive with a digest of the lock is the locked one, whatever its name.

    Raises:
        PayloadRefused: it is neither a file nor a directory.
    """
    if not path.is_file() and not path.is_dir():
        raise PayloadRefused(f"{path} is neither a file nor a directory")
    match archives.kind_of(path):
        case "directory":
            return Source("directory", path.resolve().name, None)
        case None:
            return Source("executable", path.name, None)
    with path.open("rb") as file:
        sha512 = hashlib.file_digest(file, "sha512").hexdigest()
    for locked in lock.targets.values():
        if locked.archive_sha512 == sha512:
            return Source("npm", f"{locked.package}@{locked.package_version}", sha512)
    return Source("archive", path.name, sha512)


def take(
    path: Path, origin: Source, into: Path, *, target: Target | None, wheel: str | None, reporter: Reporter
) -> Intake:
    """Write what the wheel ships below `into`, with the target's modes.

    Args:
        path: the source.
        origin: as `describe` says.
        into: the payload's directory, to be made.
        target: must be what the executable says, when given.
        wheel: the name of one of the target's wheels; None for the first.
        reporter: sees the progress.

    Raises:
        PayloadRefused: the source is damaged, hostile or incomplete, or for another target.
    """
    with reporter.task(f"unpack {origin.name}", path.stat().st_size if path.is_file() else None) as advance:
        if origin.kind == "executable":
            found = _required_target(identify(path), target, path.name)
            files: tuple[PayloadFile, ...] = (take_executable(path, into, found.executable, advance=advance),)
            chosen, package = found.wheel(wheel), None
            notes = _lone_notes(found, chosen)
        else:
            met: set[str] = set()

            def keep(member: str) -> bool:
                met.add(member)
                return any(ships(known, each, member) for known in known_targets().values() for each in known.wheels)

            unpacked = unpack(path, into, keep=keep, advance=advance)
            found = _required_target(_identify_payload(into, path.name), target, path.name)
            chosen, package = found.wheel(wheel), read_package(into)
            _require_agreement(package, found)
            _require_complete(found, chosen, met, path.name)
            files = _pruned(unpacked, found, chosen, into)
            notes = _left_out_notes(found, met - {file.path for file in files})
    for file in files:
        (into / file.path).chmod(int(found.mode_of(file.path), 8))
    return Intake(found, chosen, files, package, notes)


def _identify_payload(root: Path, name: str) -> Target:
    candidates = sorted({target.executable for target in known_targets().values()})
    for candidate in candidates:
        if (root / candidate).is_file():
            return identify(root / candidate)
    raise PayloadRefused(f"{name} holds no executable: neither {' nor '.join(candidates)} is in its payload")


def _required_target(found: Target, wanted: Target | None, name: str) -> Target:
    if wanted not in (None, found):
        raise PayloadRefused(f"{name} is for {found.triple}, not for {wanted.triple}", fix=f"--target {found.triple}")
    return found


def _require_agreement(package: Package, target: Target) -> None:
    """The payload's own description must be that of the target's file."""
    for key, said, expected in (
        ("target", package.target, target.triple),
        ("entrypoint", package.entrypoint, target.executable),
        ("pathDir", package.path_dir, target.path_directory),
    ):
        if said != expected:
            raise PayloadRefused(
                f"{PACKAGE_FILE}: key `{key}`: {said!r} is not {expected!r}, which its executable and "
                f"platforms/{target.triple}.toml say"
            )


def _require_complete(target: Target, wheel: Wheel, met: set[str], name: str) -> None:
    """Every file has an owner in the target's data, and every required file is there."""
    if missing := [path for path in required(target, wheel) if path not in met]:
        raise PayloadRefused(f"{name} lacks {listed(missing)}, which wheel {wheel.name!r} of {target.triple} needs")
    if unowned := sorted(path for path in met if target.component_of(path) is None):
        raise PayloadRefused(
            f"{name} has files that no component owns: {listed(unowned)}",
            fix=f"Name them in a component of platforms/{target.triple}.toml, or remove them.",
        )


def _pruned(files: Sequence[PayloadFile], target: Target, wheel: Wheel, root: Path) -> tuple[PayloadFile, ...]:
    """The files that this wheel ships; the others are deleted, and directories with nothing left in them."""
    for file in files:
        if not ships(target, wheel, file.path):
            (root / file.path).unlink()
            if not any((root / file.path).parent.iterdir()):
                (root / file.path).parent.rmdir()
    return tuple(file for file in files if ships(target, wheel, file.path))


def _lone_notes(target: Target, wheel: Wheel) -> tuple[str, ...]:
    absent = [path for path in required(target, wheel) if path not in (target.executable, PACKAGE_FILE)]
    return (f"a lone executable: its helpers are absent ({listed(absent)}), and what needs them will not work",)


def _left_out_notes(target: Target, paths: set[str]) -> tuple[str, ...]:
    counts = Counter(target.component_of(path) or "" for path in paths)
    return tuple(
        f"{name} is left out (files: {count}): {target.components[name].withheld or 'for another wheel of the target'}"
        for name, count in sorted(counts.items())
    )
