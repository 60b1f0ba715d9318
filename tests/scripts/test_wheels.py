"""The facts of a wheel are stated as they are, and what cannot be had says so when asked for."""

import hashlib

import pytest

from sdk_artifacts.binaries.facts import ElfFile
from sdk_artifacts.wheels import NotAWheel, open_wheel
from sdk_artifacts.wheels.contents import MemberUnreadable
from sdk_artifacts.wheels.name import FileName
from wheel_builder import DIST_INFO, Entry, foreign_wheel, runtime_wheel

TRIPLE = "x86_64-unknown-linux-musl"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a-1-py3-none-any.whl", FileName("a", "1", ("py3",), ("none",), ("any",))),
        ("a-1-7-py2.py3-none-x.y.whl", FileName("a", "1", ("py2", "py3"), ("none",), ("x", "y"))),
        ("a-1-py3-none-any.zip", None),
        ("a-1-py3-none.whl", None),
        ("a--1-py3-none-any.whl", None),
        ("a-1-2-3-py3-none-any.whl", None),
        (".whl", None),
    ],
)
def test_a_file_name_in_its_parts(name, expected):
    assert FileName.parse(name) == expected


def test_a_runtime_wheel_opened(natives, tmp_path):
    native = natives[TRIPLE].read_bytes()
    path = runtime_wheel(TRIPLE, native).write(tmp_path)
    with open_wheel(path) as wheel:
        assert wheel.is_ours
        assert wheel.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert wheel.dist_info == DIST_INFO
        assert wheel.metadata["name"] == ["codex-cli-bin"]
        assert wheel.manifest.target == wheel.package_file.target == TRIPLE
        assert "py3-none-musllinux_1_1_x86_64" in wheel.wheel_tags
        assert sorted(wheel.payload) == [
            "bin/codex",
            "bin/codex-code-mode-host",
            "codex-package.json",
            "codex-path/rg",
            "codex-resources/bwrap",
        ]
        assert isinstance(wheel.payload["codex-path/rg"].native, ElfFile)
        assert wheel.payload["bin/codex"].sha256 == hashlib.sha256(native).hexdigest()


def test_a_wheel_is_ours_by_its_manifest_whatever_its_name(natives, tmp_path):
    draft = runtime_wheel(TRIPLE, natives[TRIPLE].read_bytes())
    draft.file_name = "other-1-py3-none-any.whl"
    with open_wheel(draft.write(tmp_path)) as wheel:
        assert wheel.is_ours


def test_a_wheel_is_ours_by_its_name_in_any_spelling(tmp_path):
    draft = foreign_wheel("py3-none-any", {})
    draft.file_name = "Codex.CLI_bin-1-py3-none-any.whl"
    with open_wheel(draft.write(tmp_path)) as wheel:
        assert wheel.is_ours


@pytest.mark.parametrize(
    ("fact", "change", "words"),
    [
        ("metadata", {"other-4.5.dist-info/METADATA": None}, "METADATA is missing"),
        ("metadata", {"other-4.5.dist-info/METADATA": b"\xff"}, "METADATA is not UTF-8"),
        ("record", {"other-4.5.dist-info/RECORD": b'"'}, "RECORD is no CSV"),
        ("dist_info", {"second-1.dist-info/WHEEL": b""}, "2 .dist-info directories"),
        ("wheel_tags", {"other-4.5.dist-info/WHEEL": b"Tag: x\n"}, "a Tag line is no tag: 'x'"),
        (
            "wheel_tags",
            {"other-4.5.dist-info/WHEEL": b"Tag: a.b-c-" + b"d." * 500},
            "stand for 1002 tags, more than 1000",
        ),
        ("metadata", {"other-4.5.dist-info/METADATA": b"x: y\n" * 300_000}, "at most 1048576 are sensible"),
        ("manifest", {}, "manifest.json is missing"),
        ("manifest", {"codex_cli_bin/manifest.json": b'{"schema": "1"}'}, r"manifest.json: Expected `int`"),
    ],
)
def test_a_text_that_cannot_be_had_says_why(tmp_path, fact, change, words):
    draft = foreign_wheel("py3-none-any", {})
    draft.put("other-4.5.dist-info/RECORD", b"")
    draft.recorded = False
    for name, content in change.items():
        draft.entries[name] = Entry(content or b"")
        if content is None:
            del draft.entries[name]
    with open_wheel(draft.write(tmp_path)) as wheel, pytest.raises(MemberUnreadable, match=words):
        getattr(wheel, fact)


def test_a_wanted_executable_is_unpacked_while_it_is_read(natives, tmp_path):
    native = natives[TRIPLE].read_bytes()
    path = runtime_wheel(TRIPLE, native).write(tmp_path)
    with open_wheel(path, keep={"codex_cli_bin/bin/codex": tmp_path / "codex"}):
        assert (tmp_path / "codex").read_bytes() == native


def test_a_directory_is_no_wheel(tmp_path):
    with pytest.raises(NotAWheel, match=r"no regular file|Is a directory|Permission"), open_wheel(tmp_path):
        pass


def test_an_interruption_in_the_middle_ends_the_reading(natives, tmp_path):
    path = runtime_wheel(TRIPLE, natives[TRIPLE].read_bytes()).write(tmp_path)

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), open_wheel(path, advance=interrupt):
        pass
