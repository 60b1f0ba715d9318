"""Whatever the bytes: facts, None, or MalformedBinary, in bounded time and memory."""

import struct
import time
import tracemalloc
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from natives import fat
from sdk_artifacts.binaries import MalformedBinary, inspect
from sdk_artifacts.binaries.window import MAX_READ_BYTES, MAX_READS

Natives = Mapping[str, Path]

SAMPLES = (
    "x86_64-unknown-linux-musl",
    "glibc_2_28_x86_64",
    "glibc_2_28_aarch64",
    "defines_glibc_2_26_x86_64.so",
    "macos_universal2",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "vcruntime_x86_64.dll",
    "windows_x86",
)
MAGICS = ("7f454c460201", "7f454c460102", "cffaedfe", "feedface", "cafebabe00000002", "cafebabf00000001", "4d5a")
HEADERS_BYTES = 4096  # where a changed byte is most likely to mean something

quick = settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])


def changed(content: bytes, offset: int, new: bytes) -> bytes:
    return content[:offset] + new + content[offset + len(new) :]


def refusal(content: bytes) -> str:
    with pytest.raises(MalformedBinary) as caught:
        inspect(content)
    return caught.value.message


def program_headers(content: bytes, kind: int) -> int:
    """Where the first program header of this kind begins."""
    start, count = struct.unpack_from("<Q", content, 0x20)[0], struct.unpack_from("<H", content, 0x38)[0]
    places = range(start, start + 56 * count, 56)
    return next(place for place in places if struct.unpack_from("<I", content, place)[0] == kind)


@quick
@given(data=st.data())
def test_flipped_bytes_never_raise_anything_else(natives: Natives, data: st.DataObject):
    content = bytearray(natives[data.draw(st.sampled_from(SAMPLES))].read_bytes())
    places = st.integers(0, min(HEADERS_BYTES, len(content)) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8)):
        content[place] = value
    with suppress(MalformedBinary):
        inspect(content)


@quick
@given(data=st.data())
def test_extreme_numbers_never_raise_anything_else(natives: Natives, data: st.DataObject):
    content = natives[data.draw(st.sampled_from(SAMPLES))].read_bytes()
    words = st.tuples(
        st.integers(0, min(HEADERS_BYTES, len(content)) // 4 - 1),
        st.sampled_from([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(content), len(content) - 1]),
    )
    for place, value in data.draw(st.lists(words, min_size=1, max_size=4)):
        content = changed(content, 4 * place, value.to_bytes(4, data.draw(st.sampled_from(["little", "big"]))))
    with suppress(MalformedBinary):
        inspect(content)


@quick
@given(data=st.data())
def test_truncation_never_raises_anything_else(natives: Natives, data: st.DataObject):
    content = natives[data.draw(st.sampled_from(SAMPLES))].read_bytes()
    with suppress(MalformedBinary):
        inspect(content[: data.draw(st.integers(0, len(content)))])


@quick
@given(magic=st.sampled_from(MAGICS), tail=st.binary())
def test_noise_behind_a_magic_number_never_raises_anything_else(magic: str, tail: bytes):
    with suppress(MalformedBinary):
        inspect(bytes.fromhex(magic) + tail)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_cut_within_its_headers_is_malformed(natives: Natives, name: str):
    for size in (16, 40, 100):
        assert refusal(natives[name].read_bytes()[:size])


def test_program_headers_beyond_the_file(natives: Natives):
    content = changed(natives["glibc_2_28_x86_64"].read_bytes(), 0x20, struct.pack("<Q", 1 << 60))
    assert "the program headers at offset 1152921504606846976" in refusal(content)


def test_more_program_headers_than_linux_takes(natives: Natives):
    content = changed(natives["glibc_2_28_x86_64"].read_bytes(), 0x38, struct.pack("<H", 0xFFFF))
    assert "65535 program headers are more than Linux accepts" in refusal(content)


def test_program_headers_of_another_size(natives: Natives):
    content = changed(natives["glibc_2_28_x86_64"].read_bytes(), 0x36, struct.pack("<H", 32))
    assert "program headers of 32 bytes where 64-bit ELF has 56" in refusal(content)


def test_a_name_past_its_string_table(natives: Natives):
    content = natives["glibc_2_28_x86_64"].read_bytes()
    size = (
        content.index(struct.pack("<Q", 10), struct.unpack_from("<Q", content, program_headers(content, 2) + 8)[0]) + 8
    )
    assert "is past its string table of 1 bytes" in refusal(changed(content, size, struct.pack("<Q", 1)))


def test_a_dynamic_table_that_tools_and_loaders_see_in_two_places(natives: Natives):
    content = natives["glibc_2_28_x86_64"].read_bytes()
    header = program_headers(content, 2)
    offset = struct.unpack_from("<Q", content, header + 8)[0]
    lying = changed(content, header + 8, struct.pack("<Q", offset - 16))
    assert f"the dynamic table is at offset {offset - 16} for tools, elsewhere for loaders" in refusal(lying)


def test_a_dynamic_table_without_an_end(natives: Natives):
    content = natives["glibc_2_28_x86_64"].read_bytes()
    size = program_headers(content, 2) + 32
    assert "has no end within 2 entries" in refusal(changed(content, size, struct.pack("<Q", 32)))


def test_an_interpreter_name_without_an_end(natives: Natives):
    content = natives["glibc_2_28_x86_64"].read_bytes()
    size = program_headers(content, 3) + 32
    assert "the interpreter's name at offset" in refusal(changed(content, size, struct.pack("<Q", 5)))


def test_a_name_that_would_write_to_a_terminal(natives: Natives):
    content = natives["glibc_2_28_x86_64"].read_bytes()
    assert r"no printable text: '\x1b[31m6'" in refusal(content.replace(b"libc.so.6\0", b"\x1b[31m6\0\0\0\0"))


def test_endless_version_needs_end_by_the_allowance(natives: Natives):
    content = natives["glibc_2_28_x86_64"].read_bytes()
    needs = content.index(struct.pack("<Q", 0x6FFFFFFE)) + 8
    address, tail = 1 << 30, struct.pack("<I", 16) * (1 << 20)  # read as records, each has a next one 16 bytes on
    segment = struct.pack("<II6Q", 1, 4, len(content), address, address, len(tail), len(tail), 1)
    content = changed(content, program_headers(content, 0x6474E551), segment)  # in place of the stack's flags
    started = time.perf_counter()
    assert f"is the {MAX_READS}th record" in refusal(changed(content, needs, struct.pack("<Q", address)) + tail)
    assert time.perf_counter() - started < 5


def test_fat_slices_within_fat_slices(natives: Natives):
    thin = natives["x86_64-apple-darwin"].read_bytes()
    inner = fat(thin)
    nested = changed(fat(thin), struct.unpack_from(">I", fat(thin), 16)[0], inner[:64])
    assert "a slice begins with cafebabe, which is no thin Mach-O" in refusal(nested)


@pytest.mark.parametrize("count", [0, 17, 40])
def test_a_fat_header_with_an_impossible_number_of_slices(natives: Natives, count: int):
    content = changed(natives["macos_universal2"].read_bytes(), 4, struct.pack(">I", count))
    assert f"a fat Mach-O of {count} slices" in refusal(content)


def test_a_slice_whose_own_header_names_another_machine(natives: Natives):
    content = changed(natives["macos_universal2"].read_bytes(), 8, struct.pack(">2I", 0x0100000C, 0))
    assert "a slice for aarch64 by the fat header is for x86_64 by its own" in refusal(content)


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [
        (16, 0xFFFFFFFF, "a load command at offset"),  # ncmds
        (16, 1, "1 load commands take"),
        (20, 0xFFFFFF00, "the load commands at offset 32 of 4294967040 bytes"),  # sizeofcmds
        (36, 0, "a load command at offset 0 claims 0 bytes"),  # the first command's size
        (36, 0x7FFFFFF0, "a load command at offset 0 of 2147483632 bytes"),
    ],
)
def test_load_commands_that_lie(natives: Natives, offset: int, value: int, reason: str):
    content = changed(natives["x86_64-apple-darwin"].read_bytes(), offset, struct.pack("<I", value))
    assert reason in refusal(content)


