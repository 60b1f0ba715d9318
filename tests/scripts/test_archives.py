"""Archives and directories, read member by member: what is let in, and what is refused by name."""

import gzip
import os
import random
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import hostile_archives as hostile
from sdk_artifacts.errors import PayloadRefused
from sdk_artifacts.payload import admission, archives
from sdk_artifacts.payload.archives import kind_of, members


def read(source: Path) -> dict[str, bytes]:
    return {member.path: b"".join(member.chunks) for member in members(source, advance=lambda _: None)}


@pytest.mark.parametrize("build", hostile.BUILDS.values(), ids=hostile.BUILDS)
def test_every_file_of_an_honest_archive_is_read(tmp_path: Path, build: hostile.Build) -> None:
    files = {"a/b/c": os.urandom(700_000), "a/empty": b"", "./top": b"x"}
    advanced: list[int] = []
    archive = build(tmp_path / "honest", files)
    found = {m.path: (m.size, b"".join(m.chunks)) for m in members(archive, advance=advanced.append)}
    assert found == {name.removeprefix("./"): (len(content), content) for name, content in files.items()}
    assert 0.99 * 700_000 < sum(advanced) <= archive.stat().st_size


def test_a_directory_is_read_like_an_archive(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"content")
    (tmp_path / "top").write_bytes(b"")
    assert read(tmp_path) == {"a/b/c": b"content", "top": b""}


def test_the_kind_is_told_by_content_and_not_by_name(tmp_path: Path) -> None:
    tar = hostile.tar_gz(tmp_path / "a", hostile.SMALL_PAYLOAD).rename(tmp_path / "tar.zip")
    zipped = hostile.zip_file(tmp_path / "b", hostile.SMALL_PAYLOAD).rename(tmp_path / "zip.tgz")
    other = tmp_path / "other.tar.gz"
    other.write_bytes(b"\x7fELF")
    assert [kind_of(path) for path in (tar, zipped, other, tmp_path)] == ["gzip", "zip", None, "directory"]
    assert read(tar) == read(zipped) == hostile.SMALL_PAYLOAD


BAD_NAMES = {
    "absolute": ("/etc/passwd", "absolute path"),
    "parent": ("bin/../../out", "leads out"),
    "backslash": ("bin\\..\\out", "Windows"),
    "drive": ("C:/out", "Windows"),
    "stream": ("bin/codex:hidden", "Windows"),
    "newline": ("bin/a\nb", "control"),
    "escape": ("bin/\x1b[2J", "control"),
    "right-to-left": ("bin/\u202eexe.txt", "control"),
    "long": ("bin/" + "x" * 300, "more than 240 characters"),
    "empty part": ("bin//codex2", "empty, dotted"),
    "dot part": ("bin/./codex2", "empty, dotted"),
    "trailing dot": ("bin/codex2.", "empty, dotted"),
    "trailing space": ("bin/codex2 ", "empty, dotted"),
    "reserved": ("bin/NUL.txt", "reserved"),
    "no name": ("./", "empty"),
}


@pytest.mark.parametrize("build", hostile.BUILDS.values(), ids=hostile.BUILDS)
@pytest.mark.parametrize(("name", "reason"), BAD_NAMES.values(), ids=BAD_NAMES)
def test_a_name_that_is_not_plain_is_refused(tmp_path: Path, build: hostile.Build, name: str, reason: str) -> None:
    archive = build(tmp_path / "bad", {"bin/codex": b"x", name: b"evil"})
    with pytest.raises(PayloadRefused, match=reason) as refused:
        read(archive)
    assert repr(name.rstrip("/"))[:-1] in refused.value.message


COLLISIONS = {
    "case": (["bin/codex", "bin/Codex"], "the same place as 'bin/codex'"),
    "case of a parent": (["bin/codex", "BIN/rg"], "in spelling only"),
    "normal form": (["bin/\u00e9", "bin/e\u0301"], "the same place"),
    "dot": (["bin/codex", "./bin/codex"], "the same place"),
    "file under a file": (["bin", "bin/codex"], "needs a directory where 'bin' is a file"),
    "file over a directory": (["bin/codex", "bin"], "the same place as 'bin'"),
}


