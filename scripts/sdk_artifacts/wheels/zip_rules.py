"""Members of a zip container as values, and the rules that they must keep, each alone and all together. Pure."""

import itertools
import stat
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

MAX_UNPACKED_BYTES = (1 << 32) - 2  # beyond it only zip64 can say the size, and an index takes no file a quarter as big
MAX_RATIO = 50
RATIO_FLOOR_BYTES = 64 << 20
MAX_NAME_BYTES = 1024  # bounds the work on names; file systems stop at a quarter of it per part
STORED, DEFLATED = 0, 8

_EXTRA = struct.Struct("<2H")
_ZIP64_EXTRA, _NAME_EXTRA = 0x0001, 0x7075
_ENCRYPTED, _DESCRIPTOR = 0x2041, 0x8


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that the container breaks, by its name; `member` is empty when it is the container's own fault."""

    rule: str
    message: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One member as the central directory states it; `unreadable` says why its bytes cannot be trusted, if so."""

    name: str
    raw_name: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc32: int
    compressed_size: int
    size: int
    internal_attributes: int
    external_attributes: int
    extra: bytes
    header_offset: int
    data_offset: int = 0
    local_extra_size: int = 0
    unreadable: str = ""

    @property
    def mode(self) -> int:
        """The POSIX mode with its file type, 0 when none is recorded."""
        return self.external_attributes >> 16

    @property
    def create_system(self) -> int:
        """Whose attributes these are; 3 is Unix."""
        return self.made_by >> 8

    @property
    def is_directory(self) -> bool:
        """Whether the entry stands for a directory."""
        return self.name.endswith("/")


@dataclass(frozen=True, slots=True)
class Archive:
    """What stands in a container, in the central directory's order, and what is wrong with it."""

    members: tuple[Member, ...] = ()
    violations: tuple[Violation, ...] = ()


def field_violations(member: Member) -> Iterator[Violation]:
    """What one central record says that no wheel may say."""
    name = member.name
    if member.flags & _ENCRYPTED:
        yield Violation("encrypted", "the member is encrypted", name)
    if member.flags & _DESCRIPTOR:
        yield Violation("data-descriptor", "sizes follow the data instead of preceding it (data descriptor)", name)
    if member.method not in (STORED, DEFLATED):
        yield Violation("method", f"compression method {member.method}; only stored and deflated are accepted", name)
    if member.method == STORED and member.compressed_size != member.size:
        yield Violation("size", f"stored, yet {member.compressed_size} bytes stand for {member.size}", name)
    yield from extra_violations(member.extra, name)
    kind = stat.S_IFMT(member.mode)
    if kind == stat.S_IFLNK:
        yield Violation("symlink", "the mode says symbolic link", name)
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield Violation("special-file", f"the mode {member.mode:o} is that of a device, pipe or socket", name)
    elif kind and (kind == stat.S_IFDIR) != member.is_directory:
        yield Violation("special-file", "the mode and the name disagree whether this is a directory", name)
    if member.is_directory and member.size:
        yield Violation("size", f"a directory with {member.size} bytes of content", name)


def extra_violations(extra: bytes, name: str) -> Iterator[Violation]:
    """What is wrong with the extra fields of one header."""
    position = 0
    while position < len(extra):
        if position + _EXTRA.size > len(extra):
            yield Violation("extra-field", "an extra field is truncated", name)
            return
        kind, size = _EXTRA.unpack_from(extra, position)
        position += _EXTRA.size + size
        if position > len(extra):
            yield Violation("extra-field", "an extra field is truncated", name)
            return
        if kind in (_ZIP64_EXTRA, _NAME_EXTRA):
            problem = "zip64 sizes, which nothing of a wheel's size needs"
            rule, problem = ("zip64", problem) if kind == _ZIP64_EXTRA else ("extra-field", "a second name")
            yield Violation(rule, problem, name)
            return


def name_violations(members: Sequence[Member]) -> Iterator[Violation]:
    """What is wrong with the names, each alone and beside the others."""
    seen: dict[str, str] = {}
    files = {member.name for member in members}
    for member in members:
        name = member.name
        parts = name.removesuffix("/").split("/")
        if any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in name):
            yield Violation("name-control", "control characters in the name", name)
        if len(member.raw_name) > MAX_NAME_BYTES:
            yield Violation("name-path", f"a name of {len(member.raw_name)} bytes", name[:80])
            continue
        if "" in parts or ".." in parts or "." in parts or "\\" in name or ":" in name:
            yield Violation("name-path", "the name is no plain relative path", name)
        folded = unicodedata.normalize("NFC", name.removesuffix("/")).casefold()
        if folded in seen:
            same = seen[folded] == name
            rule = "duplicate-name" if same else "case-collision"
            yield Violation(
                rule, "the name stands twice" if same else f"the same file as {seen[folded]!r} on some disks", name
            )
        seen.setdefault(folded, name)
        parents = itertools.accumulate(parts[:-1], "{}/{}".format)
        if parent := next((parent for parent in parents if parent in files), None):
            yield Violation("name-path", f"inside of {parent!r}, which is a file", name)


def bounded(members: list[Member], size: int, violations: list[Violation]) -> list[Member]:
    """Members, all marked unreadable when unpacking them would be a bomb."""
    unpacked = sum(member.size for member in members)
    if unpacked > MAX_UNPACKED_BYTES:
        problem = f"{unpacked} bytes when unpacked, more than {MAX_UNPACKED_BYTES}"
    elif unpacked > RATIO_FLOOR_BYTES and unpacked > MAX_RATIO * size:
        problem = f"{unpacked} bytes when unpacked, {unpacked // size} times its own size; {MAX_RATIO} is accepted"
    else:
        return members
    violations.append(Violation("bomb", problem))
    return [replace(member, unreadable="the archive unpacks to too much") for member in members]
