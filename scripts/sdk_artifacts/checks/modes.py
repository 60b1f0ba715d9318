"""Modes as installers read them: pip gives the executable bit only to a member whose mode says regular file."""

import stat
from collections.abc import Iterator

from ..binaries.facts import ElfFile, NativeFile, PeFile
from ..wheels import Wheel
from ..wheels.zip_rules import Member
from .findings import Finding, Question

_SPECIAL = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX


def modes(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """The modes that lose a program its executable bit or give someone more than is due."""
    for name, member in wheel.files.items():
        mode = member.mode
        if mode & _SPECIAL:
            yield Finding("error", f"mode {mode:o}: setuid, setgid or sticky", name)
        if mode & stat.S_IWOTH:
            yield Finding("error", f"mode {mode:o}: anyone may write it", name)
        native = wheel.contents[name].native
        if native is not None and _is_posix_program(name, native) and not _is_made_executable(name):
            yield from _program(member)


def _is_posix_program(name: str, native: NativeFile) -> bool:
    """Whether it is run, not loaded, on a system with executable bits."""
    base = name.rpartition("/")[2]
    if isinstance(native, PeFile) or base.endswith((".dylib", ".so", ".o")) or ".so." in base:
        return False
    return not isinstance(native, ElfFile) or native.interpreter is not None or native.soname is None


def _program(member: Member) -> Iterator[Finding]:
    if not member.mode & 0o100:
        message = f"mode {stat.S_IMODE(member.mode):04o}: a program without the executable bit cannot be run"
        yield Finding("error", message, member.name, "0755")
    elif not stat.S_ISREG(member.mode):
        message = f"mode {member.mode:07o} lacks the file type (S_IFREG): pip drops the executable bit"
        yield Finding("error", message, member.name, "0100755")


def _is_made_executable(name: str) -> bool:
    """Whether installers set the bit by themselves: they do for what stands in `.data/scripts`."""
    top, _, rest = name.partition("/")
    return top.endswith(".data") and rest.startswith("scripts/")