@pytest.mark.parametrize("build", hostile.BUILDS.values(), ids=hostile.BUILDS)
@pytest.mark.parametrize(("names", "reason"), COLLISIONS.values(), ids=COLLISIONS)
def test_two_members_never_share_a_place(tmp_path: Path, build: hostile.Build, names: list[str], reason: str) -> None:
    with pytest.raises(PayloadRefused, match=reason):
        read(build(tmp_path / "bad", dict.fromkeys(names, b"x")))


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PayloadRefused, match="member 'bin/codex' has the same place"):
        read(hostile.tar_with(tmp_path / "bad", tarfile.TarInfo("bin/codex")))
    with pytest.warns(UserWarning, match="Duplicate"):
        archive = hostile.zip_with(tmp_path / "bad", zipfile.ZipInfo("bin/codex"))
    with pytest.raises(PayloadRefused, match="member 'bin/codex' has the same place"):
        read(archive)


TAR_KINDS = {
    "symlink": (hostile.tar_member(tarfile.SYMTYPE, link="../../out"), "is a symlink to '../../out'"),
    "hard link": (hostile.tar_member(tarfile.LNKTYPE, link="bin/codex"), "is a hard link to 'bin/codex'"),
    "character device": (hostile.tar_member(tarfile.CHRTYPE), "is a device"),
    "block device": (hostile.tar_member(tarfile.BLKTYPE), "is a device"),
    "fifo": (hostile.tar_member(tarfile.FIFOTYPE), "is a fifo"),
    "unknown": (hostile.tar_member(b"Z"), "unknown type b'Z'"),
}


@pytest.mark.parametrize(("header", "reason"), TAR_KINDS.values(), ids=TAR_KINDS)
def test_a_tar_member_that_is_no_plain_file_is_refused(tmp_path: Path, header: tarfile.TarInfo, reason: str) -> None:
    with pytest.raises(PayloadRefused, match=f"member 'bin/extra' .*{reason}"):
        read(hostile.tar_with(tmp_path / "bad", header))


def test_a_sparse_tar_member_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PayloadRefused, match="'bin/extra' is sparse"):
        read(hostile.tar_sparse(tmp_path / "bad"))


ZIP_KINDS = {"symlink": stat.S_IFLNK, "device": stat.S_IFCHR, "fifo": stat.S_IFIFO, "socket": stat.S_IFSOCK}


@pytest.mark.parametrize("kind", ZIP_KINDS)
def test_a_zip_member_that_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(PayloadRefused, match=f"member 'bin/extra' is a {kind}"):
        read(hostile.zip_with(tmp_path / "bad", hostile.zip_member(ZIP_KINDS[kind])))


def test_special_files_of_a_directory_are_refused_without_being_opened(tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "x").symlink_to(tmp_path)
    with pytest.raises(PayloadRefused, match="'x' is a symlink"):
        read(tmp_path / "links")
    (tmp_path / "fifos").mkdir()
    os.mkfifo(tmp_path / "fifos" / "x")
    with pytest.raises(PayloadRefused, match="'x' is a fifo"):
        read(tmp_path / "fifos")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"before")
    for member in members(tmp_path, advance=lambda _: None):
        (tmp_path / "x").write_bytes(b"after it")
        with pytest.raises(PayloadRefused, match="x changed its size"):
            list(member.chunks)


def test_an_encrypted_zip_member_is_refused(tmp_path: Path) -> None:
    def encrypt(content: bytearray, record: int) -> None:
        content[record + 8] |= 1

    with pytest.raises(PayloadRefused, match="'bin/extra' is encrypted"):
        read(hostile.zip_patched(tmp_path / "bad", encrypt))


def test_a_zip_method_that_needs_much_memory_is_refused(tmp_path: Path) -> None:
    info = hostile.zip_member(stat.S_IFREG)
    info.compress_type = zipfile.ZIP_LZMA
    with pytest.raises(PayloadRefused, match="'bin/extra' is compressed by method 14"):
        read(hostile.zip_with(tmp_path / "bad", info))


def test_a_zip_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    def lie(content: bytearray, record: int) -> None:
        struct.pack_into("<L", content, record + 24, 1000)

    with pytest.raises(PayloadRefused, match=r"is damaged \(EOFError: 900 bytes of a member of 1000"):
        read(hostile.zip_patched(tmp_path / "bad", lie))


def test_a_zip_directory_is_bounded_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = hostile.zip_file(tmp_path / "bad", {f"{number}": b"" for number in range(20)})
    assert len(read(archive)) == 20
    monkeypatch.setattr(archives, "_ZIP_DIRECTORY_MAX", 20 * 46)
    with pytest.raises(PayloadRefused, match="a directory of zip64 or of too many members"):
        read(archive)
    content = hostile.zip_file(tmp_path / "bad", hostile.SMALL_PAYLOAD).read_bytes()
    archive.write_bytes(content[:-22] + b"PK\x06\x07" + bytes(16) + content[-22:])
    with pytest.raises(PayloadRefused, match="a directory of zip64"):
        read(archive)


