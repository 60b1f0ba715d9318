"""What native files are for by their own headers: the target of an executable, the true tag of many files."""

import mmap
from collections.abc import Iterable
from pathlib import Path

from .. import tags
from ..binaries import MalformedBinary, inspect
from ..binaries.facts import ElfFile, MachOFile, NativeFile
from ..errors import PayloadRefused
from ..targets import Target, Wheel, known_targets


def native_facts(path: Path) -> NativeFile | None:
    """The facts of the native file at `path`; None when it is none.

    Raises:
        PayloadRefused: its headers lie.
    """
    if not path.stat().st_size:
        return None
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return inspect(content)
    except MalformedBinary as error:
        raise PayloadRefused(f"{path.name} is damaged: {error.message}") from error


def identify(executable: Path) -> Target:
    """The target whose system and machine the executable was built for.

    Raises:
        PayloadRefused: it is no native executable, a damaged one, or one that no target is for.
    """
    native = native_facts(executable)
    if native is None:
        raise PayloadRefused(
            f"{executable.name} is no ELF, Mach-O or PE executable",
            fix="Give the native executable itself (npm's `codex` is a script that starts it), "
            "a payload directory, or a .tar.gz, .tgz or .zip of one.",
        )
    system = _system(native)
    for target in known_targets().values():
        if (target.os, target.machine) == (system, native.machine):
            return target
    raise PayloadRefused(
        f"{executable.name} is for {system} on {native.machine}, which no target in platforms/ is for",
        fix="Take one machine out of it: lipo -thin" if "+" in native.machine else "",
    )


def true_tag(wheel: Wheel, root: Path, paths: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """A tag that is true of every file: the wheel's own where it is, else the truest, with what speaks against the own.

    Args:
        wheel: whose tag is wanted.
        root: of the payload.
        paths: the files in it that ship.

    Raises:
        PayloadRefused: no tag is true of all of them, or one is damaged.
    """
    shipped = frozenset(paths)
    files = {path: native for path in sorted(shipped) if (native := native_facts(root / path))}
    against = [
        reason
        for tag in wheel.tags
        for path, native in files.items()
        for reason in tags.contradictions(tag, path, native, shipped=shipped)
    ]
    if not against:
        return wheel.tag, ()
    truest = tags.truest(files, shipped=shipped)
    if not truest:
        raise PayloadRefused(f"no wheel can hold these files: {'; '.join(tags.why_none(files, shipped=shipped))}")
    return f"py3-none-{'.'.join(truest)}", tuple(against)


def _system(native: NativeFile) -> str:
    if isinstance(native, ElfFile):
        return "linux"
    return "macos" if isinstance(native, MachOFile) else "windows"
