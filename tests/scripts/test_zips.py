"""Every rule of the container by its name: one archive that breaks it, and no other rule beside it."""

import io
import struct
import zipfile

import pytest

from sdk_artifacts.wheels import zip_rules, zips
from sdk_artifacts.wheels.zips import read_archive
from wheel_builder import Entry, zip_bytes

A, B = Entry(b"first" * 10), Entry(b"second" * 10)
DIRECTORY_MODE, SYMLINK_MODE, DEVICE_MODE = 0o040755, 0o120777, 0o020644


def broken(data: bytes) -> set[str]:
    return {violation.rule for violation in read_archive(data).violations}


def test_a_right_archive_breaks_no_rule_and_gives_its_members():
    archive = read_archive(zip_bytes({"a": A, "d/b": B}))
    assert archive.violations == ()
    assert [(member.name, member.size, member.mode, member.method) for member in archive.members] == [
        ("a", 50, 0o100644, 8),
        ("d/b", 60, 0o100644, 8),
    ]


def test_what_the_standard_library_writes_breaks_no_rule():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"text" * 100)
        archive.writestr("d/ü", b"text")
        archive.mkdir("e")
    assert broken(buffer.getvalue()) == set()


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        ("comment", {"comment": b"x"}),
        ("trailing-data", {"after": b"x"}),
        ("prepended-data", {"before": b"MZ"}),
        ("truncated", {"comment_size": 9}),
        ("multi-disk", {"disk": 1}),
        ("zip64", {"here": 0xFFFF, "count": 0xFFFF}),
        ("truncated", {"here": 3, "count": 3}),
    ],
)
def test_rules_of_the_whole(rule, options):
    assert rule in broken(zip_bytes({"a": A, "b": B}, **options))


@pytest.mark.parametrize(
    ("rule", "entry"),
    [
        ("comment", Entry(b"x", comment=b"y")),
        ("data-descriptor", Entry(b"x", flags=8)),
        ("encrypted", Entry(b"x", flags=1)),
        ("method", Entry(b"x", local={"method": 12}, central={"method": 12})),
        ("zip64", Entry(b"x", extra=b"\1\0\0\0")),
        ("extra-field", Entry(b"x", extra=b"\xff\xff\x09\0x")),
        ("extra-field", Entry(b"x", extra=b"\x75\x70\0\0")),
        ("extra-field", Entry(b"x", extra=b"\xff")),
        ("extra-field", Entry(b"x", extra=b"\xff", local_extra=b"")),
        ("extra-field", Entry(b"x", local_extra=b"\xff")),
        ("symlink", Entry(b"x", mode=SYMLINK_MODE)),
        ("special-file", Entry(b"x", mode=DEVICE_MODE)),
        ("special-file", Entry(b"", mode=DIRECTORY_MODE)),
        ("multi-disk", Entry(b"x", central={"disk": 1})),
        ("local-header", Entry(b"x", local={"crc32": 1})),
        ("local-header", Entry(b"x", local={"date": 1})),
        ("local-header", Entry(b"x", local={"signature": b"PK\1\4"})),
        ("size", Entry(b"x", local={"size": 9}, central={"size": 9})),
        ("gap", Entry(b"x", gap=b"hidden")),
        ("truncated", Entry(b"x", central={"offset": 1 << 20})),
        ("truncated", Entry(b"x", central={"packed_size": 1 << 20, "size": 1 << 20})),
        ("directory-misplaced", Entry(b"x", central={"signature": b"PK\0\0"})),
    ],
)
def test_rules_of_one_member(rule, entry):
    found = broken(zip_bytes({"a": A, "b": entry}))
    assert found & {rule, "truncated"} if rule == "directory-misplaced" else rule in found


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("name-path", "/etc/passwd"),
        ("name-path", "d/../../e"),
        ("name-path", "./e"),
        ("name-path", "d//e"),
        ("name-path", "d\\e"),
        ("name-path", "C:e"),
        ("name-path", ""),
        ("name-path", "a/below-a-file"),
        ("name-path", "n" * 1025),
        ("name-control", "e\n"),
        ("name-control", "e\x7f"),
        ("name-control", "\u202egpj.exe"),
        ("case-collision", "A"),
        ("case-collision", "A/"),
    ],
)
def test_rules_of_names(rule, name):
    entry = Entry(b"" if name.endswith("/") else b"x", flags=0 if name.isascii() else zips.UTF8_FLAG)
    entry.mode = 0 if name.endswith("/") else entry.mode
    assert broken(zip_bytes({"a": A, name: entry})) == {rule}


