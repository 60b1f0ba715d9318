"""Payloads: found in whatever holds them, written below one directory and nowhere else, hashed on the way."""

import hashlib
import json
import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile_archives as hostile
from sdk_artifacts.errors import PayloadRefused
from sdk_artifacts.payload import PayloadFile, read_package, take_executable, unpack

PAYLOAD = {**hostile.SMALL_PAYLOAD, "codex-path/rg": b"rg" * 500}
NPM = "package/vendor/x86_64-unknown-linux-musl/"


def directory(path: Path, files: hostile.Files) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


BUILDS = {**hostile.BUILDS, "directory": directory}


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def expected(files: hostile.Files) -> tuple[PayloadFile, ...]:
    return tuple(
        PayloadFile(name, len(content), hashlib.sha256(content).hexdigest()) for name, content in sorted(files.items())
    )


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
@pytest.mark.parametrize("prefix", ["", "./", "payload/", NPM])
@pytest.mark.parametrize("last", ["codex-package.json", "codex-path/rg"])
def test_a_payload_is_found_at_any_depth(tmp_path: Path, build: hostile.Build, prefix: str, last: str) -> None:
    ordered = sorted(PAYLOAD, key=lambda name: name == last)
    source = build(tmp_path / "source", {prefix + name: PAYLOAD[name] for name in ordered})
    into = tmp_path / "new" / "into"
    assert unpack(source, into) == expected(PAYLOAD)
    assert tree(into) == PAYLOAD
    assert sorted(path.name for path in into.iterdir()) == ["bin", "codex-package.json", "codex-path"]


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
@pytest.mark.parametrize("prefix", ["", NPM])
def test_only_wanted_files_of_the_payload_are_written(tmp_path: Path, build: hostile.Build, prefix: str) -> None:
    outside = {"package/package.json": b"{}", "package/README.md": b"x"} if prefix else {}
    files = {**outside, **{prefix + name: content for name, content in PAYLOAD.items()}}
    asked: set[str] = set()

    def keep(path: str) -> bool:
        asked.add(path)
        return path == "bin/codex"

    for number, order in enumerate((1, -1)):  # the payload's place is known early, and late
        source = build(tmp_path / f"source{number}", dict(list(files.items())[::order]))
        kept = unpack(source, tmp_path / f"into{number}", keep=keep)
        assert kept == expected({"bin/codex": PAYLOAD["bin/codex"]})
        assert tree(tmp_path / f"into{number}") == {"bin/codex": PAYLOAD["bin/codex"]}
    assert asked == set(PAYLOAD)


def test_no_mode_of_an_archive_is_taken_over(tmp_path: Path) -> None:
    header = hostile.tar_member(b"0")
    header.mode = 0o6777
    previous = os.umask(0o077)
    try:
        unpack(hostile.tar_with(tmp_path / "setuid", header), tmp_path / "into")
    finally:
        os.umask(previous)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "into").rglob("*") if path.is_file()}
    assert modes == {0o644}


def test_a_source_without_a_payload_is_refused(tmp_path: Path) -> None:
    source = hostile.tar_gz(tmp_path / "codex-x86_64-unknown-linux-musl", {"codex-x86_64-unknown-linux-musl": b"x"})
    with pytest.raises(PayloadRefused, match=r"no codex-package\.json") as refused:
        unpack(source, tmp_path / "into")
    assert "give the executable itself" in refused.value.fix


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_two_payloads_in_one_source_are_refused(tmp_path: Path, build: hostile.Build) -> None:
    source = build(tmp_path / "two", {"a/codex-package.json": b"{}", "b/codex-package.json": b"{}"})
    with pytest.raises(PayloadRefused, match="holds two payloads: in 'a' and "):
        unpack(source, tmp_path / "into")


def test_what_is_neither_archive_nor_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "codex.tar.gz").write_bytes(b"\x7fELF")
    with pytest.raises(PayloadRefused, match=r"codex\.tar\.gz is no \.tar\.gz, no \.zip and no directory"):
        unpack(tmp_path / "codex.tar.gz", tmp_path / "into")


def test_a_directory_with_something_in_it_is_not_unpacked_into(tmp_path: Path) -> None:
    source = hostile.tar_gz(tmp_path / "source", PAYLOAD)
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "bin").symlink_to(tmp_path)
    with pytest.raises(PayloadRefused, match="is not empty"):
        unpack(source, tmp_path / "into")
    assert not (tmp_path / "codex").exists()


parts = st.one_of(
    st.sampled_from(["..", ".", "", "bin", "BIN", "codex", "a\\b", "C:", "\x00", "nul", "..\\", "...", "~"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
names = st.lists(parts, min_size=1, max_size=5).map("/".join)


@given(build=st.sampled_from(list(hostile.BUILDS.values())), hostile_names=st.lists(names, max_size=3, unique=True))
def test_whatever_a_member_is_called_nothing_is_written_elsewhere(
    build: hostile.Build, hostile_names: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        (root / "in").mkdir()
        files = {**PAYLOAD, **dict.fromkeys(hostile_names, b"evil")}
        source = build(root / "in" / "source", files)
        try:
            written = unpack(source, root / "a" / "into")
        except PayloadRefused:
            written = ()
        found = tree(root)
        found.pop(source.relative_to(root).as_posix())
        assert set(found) == {f"a/into/{file.path}" for file in written}


def test_a_lone_executable_is_copied_with_its_digest(tmp_path: Path) -> None:
    (tmp_path / "codex").write_bytes(b"x" * 700_000)
    advanced: list[int] = []
    taken = take_executable(tmp_path / "codex", tmp_path / "into", "bin/codex", advance=advanced.append)
    assert (taken,) == expected({"bin/codex": b"x" * 700_000})
    assert tree(tmp_path / "into") == {"bin/codex": b"x" * 700_000}
    assert sum(advanced) == 700_000


def test_the_package_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "codex-package.json").write_text(json.dumps({**hostile.PACKAGE, "newKey": [1]}))
    package = read_package(tmp_path)
    assert (package.version, package.target) == ("1.2.3", "x86_64-unknown-linux-musl")
    assert (package.entrypoint, package.path_dir) == ("bin/codex", "codex-path")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "codex-package.json: .*truncated"),
        ("[]", "Expected `object`"),
        (json.dumps({**hostile.PACKAGE, "version": 1}), "version"),
        (json.dumps({**hostile.PACKAGE, "layoutVersion": 2}), "key `layoutVersion`: 2 is not 1"),
        (json.dumps({"layoutVersion": 1}), "missing required field `version`"),
        (" " * 70_000, "has 70000 bytes"),
    ],
)
def test_a_package_file_that_says_something_else_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "codex-package.json").write_text(content)
    with pytest.raises(PayloadRefused, match=reason):
        read_package(tmp_path)
