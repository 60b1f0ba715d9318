"""Members are read whole and exactly, or the reason is said."""

import hashlib
import random
import zlib

import pytest

from sdk_artifacts.binaries.facts import ElfFile
from sdk_artifacts.wheels import contents
from sdk_artifacts.wheels.contents import MemberUnreadable, chunks, examine, read
from sdk_artifacts.wheels.zips import read_archive
from wheel_builder import Entry, zip_bytes

NOISE = random.Random(1).randbytes(300_000)


def packed(data: bytes) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflater.compress(data) + deflater.flush()


def only(entry: Entry):
    """The data of an archive with this one member, and the member."""
    data = zip_bytes({"a": entry})
    return data, read_archive(data).members[0]


def with_size(data: bytes, size: int) -> Entry:
    return Entry(data, packed=packed(data), local={"size": size}, central={"size": size})


@pytest.mark.parametrize(
    "content", [b"", b"x", bytes(1 << 20), bytes((1 << 20) + 1), b"text" * 500_000, NOISE, NOISE * 20], ids=len
)
def test_what_was_written_is_read(content):
    data, member = only(Entry(content))
    assert b"".join(chunks(data, member)) == content
    assert examine(data, member).sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (with_size(b"text" * 100, 399), "more than the 399 bytes declared"),
        (with_size(b"text" * 100, 401), "holds 400 bytes, 401 are declared"),
        (Entry(b"text", local={"crc32": 1}, central={"crc32": 1}), "its checksum is"),
        (Entry(b"text", packed=packed(b"text")[:-1]), "end too early"),
        (Entry(b"text", packed=packed(b"text") + b"x"), "bytes follow the end"),
        (Entry(b"text", packed=packed(b"text") + bytes(1 << 20)), "bytes follow the end"),
        (Entry(b"text", packed=b"\xff" * 50), "cannot be inflated"),
        (Entry(b"text", packed=b""), "end too early"),
    ],
)
def test_bytes_that_are_not_as_declared(entry, words):
    data, member = only(entry)
    assert words in examine(data, member).problem
    assert examine(data, member).sha256 == ""


def test_no_more_is_inflated_than_declared():
    data, member = only(with_size(bytes(50 << 20), 10))
    seen = []
    with pytest.raises(MemberUnreadable, match="more than the 10 bytes declared"):
        seen.extend(chunks(data, member))
    assert seen == []


def test_a_member_marked_unreadable_is_not_read():
    data = zip_bytes({"a": Entry(b"x"), "b": Entry(b"x", central={"offset": 0})})
    member = read_archive(data).members[1]
    assert examine(data, member).problem == "it shares bytes with another member"


def test_a_text_larger_than_sensible_is_not_read():
    data, member = only(Entry(b"x" * 100))
    with pytest.raises(MemberUnreadable, match="100 bytes, where at most 99"):
        read(data, member, limit=99)


def test_a_native_file_is_inspected_and_kept_where_asked(natives, tmp_path):
    content = natives["glibc_2_17_x86_64"].read_bytes()
    data, member = only(Entry(content))
    kept = tmp_path / "kept"
    found = examine(data, member, keep=kept)
    assert isinstance(found.native, ElfFile)
    assert found.native.glibc_floor == (2, 17)
    assert kept.read_bytes() == content


def test_a_text_is_not_kept(tmp_path):
    data, member = only(Entry(b"text"))
    assert examine(data, member, keep=tmp_path / "kept").native is None
    assert not (tmp_path / "kept").exists()


def test_a_native_file_that_lies_is_said_to_be_malformed(natives):
    data, member = only(Entry(natives["glibc_2_17_x86_64"].read_bytes()[:100]))
    found = examine(data, member)
    assert found.malformed
    assert found.sha256


def test_a_native_file_beyond_the_bound_takes_no_memory(natives, monkeypatch):
    monkeypatch.setattr(contents, "MAX_NATIVE_BYTES", 100)
    data, member = only(Entry(natives["static_x86_64"].read_bytes()))
    assert "up to 100 are inspected" in examine(data, member).problem


def test_progress_adds_up_to_the_bytes_read(natives):
    for content in (NOISE, natives["static_x86_64"].read_bytes()):
        data, member = only(Entry(content))
        steps: list[int] = []
        examine(data, member, advance=steps.append)
        assert sum(steps) == len(content)
