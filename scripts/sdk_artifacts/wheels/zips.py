"""A zip container read by hand and strictly: its members, and every rule of an index or of good sense that it breaks.

Two readers that disagree about an archive install different files, so whatever could be read in two ways is a
violation. Work and memory are bounded by the bytes that are there, never by the numbers they declare.
"""

import itertools
import mmap
import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .zip_rules import Archive, Member, Violation, bounded, extra_violations, field_violations, name_violations

Buffer = bytes | memoryview | mmap.mmap

MAX_MEMBERS = 30_000  # more than half as much again as the largest that is known
UTF8_FLAG = 0x800
_SEE_ZIP64_COUNT, _SEE_ZIP64_OFFSET = 0xFFFF, 0xFFFFFFFF

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ZIP64_LOCATOR = b"PK\6\7"


def read_archive(data: Buffer) -> Archive:
    """Read the container's structure; never raises for what is in `data`, and never inflates a byte."""
    violations: list[Violation] = []
    end = _end_record(data, violations)
    if end is None:
        return Archive((), tuple(violations))
    found = _directory(data, end, violations)
    if found is None:
        return Archive((), tuple(violations))
    directory_offset, members = found
    members = [_checked_against_local(data, member, directory_offset, violations) for member in members]
    members = _laid_out(members, directory_offset, violations)
    violations += name_violations(members)
    members = bounded(members, len(data), violations)
    return Archive(tuple(members), tuple(violations))


def _end_record(data: Buffer, violations: list[Violation]) -> int | None:
    """Where the end record starts; None when there is none."""
    tail = bytes(data[max(0, len(data) - _END.size - 0xFFFF) :])
    found = len(tail) - _END.size
    if found < 0 or not tail.startswith(b"PK\5\6", found) or tail[-2:] != b"\0\0":
        found = tail.rfind(b"PK\5\6", 0, max(0, len(tail) - _END.size + 4))
        if found < 0:
            violations.append(Violation("no-end-record", "no end record: this is no zip archive, or it is truncated"))
            return None
    offset = len(data) - len(tail) + found
    comment = _END.unpack_from(tail, found)[7]
    extra = len(data) - offset - _END.size
    if comment:
        violations.append(Violation("comment", f"the archive has a comment of {comment} bytes"))
    if extra > comment:
        violations.append(Violation("trailing-data", f"{extra - comment} bytes follow the end of the archive"))
    elif extra < comment:
        violations.append(Violation("truncated", f"the comment should go on for {comment - extra} more bytes"))
    return offset


def _directory(data: Buffer, end: int, violations: list[Violation]) -> tuple[int, list[Member]] | None:
    """Where the central directory starts, and its members; None when it is not worth reading."""
    _, disk, directory_disk, here, count, size, offset, _ = _END.unpack_from(data, end)
    if disk or directory_disk or here != count:
        violations.append(Violation("multi-disk", "the archive says that it spans several disks"))
    if (
        bytes(data[max(0, end - 20) : end]).startswith(_ZIP64_LOCATOR)
        or _SEE_ZIP64_COUNT in (here, count)
        or offset == _SEE_ZIP64_OFFSET
    ):
        violations.append(Violation("zip64", "zip64 records, which nothing of a wheel's size needs"))
        return None
    if count > MAX_MEMBERS:
        violations.append(Violation("too-many-members", f"{count} members, more than {MAX_MEMBERS}"))
        return None
    if offset + size != end:
        where = "before" if offset + size < end else "inside"
        violations.append(Violation("directory-misplaced", f"the central directory ends {where} of the end record"))
    members, position = [], offset
    for member, following in itertools.islice(_central_headers(data, offset, end, violations), count):
        members.append(member)
        position = following
    if len(members) != count:
        violations.append(Violation("truncated", f"{count} members promised, {len(members)} found"))
    elif position != offset + size:
        violations.append(Violation("directory-misplaced", "the central directory's size is not that of its records"))
    return offset, members