def test_an_import_table_that_leads_nowhere(natives: Natives):
    content = natives["vcruntime_x86_64"].read_bytes()
    place = int.from_bytes(content[0x3C:0x40], "little") + 24 + 112 + 8
    assert "an import record at address 0x7fffffff" in refusal(changed(content, place, struct.pack("<I", 0x7FFFFFFF)))


def test_a_huge_header_is_refused_before_it_is_copied(natives: Natives):
    size = 64 << 20
    content = bytearray(natives["vcruntime_x86_64"].read_bytes().ljust(size, b"\0"))
    header = int.from_bytes(content[0x3C:0x40], "little")
    for section in range(4):  # every section's bytes at the very end: pefile would take all before for the header
        place = header + 24 + 240 + 40 * section + 20
        content[place : place + 4] = struct.pack("<I", size - 4096)
    tracemalloc.start()
    try:
        assert "more than any real file has" in refusal(content)
        assert tracemalloc.get_traced_memory()[1] < 8 * MAX_READ_BYTES
    finally:
        tracemalloc.stop()


def test_endless_imports_end_by_the_allowance(natives: Natives):
    content = bytearray(natives["vcruntime_x86_64"].read_bytes())
    header = int.from_bytes(content[0x3C:0x40], "little")
    name_at = content.index(b"VCRUNTIME140.dll\0")
    name = name_at - 1536 + 0x2000
    record = struct.pack("<5I", 0x1000, 0, 0, name, 0x1000)
    start = len(content)
    content += record * (2 * MAX_READS)
    last_section = header + 24 + 240 + 40 * 3
    content[last_section + 8 : last_section + 24] = struct.pack("<4I", 1 << 20, 0x4000, len(content) - start, start)
    place = header + 24 + 112 + 8
    content[place : place + 8] = struct.pack("<2I", 0x4000, 40)
    started = time.perf_counter()
    assert f"is the {MAX_READS}th record" in refusal(content)
    assert time.perf_counter() - started < 5
