"""The canonical form: one set of files has one archive. Ours must have it; of others it is only worth a note."""

from collections.abc import Callable, Iterator

from ..wheels import OUR_PACKAGE, Wheel
from ..wheels.zip_rules import DEFLATED, Member
from ..wheels.zips import UTF8_FLAG
from .findings import Finding, Question, strictly

UNIX = 3
_NEEDED = 20  # version 2.0 of the format, the first that knows deflate
_REGULAR_0644 = 0o100644


def canonical(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Where the archive departs from the form that our backend writes."""
    level = strictly(wheel)
    members = wheel.archive.members
    names = [member.name for member in members]
    ordered = sorted(names, key=_rank)
    if names != ordered:
        first = next(name for name, right in zip(names, ordered, strict=True) if name != right)
        yield Finding(level, "members are not in canonical order", first, "sorted, then .dist-info, RECORD last")
    if [member.header_offset for member in members] != sorted(member.header_offset for member in members):
        yield Finding(level, "the central directory has another order than the members")
    dates = {(member.date, member.time) for member in members}
    if len(dates) > 1:
        yield Finding(level, f"{len(dates)} different dates", right="one date for all members")
    for problem, found in _departures(wheel).items():
        if found:
            yield Finding(level, f"{problem} ({len(found)} members)", found[0])


def _departures(wheel: Wheel) -> dict[str, list[str]]:
    """Names of the members by what is not canonical about them."""
    rules: dict[str, Callable[[Member], bool]] = {
        "create_system is not 3 (Unix)": lambda member: member.create_system != UNIX,
        "versions of the format other than 2.0": lambda member: {member.needed, member.made_by & 0xFF} != {_NEEDED},
        "flags beyond UTF-8 where it is needed": lambda member: member.flags != _flags(member),
        "extra fields": lambda member: bool(member.extra or member.local_extra_size),
        "attributes beside the POSIX mode": lambda member: bool(
            member.internal_attributes or member.external_attributes & 0xFFFF
        ),
        "directory entries": lambda member: member.is_directory,
        "larger compressed than stored": lambda member: (
            member.method == DEFLATED and member.compressed_size >= member.size
        ),
    }
    if wheel.is_ours or wheel.is_sdk:
        rules["a mode other than 0100644 of what is no payload"] = lambda member: (
            not _is_payload(member.name) and member.mode != _REGULAR_0644
        )
    return {
        problem: [member.name for member in wheel.archive.members if departs(member)]
        for problem, departs in rules.items()
    }


def _flags(member: Member) -> int:
    return 0 if member.raw_name.isascii() else UTF8_FLAG


def _rank(name: str) -> tuple[bool, bool, str]:
    inside = name.partition("/")[0].endswith(".dist-info")
    return inside, inside and name.endswith("/RECORD"), name


def _is_payload(name: str) -> bool:
    return name.startswith(f"{OUR_PACKAGE}/") and not name.endswith((".py", ".typed", "/manifest.json"))
