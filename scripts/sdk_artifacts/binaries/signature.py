"""What the code signature of a Mach-O claims: the super blob's code directory, big-endian whatever the machine."""

import struct

from .facts import CodeSignature
from .window import MalformedBinary, Window

_SUPER_BLOB, _CODE_DIRECTORY, _CMS = 0xFADE0CC0, 0xFADE0C02, 0xFADE0B01
_CODE_DIRECTORY_SLOT, _CMS_SLOT = 0, 0x10000
_AD_HOC, _HARDENED_RUNTIME = 0x2, 0x10000
_TEAM_SINCE = 0x20200
_BLOB_HEADER_BYTES = 8
_MAX_BLOBS = 64


def read_signature(window: Window) -> CodeSignature:
    """The claims of the signature that is `window`, for the code directory that every macOS reads.

    Raises:
        MalformedBinary: it has no code directory, or lies about where things are.
    """
    blobs = _blobs(window)
    if _CODE_DIRECTORY_SLOT not in blobs:
        raise MalformedBinary("a code signature without a code directory")
    directory = blobs[_CODE_DIRECTORY_SLOT]
    magic, size, version, flags, _, identifier_at = struct.unpack(">6I", directory.read(0, 24, "the code directory"))
    if magic != _CODE_DIRECTORY:
        raise MalformedBinary(f"a code directory begins with {magic:#x}")
    team_at = 0
    if version >= _TEAM_SINCE:
        (team_at,) = struct.unpack(">I", directory.read(48, 4, "the team's place"))
    cms = blobs.get(_CMS_SLOT)
    return CodeSignature(
        identifier=directory.text(identifier_at, size, "the signature's identifier"),
        team=directory.text(team_at, size, "the signature's team") if team_at else None,
        ad_hoc=bool(flags & _AD_HOC),
        cms=cms is not None and len(cms) > _BLOB_HEADER_BYTES,
        hardened=bool(flags & _HARDENED_RUNTIME),
    )


def _blobs(window: Window) -> dict[int, Window]:
    magic, size, count = struct.unpack(">3I", window.read(0, 12, "the code signature"))
    if magic != _SUPER_BLOB or count > _MAX_BLOBS:
        raise MalformedBinary(f"a code signature begins with {magic:#x} and {count} blobs")
    whole = window.part(0, size, "the code signature")
    blobs = {}
    for number in range(count):
        slot, at = struct.unpack(">2I", whole.read(12 + 8 * number, 8, "a signature blob's record"))
        length = int.from_bytes(whole.read(at, _BLOB_HEADER_BYTES, "a signature blob")[4:], "big")
        blobs[slot] = whole.part(at, length, "a signature blob")
    return blobs
