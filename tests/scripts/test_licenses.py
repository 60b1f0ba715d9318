"""Parts, license expressions and texts: today's truth, each mistake named, and payload texts that nobody listed."""

import shutil
import zipfile
from pathlib import Path

import pytest
from packaging.licenses import canonicalize_license_expression

from sdk_artifacts import parts, paths, targets
from sdk_artifacts.commands.build import build
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.errors import DataProblem, PayloadRefused
from sdk_artifacts.licenses import LICENSE_LIKE, license_expression, looks_like_license, terms_of
from sdk_artifacts.reporting import Silent
from staging import EMPTY_LOCK, HOST, payload_files, stager, unpacked

TEXTS = paths.RUNTIME_TEMPLATE / "licenses"


@pytest.mark.parametrize(
    ("expressions", "joined"),
    [
        (["MIT"], "MIT"),
        (["MIT", "MIT"], "MIT"),
        (["MIT AND Zlib", "Zlib", "ISC"], "MIT AND Zlib AND ISC"),
        (["Apache-2.0", "MIT OR Unlicense"], "Apache-2.0 AND (MIT OR Unlicense)"),
        (["MIT OR Unlicense"], "(MIT OR Unlicense)"),
        (["MIT OR Unlicense", "Zlib", "(MIT OR Unlicense) AND Zlib"], "(MIT OR Unlicense) AND Zlib"),
        (["MIT AND Zlib OR ISC", "BSD-2-Clause"], "(MIT AND Zlib OR ISC) AND BSD-2-Clause"),
        (["Apache-2.0 WITH LLVM-exception", "MIT"], "Apache-2.0 WITH LLVM-exception AND MIT"),
    ],
)
def test_expressions_are_joined_by_and_without_changing_their_sense(expressions: list[str], joined: str) -> None:
    assert license_expression(expressions) == joined
    assert canonicalize_license_expression(joined) == joined


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("LICENSE", True),
        ("codex-resources/voice/licenses/Opus.txt", True),
        ("codex-resources/voice/NOTICE.md", True),
        ("bin/COPYING.LESSER", True),
        ("ripgrep-LICENSE-MIT", True),
        ("UNLICENSE", True),
        ("third_party_notices.txt", True),
        ("bin/licence", True),
        ("bin/codex", False),
        ("bin/noticeable", False),
        ("bin/relicense", False),
        ("codex-package.json", False),
    ],
)
def test_what_looks_like_a_license_text(path: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert looks_like_license(path) == expected


def test_the_build_hook_has_the_same_pattern() -> None:
    scope = {}
    text = (paths.RUNTIME_TEMPLATE / "hatch_build.py").read_text(encoding="utf-8")
    start = text.index("LICENSE_LIKE")
    exec("import re\n" + text[start : text.index("\n)\n", start) + 3], scope)
    assert scope["LICENSE_LIKE"] == LICENSE_LIKE


def test_every_text_belongs_to_a_part_and_every_part_to_a_file() -> None:
    known = parts.known_parts()
    assert {text for part in known.values() for text in part.texts} == {path.name for path in TEXTS.iterdir()}
    components = [component for target in targets.known_targets().values() for component in target.components.values()]
    assert {name for component in components for names in component.parts.values() for name in names} == known.keys()


def test_each_text_is_plain_text_with_plain_newlines() -> None:
    for path in TEXTS.iterdir():
        content = path.read_bytes()
        assert content.decode("utf-8").strip(), path.name
        assert b"\r" not in content, path.name


@pytest.mark.parametrize("triple", targets.known_targets())
def test_the_terms_of_each_wheel_are_one_valid_expression(triple: str) -> None:
    target = targets.known_targets()[triple]
    for wheel in target.wheels:
        files = [path for name in wheel.components for path in target.components[name].required]
        terms = terms_of(target, reversed(files), parts.known_parts())
        assert canonicalize_license_expression(terms.expression) == terms.expression
        assert ("ripgrep-UNLICENSE.txt" in terms.texts) == ("search" in wheel.components)
        assert ("bubblewrap-COPYING.txt" in terms.texts) == (target.os == "linux")
        assert terms == terms_of(target, files, parts.known_parts())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[musl]\nlicense = 'MITT'\ntexts = ['x']", "musl"),
        ("[musl]\nlicense = 'mit'\ntexts = ['x']", "is spelled 'MIT'"),
        ("[musl]\nlicense = 'MIT'\ntexts = []", "at least one text"),
        ("[musl]\nlicense = 'MIT'\ntexts = ['x']\nevidence = ['(']", "is no pattern"),
        ("[musl]\nlicense = 'MIT'\ntexts = ['x']\nevidence = ['(a)(b)']", "more than one group"),
        ("[musl]\nlicense = 'MIT'\ntext = ['x']", "text"),
        ("[musl", "parts.toml"),
    ],
)
def test_a_mistake_in_a_part_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "parts.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataProblem, match=r"parts\.toml") as problem:
        parts.load_parts(path)
    assert words in problem.value.message