def _central_headers(
    data: Buffer, position: int, end: int, violations: list[Violation]
) -> Iterator[tuple[Member, int]]:
    """Each member and where the next one starts; stops at the first that is none."""
    while position + _CENTRAL.size <= end:
        (signature, made_by, needed, flags, method, time, date, crc32, compressed_size, size, name_size, extra_size,
         comment_size, disk, internal, external, offset) = _CENTRAL.unpack_from(data, position)  # fmt: skip
        name_at = position + _CENTRAL.size
        extra_at = name_at + name_size
        position = extra_at + extra_size + comment_size
        if signature != b"PK\1\2" or position > end:
            return
        raw_name = bytes(data[name_at:extra_at])
        extra = bytes(data[extra_at : extra_at + extra_size])
        name, problem = _decoded(raw_name, flags)
        member = Member(name, raw_name, made_by, needed, flags, method, time, date, crc32, compressed_size, size,
                        internal, external, extra, offset)  # fmt: skip
        violations += problem
        violations += field_violations(member)
        if comment_size:
            violations.append(Violation("comment", f"a comment of {comment_size} bytes", name))
        if disk:
            violations.append(Violation("multi-disk", f"on disk {disk}", name))
        yield member, position


def _decoded(raw_name: bytes, flags: int) -> tuple[str, list[Violation]]:
    try:
        name = raw_name.decode("utf-8")
    except UnicodeDecodeError:
        name = raw_name.decode("utf-8", "replace")
        return name, [Violation("name-not-utf8", "the name is not UTF-8", name)]
    if not raw_name.isascii() and not flags & UTF8_FLAG:
        return name, [Violation("name-not-utf8", "a name beyond ASCII without the flag that says UTF-8", name)]
    return name, []


def _checked_against_local(data: Buffer, member: Member, limit: int, violations: list[Violation]) -> Member:
    """The member with the place of its data, compared to its local header."""
    start = member.header_offset
    if start + _LOCAL.size > min(limit, len(data)):
        violations.append(Violation("truncated", f"its local header would be at {start}, outside", member.name))
        return replace(member, unreadable="its local header is outside the archive")
    signature, *fields, name_size, extra_size = _LOCAL.unpack_from(data, start)
    name_at = start + _LOCAL.size
    data_at = name_at + name_size + extra_size
    if signature != b"PK\3\4":
        violations.append(Violation("local-header", f"no local header at {start}", member.name))
        return replace(member, unreadable="it has no local header")
    stated = [member.needed, member.flags, member.method, member.time, member.date, member.crc32,
              member.compressed_size, member.size]  # fmt: skip
    names = ("version needed", "flags", "method", "time", "date", "crc32", "compressed size", "size")
    for what, local, central in zip(names, fields, stated, strict=True):
        if local != central:
            violations.append(
                Violation(
                    "local-header", f"{what}: {local} in the local header, {central} in the directory", member.name
                )
            )
    if bytes(data[name_at : name_at + name_size]) != member.raw_name:
        violations.append(Violation("local-header", "the local header gives another name", member.name))
    violations += extra_violations(bytes(data[name_at + name_size : data_at]), member.name)
    if data_at + member.compressed_size > min(limit, len(data)):
        violations.append(Violation("truncated", "its data would reach beyond the members' part", member.name))
        return replace(member, unreadable="its data reach beyond the archive's part for members")
    return replace(member, data_offset=data_at, local_extra_size=extra_size)


def _laid_out(members: Sequence[Member], directory: int, violations: list[Violation]) -> list[Member]:
    """Members with those marked that share bytes with another; reports gaps, where anything could hide."""
    overlapping: set[int] = set()
    reached = 0
    for index in sorted(range(len(members)), key=lambda index: members[index].header_offset):
        member = members[index]
        if member.unreadable:
            continue
        if member.header_offset < reached:
            overlapping.add(index)
            violations.append(Violation("overlap", "shares bytes with another member", member.name))
        elif member.header_offset > reached:
            rule = "gap" if reached else "prepended-data"
            violations.append(
                Violation(rule, f"{member.header_offset - reached} bytes before it are no member's", member.name)
            )
        reached = max(reached, member.data_offset + member.compressed_size)
    if directory > reached:
        violations.append(Violation("gap", f"{directory - reached} bytes before the central directory are no member's"))
    return [
        replace(member, unreadable="it shares bytes with another member") if index in overlapping else member
        for index, member in enumerate(members)
    ]