def test_a_name_that_hides_its_end_behind_a_nul_is_refused(tmp_path: Path) -> None:
    archive = hostile.zip_with(tmp_path / "bad", hostile.zip_member(stat.S_IFREG, "bin/codex2@evil"))
    archive.write_bytes(archive.read_bytes().replace(b"codex2@", b"codex2\0"))
    with pytest.raises(PayloadRefused, match="control"):
        read(archive)


@pytest.mark.parametrize("build", hostile.BUILDS.values(), ids=hostile.BUILDS)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.9, 0.999])
def test_a_truncated_archive_is_refused(tmp_path: Path, build: hostile.Build, share: float) -> None:
    archive = build(tmp_path / "cut", {"codex-package.json": b"{}", "bin/codex": os.urandom(50_000)})
    content = archive.read_bytes()
    archive.write_bytes(content[: max(4, int(len(content) * share))])
    with pytest.raises(PayloadRefused, match="is damaged"):
        read(archive)


def test_a_wrong_gzip_checksum_is_refused(tmp_path: Path) -> None:
    archive = hostile.tar_gz(tmp_path / "bad", hostile.SMALL_PAYLOAD)
    content = bytearray(archive.read_bytes())
    content[-8] ^= 1
    archive.write_bytes(content)
    with pytest.raises(PayloadRefused, match="is damaged"):
        read(archive)


RAW = hostile.tar_raw(hostile.SMALL_PAYLOAD)
FIRST = 512 + 512  # the first header and its content
BROKEN_TARS = {
    "empty": b"",
    "no tar": b"a lone executable" * 100,
    "no end": RAW[: FIRST + 512 + 4096],
    "damaged header": RAW[:FIRST] + b"\1" + RAW[FIRST + 1 :],
    "archive behind the end": RAW + RAW,
    "negative size": RAW[:124] + b"\xff" * 12 + RAW[136:],
    "zeros without end": RAW + bytes(4 << 20),
}


@pytest.mark.parametrize("raw", BROKEN_TARS.values(), ids=BROKEN_TARS)
def test_a_tar_that_is_not_whole_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(PayloadRefused, match=r"is damaged|bytes, more than"):
        read(hostile.gzipped(tmp_path / "bad", raw))


@pytest.mark.parametrize("build", [hostile.tar_bomb, hostile.zip_bomb], ids=["tar.gz", "zip"])
def test_a_bomb_is_refused_before_it_is_inflated(tmp_path: Path, build: Callable[[Path, int], Path]) -> None:
    archive = build(tmp_path / "bomb", 80 << 20)
    read_size = 0
    with pytest.raises(PayloadRefused, match="'bin/extra' brings the unpacked bytes to 838"):
        for member in members(archive, advance=lambda _: None):
            read_size += sum(map(len, member.chunks))
    assert read_size < 1 << 20


def test_a_bomb_in_a_header_takes_no_memory(tmp_path: Path) -> None:
    archive = hostile.tar_long_header(tmp_path / "bomb", 48 << 20)
    tracemalloc.start()
    with pytest.raises(PayloadRefused, match="bytes of headers"):
        read(archive)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize("build", hostile.BUILDS.values(), ids=hostile.BUILDS)
def test_more_members_than_any_payload_has_are_refused(
    tmp_path: Path, build: hostile.Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "MEMBERS_MAX", 20)
    read(build(tmp_path / "few", {f"f{number}": b"" for number in range(20)}))
    with pytest.raises(PayloadRefused, match="'f20' is one more than the 20"):
        read(build(tmp_path / "many", {f"f{number}": b"" for number in range(21)}))


def test_random_damage_is_refused_or_harmless(tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = [build(tmp_path / "x", hostile.SMALL_PAYLOAD) for build in hostile.BUILDS.values()]
    for number in range(600):
        archive = whole[number % 2]
        content = bytearray(gzip.decompress(archive.read_bytes()) if number % 2 == 0 else archive.read_bytes())
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        damaged = tmp_path / f"damaged{archive.suffix}"
        damaged.write_bytes(gzip.compress(content, 1) if number % 2 == 0 else content)
        try:
            read(damaged)
        except PayloadRefused:
            continue
