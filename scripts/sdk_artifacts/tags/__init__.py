"""Platform tags: which ones an index accepts, and which ones the facts of native files allow. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping

from ..binaries.facts import ElfFile, MachOFile, NativeFile, PeFile
from . import linux as linux_tags
from . import macos as macos_tags
from . import windows as windows_tags

_MACHINE = r"(?:x86_64|aarch64|i686|armv7l|ppc64le|s390x|riscv64)"
_PLATFORM_TAG = re.compile(
    rf"manylinux(?:1|2010|2014|_[1-9][0-9]?_[0-9]{{1,3}})_{_MACHINE}"
    rf"|musllinux_1_[0-9]{{1,2}}_{_MACHINE}"
    rf"|macosx_(?:10_[0-9]{{1,2}}|(?:{'|'.join(map(str, macos_tags.MAJORS))})_0)_(?:x86_64|arm64|universal2)"
    r"|win32|win_amd64|win_arm64",
)


def is_platform_tag(tag: str) -> bool:
    """Whether `tag` has a form that the public index accepts and installers can match."""
    return _PLATFORM_TAG.fullmatch(tag) is not None


def contradictions(tag: str, path: str, file: NativeFile, *, shipped: Collection[str] = frozenset()) -> list[str]:
    """Why the platform tag `tag` is not true of `file`, one sentence each; empty when nothing speaks against it.

    Args:
        tag: a platform tag, also one that no index accepts.
        path: of the file in the wheel.
        file: its facts.
        shipped: the paths of all files of the wheel: what the file needs may be among them.
    """
    found: Iterator[str] | None
    match file:
        case ElfFile():
            system, found = "Linux", linux_tags.contradictions(tag, path, file, shipped)
        case MachOFile():
            system, found = "macOS", macos_tags.contradictions(tag, path, file, shipped)
        case _:  # a PeFile
            system, found = "Windows", windows_tags.contradictions(tag, path, file, shipped)
    if found is None:
        return [f"{path} is not {tag}: it is a {system} file"]
    return [f"{path} is not {tag}: {reason}" for reason in found]


def truest(files: Mapping[str, NativeFile], *, shipped: Collection[str] = frozenset()) -> tuple[str, ...]:
    """The platform tags, sorted, that are true of all `files` (by path) and installable most widely.

    () when none can be true; `why_none` then says why.
    """
    shipped = {*shipped, *files}
    return tuple(
        tag for tag in sorted(_candidates(files)) if is_platform_tag(tag) and not _reasons(tag, files, shipped)
    )


def why_none(files: Mapping[str, NativeFile], *, shipped: Collection[str] = frozenset()) -> list[str]:
    """Why no platform tag is true of all `files`, one sentence each; empty when some are."""
    if truest(files, shipped=shipped):
        return []
    if not files:
        return ["there is no native file, so no platform tag is needed"]
    shipped = {*shipped, *files}
    nearest = [reason for tag in _candidates(files) for reason in _reasons(tag, files, shipped)]
    return nearest or [f"no tag is for all of {', '.join(sorted({_described(file) for file in files.values()}))}"]


def _candidates(files: Mapping[str, NativeFile]) -> tuple[str, ...]:
    """Tags to try; with files of two systems or machines there are none."""
    elf = [file for file in files.values() if isinstance(file, ElfFile)]
    macho = [file for file in files.values() if isinstance(file, MachOFile)]
    pe = [file for file in files.values() if isinstance(file, PeFile)]
    match bool(elf), bool(macho), bool(pe):
        case True, False, False:
            return linux_tags.candidates(elf)
        case False, True, False:
            return macos_tags.candidates(macho)
        case False, False, True:
            return windows_tags.candidates(pe)
        case _:
            return ()


def _reasons(tag: str, files: Mapping[str, NativeFile], shipped: Collection[str]) -> list[str]:
    return [
        reason for path, file in sorted(files.items()) for reason in contradictions(tag, path, file, shipped=shipped)
    ]


def _described(file: NativeFile) -> str:
    match file:
        case ElfFile():
            return f"Linux on {file.machine}"
        case MachOFile():
            least = max((part.minimum_os or (0,) for part in file.slices), default=(0,))
            return f"macOS {'.'.join(map(str, least))} on {file.machine}"
        case _:  # a PeFile
            return f"Windows on {file.machine}"
