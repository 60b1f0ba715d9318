"""What no compiler here makes: load commands past 4,096 bytes, signatures, delayed imports."""

import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from sdk_artifacts.binaries import CodeSignature, MachOFile, MalformedBinary, PeFile, inspect

Natives = Mapping[str, Path]


def mach_o(*commands: bytes, cpu: int = 0x01000007, subtype: int = 3) -> bytes:
    body = b"".join(commands)
    return struct.pack("<8I", 0xFEEDFACF, cpu, subtype, 2, len(commands), len(body), 0, 0) + body


def dylib(name: str, kind: int = 0xC) -> bytes:
    text = name.encode() + b"\0"
    text += bytes(-len(text) % 8)
    return struct.pack("<6I", kind, 24 + len(text), 24, 0, 0, 0) + text


def build_version(platform: int, minimum: tuple[int, int, int]) -> bytes:
    packed = minimum[0] << 16 | minimum[1] << 8 | minimum[2]
    return struct.pack("<6I", 0x32, 24, platform, packed, packed, 0)


def code_directory(*, identifier: bytes = b"codex", team: bytes = b"TEAM123456", flags: int = 0x10000) -> bytes:
    fixed, names = 52, identifier + b"\0" + team + b"\0"
    team_at = fixed + len(identifier) + 1 if team else 0
    numbers = (0xFADE0C02, fixed + len(names), 0x20200, flags, 0, fixed, 0, 0, 0)
    return struct.pack(">9I4B3I", *numbers, 32, 2, 0, 12, 0, 0, team_at) + names


def super_blob(blobs: dict[int, bytes]) -> bytes:
    index, body = b"", b""
    start = 12 + 8 * len(blobs)
    for slot, blob in blobs.items():
        index += struct.pack(">2I", slot, start + len(body))
        body += blob
    return struct.pack(">3I", 0xFADE0CC0, start + len(body), len(blobs)) + index + body


def signed(natives: Natives, signature: bytes) -> bytes:
    """A real Mach-O with this signature in place of the linker's."""
    content = bytearray(natives["aarch64-apple-darwin"].read_bytes())
    old = content.index(bytes.fromhex("fade0cc0"))
    command = content.index(struct.pack("<3I", 0x1D, 16, old))
    content[command + 12 : command + 16] = struct.pack("<I", len(signature))
    return bytes(content[:old]) + signature


def the_slice(content: bytes):
    found = inspect(content)
    assert isinstance(found, MachOFile)
    return found.slices[0]


def test_the_minimum_macos_is_found_behind_4096_bytes_of_load_commands():
    commands = [dylib(f"/usr/lib/lib{number}.dylib") for number in range(200)]
    content = mach_o(*commands, build_version(1, (12, 3, 1)))
    assert len(content) > 2 * 4096
    assert the_slice(content).minimum_os == (12, 3, 1)
    assert len(the_slice(content).dylibs) == 200


def test_a_mach_o_that_says_no_minimum_has_none():
    assert the_slice(mach_o()).minimum_os is None


def test_a_weak_dylib_is_no_need():
    assert the_slice(mach_o(dylib("@rpath/a.dylib"), dylib("@rpath/b.dylib", 0x80000018))).dylibs == ("@rpath/a.dylib",)


def test_of_two_platforms_the_minimum_is_macs():
    part = the_slice(mach_o(build_version(6, (15, 0, 0)), build_version(1, (11, 0, 0))))
    assert (part.platforms, part.minimum_os) == (("catalyst", "macOS"), (11, 0, 0))


@pytest.mark.parametrize(
    ("cpu", "subtype", "machine"),
    [(0x0100000C, 0x80000002, "arm64e"), (0x01000007, 8, "x86_64h"), (7, 3, "i386, subtype 3")],
)
def test_a_machine_that_only_resembles_ours_has_its_own_name(cpu: int, subtype: int, machine: str):
    assert the_slice(mach_o(cpu=cpu, subtype=subtype)).machine == machine