def test_a_name_that_stands_twice():
    assert broken(zip_bytes({"a": A, "b": Entry(b"x", raw_name=b"a")})) == {"duplicate-name"}


def test_names_must_be_utf8_and_say_so():
    assert broken(zip_bytes({"b": Entry(b"x", raw_name=b"\xff")})) == {"name-not-utf8"}
    assert broken(zip_bytes({"ü": Entry(b"x")})) == {"name-not-utf8"}
    assert broken(zip_bytes({"ü": Entry(b"x", flags=zips.UTF8_FLAG)})) == set()


def test_the_local_header_may_give_no_other_name():
    data = zip_bytes({"name": A})
    assert broken(data.replace(b"name", b"nama", 1)) == {"local-header"}


def test_members_that_share_bytes_are_reported_and_not_readable():
    data = zip_bytes({"a": A, "b": Entry(b"x", central={"offset": 0})})
    archive = read_archive(data)
    assert "overlap" in {violation.rule for violation in archive.violations}
    assert archive.members[1].unreadable


def test_bytes_between_the_last_member_and_the_directory_are_a_gap():
    data = zip_bytes({"a": A})
    directory = data.index(b"PK\1\2")
    end = data[-6:-2]
    moved = data[:directory] + b"hidden" + data[directory:].replace(end, struct.pack("<L", directory + 6))
    assert broken(moved) == {"gap"}


def test_an_archive_inside_of_another_ones_member_is_no_way_in():
    inner = zip_bytes({"evil": A})
    found = broken(zip_bytes({"a": A}, after=inner))
    assert {"directory-misplaced", "prepended-data"} & found


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\5\6", b"garbage" * 1000, b"PK\5\6" * 1000])
def test_what_is_no_archive(data):
    assert read_archive(data).members == ()
    assert broken(data)


def test_any_truncation_is_noticed():
    data = zip_bytes({"a": A, "b": B})
    assert all(broken(data[:length]) for length in range(len(data)))


def test_too_many_members_are_one_finding_and_not_read(monkeypatch):
    monkeypatch.setattr(zips, "MAX_MEMBERS", 10)
    archive = read_archive(zip_bytes({f"{number}": Entry(b"") for number in range(11)}))
    assert [violation.rule for violation in archive.violations] == ["too-many-members"]
    assert archive.members == ()


def test_a_hundred_thousand_members_are_one_finding():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    archive = read_archive(buffer.getvalue())
    assert [violation.rule for violation in archive.violations] == ["zip64"]
    assert archive.members == ()


def test_a_bomb_is_known_before_a_byte_is_inflated():
    size = zip_rules.RATIO_FLOOR_BYTES + 1
    bomb = Entry(b"x", packed=b"packed", local={"size": size}, central={"size": size})
    archive = read_archive(zip_bytes({"a": bomb}))
    assert [violation.rule for violation in archive.violations] == ["bomb"]
    assert archive.members[0].unreadable


def test_sizes_without_end_are_a_bomb():
    size = 0xF0000000
    many = {name: Entry(b"x", packed=b"p", local={"size": size}, central={"size": size}) for name in "abcd"}
    assert broken(zip_bytes(many)) == {"bomb"}
