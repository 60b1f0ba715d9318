import mmap
from collections.abc import Mapping
from pathlib import Path

import pytest

from sdk_artifacts.binaries import CodeSignature, ElfFile, MachOFile, NativeFile, PeFile, inspect

Natives = Mapping[str, Path]


def facts(natives: Natives, name: str) -> NativeFile:
    found = inspect(natives[name].read_bytes())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "machine"),
    [
        ("static_x86_64", "x86_64"),
        ("x86_64-unknown-linux-musl", "x86_64"),  # static-pie: position-independent, and has a dynamic table
        ("aarch64-unknown-linux-musl", "aarch64"),
    ],
)
def test_a_static_elf_needs_nothing(natives: Natives, name: str, machine: str):
    assert facts(natives, name) == ElfFile(machine)
    assert ElfFile(machine).libc == "static"


@pytest.mark.parametrize(
    ("name", "machine", "loader", "floor"),
    [
        ("glibc_2_17_x86_64", "x86_64", "/lib64/ld-linux-x86-64.so.2", (2, 17)),
        ("glibc_2_28_x86_64", "x86_64", "/lib64/ld-linux-x86-64.so.2", (2, 28)),
        ("glibc_2_28_aarch64", "aarch64", "/lib/ld-linux-aarch64.so.1", (2, 28)),
    ],
)
def test_a_glibc_executable_tells_the_highest_glibc_it_needs(natives: Natives, name, machine, loader, floor):
    found = facts(natives, name)
    assert isinstance(found, ElfFile)
    assert (found.machine, found.interpreter, found.needed) == (machine, loader, ("libc.so.6",))
    assert (found.libc, found.glibc_floor) == ("glibc", floor)


def test_versions_of_every_needed_library_count(natives: Natives):
    found = facts(natives, "glibc_pthread_x86_64")
    assert isinstance(found, ElfFile)
    assert found.needed == ("libc.so.6", "libpthread.so.0")
    assert found.versions == ("GLIBC_2.12", "GLIBC_2.2.5")  # of libpthread and of libc


def test_a_glibc_version_tells_glibc_even_without_its_library():
    assert ElfFile("x86_64", needed=("libm.so.6",), versions=("GLIBC_2.17",)).libc == "glibc"
    assert ElfFile("x86_64", needed=("libm.so.6",)).libc == "none"


@pytest.mark.parametrize(("name", "libc"), [("glibc_2_17_x86_64.so", "glibc"), ("musl_x86_64.so", "musl")])
def test_a_shared_object_without_a_loader_is_not_static(natives: Natives, name: str, libc: str):
    found = facts(natives, name)
    assert isinstance(found, ElfFile)
    assert (found.interpreter, found.libc) == (None, libc)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_a_musl_executable_is_known_by_its_loader(natives: Natives, machine: str):
    found = facts(natives, f"musl_{machine}")
    assert isinstance(found, ElfFile)
    assert (found.machine, found.interpreter, found.libc) == (machine, f"/lib/ld-musl-{machine}.so.1", "musl")


def test_a_version_that_an_elf_defines_is_no_need(natives: Natives):
    content = natives["defines_glibc_2_26_x86_64.so"].read_bytes()
    found = inspect(content)
    assert b"GLIBC_2.26\0" in content
    assert isinstance(found, ElfFile)
    assert (found.versions, found.glibc_floor) == (("GLIBC_2.17",), (2, 17))


def test_glibcs_private_version_is_a_need_without_a_number(natives: Natives):
    found = facts(natives, "glibc_private_x86_64.so")
    assert isinstance(found, ElfFile)
    assert (found.versions, found.glibc_floor, found.libc) == (("GLIBC_PRIVATE",), None, "glibc")


def test_section_headers_are_not_needed(natives: Natives):
    content = bytearray(natives["glibc_2_28_x86_64"].read_bytes())
    whole = inspect(bytes(content))
    start = int.from_bytes(content[0x28:0x30], "little")
    content[0x28:0x30], content[0x3C:0x40] = bytes(8), bytes(4)
    assert inspect(content[:start]) == whole


@pytest.mark.parametrize(
    ("name", "machine", "minimum_os"),
    [
        ("x86_64-apple-darwin", "x86_64", (10, 12, 0)),  # said by LC_VERSION_MIN_MACOSX
        ("macos_11_0_x86_64", "x86_64", (11, 0, 0)),  # by LC_BUILD_VERSION
        ("macos_12_3_arm64", "aarch64", (12, 3, 0)),
    ],
)
def test_a_mach_o_tells_its_minimum_macos(natives: Natives, name: str, machine: str, minimum_os: tuple[int, ...]):
    found = facts(natives, name)
    assert isinstance(found, MachOFile)
    (part,) = found.slices
    assert (part.machine, part.platforms, part.minimum_os) == (machine, ("macOS",), minimum_os)
    assert part.dylibs == ("/usr/lib/libSystem.B.dylib",)


def test_each_slice_of_a_fat_mach_o_has_its_own_facts(natives: Natives):
    found = facts(natives, "macos_universal2")
    assert isinstance(found, MachOFile)
    assert found.machine == "x86_64+aarch64"
    assert [part.minimum_os for part in found.slices] == [(10, 12, 0), (11, 0, 0)]
    assert [part.signature is None for part in found.slices] == [True, False]


def test_a_linkers_ad_hoc_signature_names_nobody(natives: Natives):
    found = facts(natives, "aarch64-apple-darwin")
    assert isinstance(found, MachOFile)
    expected = CodeSignature("aarch64-apple-darwin", team=None, ad_hoc=True, cms=False, hardened=False)
    assert found.slices[0].signature == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x86_64-pc-windows-msvc", PeFile("x86_64", is_dll=False, imports=("kernel32.dll",))),
        ("aarch64-pc-windows-msvc", PeFile("aarch64", is_dll=False, imports=("kernel32.dll",))),
        ("windows_x86", PeFile("i686", is_dll=False, imports=("kernel32.dll",))),
        ("vcruntime_x86_64", PeFile("x86_64", is_dll=False, imports=("vcruntime140.dll",))),
        ("vcruntime_x86_64.dll", PeFile("x86_64", is_dll=True, imports=("vcruntime140.dll",))),
    ],
)
def test_a_pe_tells_machine_kind_and_imports(natives: Natives, name: str, expected: PeFile):
    assert facts(natives, name) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x7f",
        b"#!/bin/sh\n",
        b"\x7fEL",
        b"PK\x03\x04",
        bytes.fromhex("cafebabe 0000 0041 0010 0a00"),  # a Java class has a fat Mach-O's magic
    ],
)
def test_another_file_is_no_native_file(content: bytes):
    assert inspect(content) is None


@pytest.mark.parametrize("name", ["glibc_2_28_x86_64", "macos_universal2", "vcruntime_x86_64"])
def test_any_buffer_will_do_and_none_is_held(natives: Natives, name: str):
    content = natives[name].read_bytes()
    with mmap.mmap(-1, len(content)) as mapping:  # closing it raises BufferError while a view of it lives
        mapping[:] = content
        assert inspect(mapping) == inspect(content) == inspect(memoryview(content))


def test_a_large_file_costs_no_more_than_its_headers(natives: Natives):
    size = 400 << 20
    with mmap.mmap(-1, size) as mapping:
        content = natives["vcruntime_x86_64"].read_bytes()
        mapping[: len(content)] = content
        assert inspect(mapping) == inspect(content)