def test_a_developers_signature_tells_team_and_hardened_runtime(natives: Natives):
    cms = struct.pack(">2I", 0xFADE0B01, 12) + b"0123"
    part = the_slice(signed(natives, super_blob({0: code_directory(), 0x10000: cms})))
    assert part.signature == CodeSignature("codex", team="TEAM123456", ad_hoc=False, cms=True, hardened=True)


def test_an_empty_certificate_blob_signs_nothing(natives: Natives):
    empty = struct.pack(">2I", 0xFADE0B01, 8)
    part = the_slice(signed(natives, super_blob({0: code_directory(team=b"", flags=2), 0x10000: empty})))
    assert part.signature == CodeSignature("codex", team=None, ad_hoc=True, cms=False, hardened=False)


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (super_blob({}), "without a code directory"),
        (super_blob({0: b"\xfa\xde\x0c\x01" + code_directory()[4:]}), "a code directory begins with 0xfade0c01"),
        (b"\xfa\xde\x0c\xc1" + super_blob({0: code_directory()})[4:], "a code signature begins with 0xfade0cc1"),
        (super_blob({0: code_directory()})[:-4], "the code signature at offset 0 of"),
        (super_blob({0: code_directory(identifier=b"\x1b[31m")}), "no printable text"),
    ],
)
def test_a_lying_signature_is_malformed(natives: Natives, signature: bytes, reason: str):
    with pytest.raises(MalformedBinary, match=reason.replace("(", r"\(")):
        inspect(signed(natives, signature))


def pe_with(natives: Natives, directory: int, address: int, size: int, *, at: int = 0, data: bytes = b"") -> bytes:
    """A real PE file with one data directory changed, and `data` written at the offset `at`."""
    content = bytearray(natives["vcruntime_x86_64"].read_bytes())
    header = int.from_bytes(content[0x3C:0x40], "little")
    place = header + 24 + 112 + 8 * directory
    content[place : place + 8] = struct.pack("<2I", address, size)
    content[at : at + len(data)] = data
    return bytes(content)


def certificate(length: int, kind: int = 2, body: bytes = b"\x30\x82") -> bytes:
    return struct.pack("<IHH", length, 0x200, kind) + body + bytes(6)


def with_certificate(natives: Natives, entry: bytes, size: int | None = None) -> bytes:
    end = natives["vcruntime_x86_64"].stat().st_size
    size = len(entry) if size is None else size
    return pe_with(natives, 4, end, size, at=end, data=entry)


def test_a_delayed_import_is_an_import(natives: Natives):
    # The second section begins at address 0x2000 and offset 1536, and has room after its first 256 bytes.
    descriptor = struct.pack("<8I", 1, 0x2140, 0, 0, 0, 0, 0, 0) + bytes(32) + b"MSVCP140.dll\0"
    found = inspect(pe_with(natives, 13, 0x2100, 64, at=1536 + 0x100, data=descriptor))
    assert isinstance(found, PeFile)
    assert found.imports == ("vcruntime140.dll", "msvcp140.dll")


@pytest.mark.parametrize(
    ("entry", "is_signed"),
    [
        (certificate(16), True),
        (certificate(16, kind=1), False),  # a bare certificate
        (certificate(16, body=b"\0\0"), False),  # no DER
    ],
)
def test_authenticode_is_a_pkcs7_certificate(natives: Natives, entry: bytes, is_signed: bool):  # noqa: FBT001 - a case
    found = inspect(with_certificate(natives, entry))
    assert isinstance(found, PeFile)
    assert found.signed is is_signed


@pytest.mark.parametrize(
    ("entry", "size", "reason"),
    [
        (certificate(16), 1 << 20, "the certificate table at offset 3072 of 1048576 bytes is not within"),
        (certificate(4096), 16, "a certificate of 4096 bytes is in a table of 16"),
        (certificate(2), 16, "a certificate of 2 bytes"),
    ],
)
def test_a_certificate_outside_its_bounds_is_malformed(natives: Natives, entry: bytes, size: int, reason: str):
    with pytest.raises(MalformedBinary, match=reason):
        inspect(with_certificate(natives, entry, size))
