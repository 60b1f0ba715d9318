"""Which macOS platform tags a Mach-O file allows. Pure."""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

from ..binaries.facts import MachOFile, MachOSlice, Version

_TAG = re.compile(r"macosx_([0-9]{1,3})_([0-9]{1,3})_(x86_64|arm64|universal2)")
_SLICES: Mapping[str, tuple[str, ...]] = {
    "universal2": ("x86_64", "aarch64"),
    "x86_64": ("x86_64",),
    "arm64": ("aarch64",),
}
_FIRST_ON_ARM: Version = (11, 0, 0)

# After 10.x the index takes these alone, each with the minor 0: an installer matches no other minor.
MAJORS = (11, 12, 13, 14, 15, 26)

_SYSTEM_PREFIXES = ("/usr/lib/", "/System/")


def contradictions(tag: str, path: str, file: MachOFile, shipped: Collection[str]) -> Iterator[str] | None:
    """Why `tag` is not true of `file`; None when it is no macOS tag."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    promised = (int(match[1]), int(match[2]), 0)
    return _against(promised, _SLICES[match[3]], path, file, shipped)


def candidates(files: Collection[MachOFile]) -> tuple[str, ...]:
    """The most widely installable tags that could be true of all `files`."""
    for name, wanted in _SLICES.items():
        chosen = [_slice(file, machine) for file in files for machine in wanted]
        slices = [part for part in chosen if part]
        if len(slices) == len(chosen):
            # What says no minimum is judged afterwards; on ARM nothing is older than its first macOS.
            needs = [part.minimum_os or (10, 0, 0) for part in slices]
            if name == "universal2":
                needs = [need for need, part in zip(needs, slices, strict=True) if not _is_any_arm(part)]
            lowest = max(*needs, _FIRST_ON_ARM if name == "arm64" else (10, 0, 0))
            rounded = _round_up(lowest)
            return (f"macosx_{rounded[0]}_{rounded[1]}_{name}",) if rounded else ()
    return ()


def promised(tag: str) -> tuple[tuple[int, int], str] | None:
    """The minimum macOS and the machine, as the tag spells it, that `tag` promises; None when it is no macOS tag."""
    match = _TAG.fullmatch(tag)
    return ((int(match[1]), int(match[2])), match[3]) if match else None


def _against(
    promised: Version, wanted: tuple[str, ...], path: str, file: MachOFile, shipped: Collection[str]
) -> Iterator[str]:
    names = {posixpath.basename(other) for other in shipped if other != path}
    for machine in wanted:
        part = _slice(file, machine)
        if part is None:
            yield f"it is for {file.machine} and has no part for {machine}"
            continue
        lowest = max(promised, _FIRST_ON_ARM) if machine == "aarch64" else promised
        if "macOS" not in part.platforms:
            yield f"it is for {', '.join(part.platforms)}" if part.platforms else "it says no minimum macOS"
        elif part.minimum_os and part.minimum_os > lowest:
            yield f"it needs macOS {_text(part.minimum_os)}, and the tag promises {_text(promised)}"
        for dylib in part.dylibs:
            yield from _against_dylib(dylib, part, names)


def _against_dylib(dylib: str, part: MachOSlice, shipped: Collection[str]) -> Iterator[str]:
    if dylib.startswith(_SYSTEM_PREFIXES) or posixpath.basename(dylib) in shipped:
        return
    if dylib.startswith("@rpath/") and any(place.startswith(_SYSTEM_PREFIXES) for place in part.search_paths):
        return  # the system's own, Swift's for one, may be looked up there
    yield f"it needs {dylib}, which macOS has not and the wheel does not hold"


def _slice(file: MachOFile, machine: str) -> MachOSlice | None:
    return next((part for part in file.slices if part.machine == machine), None)


def _is_any_arm(part: MachOSlice) -> bool:
    return part.machine == "aarch64" and (part.minimum_os or (0,)) <= _FIRST_ON_ARM


def _round_up(version: Version) -> tuple[int, int] | None:
    """The first (major, minor) of a tag that promises `version`; None when no tag does."""
    if version[0] <= 10:  # noqa: PLR2004 - the last major whose minors count
        minor = version[1] + (version[2] > 0)
        return 10, minor
    return next(((major, 0) for major in MAJORS if (major, 0, 0) >= version), None)


def _text(version: Version) -> str:
    major, minor, patch = version
    return f"{major}.{minor}" + (f".{patch}" if patch else "")