def test_every_key_of_a_part_is_explained_in_the_readme() -> None:
    readme = (paths.PLATFORMS / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{key}` |" in readme for key in parts.Part.__struct_fields__)


@pytest.fixture
def platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Change the host's target file for the time of a test."""
    directory = shutil.copytree(paths.PLATFORMS, tmp_path / "platforms")

    def change(old: str, new: str) -> None:
        path = directory / f"{HOST.triple}.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        monkeypatch.setattr(paths, "PLATFORMS", directory)
        targets.known_targets.cache_clear()

    yield change
    targets.known_targets.cache_clear()


NOTICE = "codex-resources/NOTICE.md"


def with_notice(listed: str = "") -> tuple[str, str]:
    """A change of the host's file: the core component may have a NOTICE.md, made of `codex`."""
    component = f'[components.core]\noptional = ["{NOTICE}"]\n{listed}'
    return "[components.core]\n", component


def test_a_payload_text_that_nobody_listed_stops_the_stage(tmp_path, natives, platforms) -> None:
    platforms(*with_notice())
    platforms("[components.core.parts]\n", f'[components.core.parts]\n"{NOTICE}" = ["codex"]\n')
    source = unpacked(tmp_path / "source", {**payload_files(HOST, natives), NOTICE: b"text"})
    with pytest.raises(DataProblem, match=f"lists no license file {NOTICE}"):
        stager(tmp_path)(source)
    assert not (tmp_path / "out").exists()


def test_a_listed_payload_text_that_is_missing_stops_the_stage(tmp_path, natives, platforms) -> None:
    platforms(*with_notice(f'license_files = ["{NOTICE}"]\n'))
    platforms("[components.core.parts]\n", f'[components.core.parts]\n"{NOTICE}" = ["codex"]\n')
    source = unpacked(tmp_path / "source", payload_files(HOST, natives))
    with pytest.raises(PayloadRefused, match=f"lacks {NOTICE}"):
        stager(tmp_path)(source)


def test_a_listed_payload_text_becomes_a_license_file_of_the_wheel(tmp_path, natives, platforms) -> None:
    platforms(*with_notice(f'license_files = ["{NOTICE}"]\n'))
    platforms("[components.core.parts]\n", f'[components.core.parts]\n"{NOTICE}" = ["codex"]\n')
    source = unpacked(tmp_path / "source", {**payload_files(HOST, natives), NOTICE: b"text"})
    staged = stager(tmp_path)(source, template=paths.RUNTIME_TEMPLATE)
    (built,) = build([staged.directory], out=tmp_path / "dist", reporter=Silent())
    with zipfile.ZipFile(built.path) as wheel:
        assert any(name.endswith(f".dist-info/licenses/payload/{NOTICE}") for name in wheel.namelist())
    (verdict,) = verify([built.path], checks=["licenses", "sbom"], lock=EMPTY_LOCK, reporter=Silent())
    assert verdict.passed, verdict


def test_a_file_that_ships_and_of_which_nobody_says_what_it_is_made_of_is_named(platforms) -> None:
    platforms(*with_notice())
    with pytest.raises(DataProblem, match=f"components.core.parts.*{NOTICE}"):
        targets.known_targets()


def test_a_part_that_is_not_in_the_table_is_named(platforms) -> None:
    platforms('"codex-package.json" = ["codex"]', '"codex-package.json" = ["codec"]')
    with pytest.raises(DataProblem, match=r"components.core.parts.*codec in parts\.toml"):
        targets.known_targets()
