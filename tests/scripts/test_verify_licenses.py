"""One test per lie about licenses; each turns `licenses` red with the right words."""

import pytest

from sdk_artifacts.checks.findings import CheckResult
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.reporting import Silent
from wheel_builder import DIST_INFO, WheelDraft, foreign_wheel, lock_of, runtime_wheel

TRIPLE = "x86_64-unknown-linux-musl"
METADATA = f"{DIST_INFO}/METADATA"
MUSL = "licenses/musl-COPYRIGHT.txt"


@pytest.fixture
def ours(natives) -> WheelDraft:
    return runtime_wheel(TRIPLE, natives[TRIPLE].read_bytes())


def check(draft: WheelDraft, directory) -> CheckResult:
    lock = lock_of(draft, TRIPLE)
    (verdict,) = verify([draft.write(directory)], checks=["licenses"], lock=lock, reporter=Silent())
    return verdict.checks[0]


def said(result: CheckResult, level: str = "error") -> list[str]:
    found = [finding for finding in result.findings if finding.level == level]
    return [f"{finding.member}: {finding.message}" for finding in found]


def test_a_right_wheel_passes_without_a_finding(ours, tmp_path):
    result = check(ours, tmp_path)
    assert (result.status, result.findings) == ("passed", ())
    assert "as the payload's parts need" in result.reason


def test_a_missing_text(ours, tmp_path):
    del ours.entries[f"{DIST_INFO}/licenses/{MUSL}"]
    missing = f"{DIST_INFO}/licenses/{MUSL}: missing: the payload needs this license text"
    assert said(check(ours, tmp_path)) == [missing]


def test_a_text_that_metadata_does_not_name(ours, tmp_path):
    ours.replace(METADATA, f"License-File: {MUSL}\n", "")
    errors = said(check(ours, tmp_path))
    assert f"{DIST_INFO}/licenses/{MUSL}: a license text that METADATA does not name" in errors
    assert f": METADATA does not name the license text {MUSL}, which the payload needs" in errors


def test_a_text_of_something_that_is_not_inside(ours, tmp_path):
    ours.replace(METADATA, f"License-File: {MUSL}\n", f"License-File: {MUSL}\nLicense-File: licenses/curl.txt\n")
    ours.put(f"{DIST_INFO}/licenses/licenses/curl.txt", b"text")
    expected = ": METADATA names the license text licenses/curl.txt, which nothing in the payload is under"
    assert said(check(ours, tmp_path)) == [expected]


def test_a_text_that_was_changed(ours, tmp_path):
    ours.entries[f"{DIST_INFO}/licenses/{MUSL}"].data += b"All rights reserved.\n"
    changed = f"{DIST_INFO}/licenses/{MUSL}: another license text than the repository's"
    assert said(check(ours, tmp_path)) == [changed]


@pytest.mark.parametrize("path", ["LICENSE", "codex-resources/licenses/Opus.txt", "codex-path/rg-NOTICE.md"])
def test_a_payload_file_that_looks_like_a_license_and_is_not_listed(ours, tmp_path, path):
    ours.put(f"codex_cli_bin/{path}", b"text")
    expected = f"codex_cli_bin/{path}: looks like a license text, and {TRIPLE}.toml lists none of this name"
    assert said(check(ours, tmp_path)) == [expected]


def test_an_expression_that_leaves_a_license_out(ours, tmp_path):
    ours.replace(METADATA, " AND LGPL-2.0-or-later", "")
    (finding,) = check(ours, tmp_path).findings
    assert "not that of the payload's parts" in finding.message
    assert finding.right.endswith("LGPL-2.0-or-later")


def test_a_wheel_without_the_search_component_needs_no_license_of_it(natives, tmp_path):
    triple = "aarch64-unknown-linux-musl"
    draft = runtime_wheel(triple, natives[triple].read_bytes(), wheel="any-libc")
    assert f"{DIST_INFO}/licenses/licenses/ripgrep-UNLICENSE.txt" not in draft.entries
    assert check(draft, tmp_path).findings == ()


@pytest.mark.parametrize(
    ("fields", "level", "words"),
    [
        ("License-Expression: MITT\n", "error", "is no SPDX expression"),
        ("License-Expression: MIT\nLicense-Expression: ISC\n", "error", "2 lines of License-Expression"),
        ("License-Expression: mit\n", "note", "License-Expression is 'mit'"),
        ("", "note", "METADATA has no License-Expression"),
    ],
)
def test_other_projects_expressions(tmp_path, fields, level, words):
    draft = foreign_wheel("py3-none-any", {"other/data.txt": b"text"}, mode=0o100644)
    draft.replace("other-4.5.dist-info/METADATA", "Version: 4.5\n", f"Version: 4.5\n{fields}")
    result = check(draft, tmp_path)
    assert any(words in each for each in said(result, level))
    assert result.status == ("failed" if level == "error" else "passed")


def test_other_projects_texts_are_named_or_noted(tmp_path):
    draft = foreign_wheel("py3-none-any", {"other/LICENSE": b"text"}, mode=0o100644)
    fields = "License-Expression: MIT\nLicense-File: LICENSE\n"
    draft.replace("other-4.5.dist-info/METADATA", "Version: 4.5\n", f"Version: 4.5\n{fields}")
    draft.put("other-4.5.dist-info/licenses/LICENSE", b"text")
    assert check(draft, tmp_path).findings == ()
    draft.put("other-4.5.dist-info/licenses/AUTHORS", b"text")
    result = check(draft, tmp_path)
    assert result.status == "passed"
    assert said(result, "note") == ["other-4.5.dist-info/licenses/AUTHORS: a license text that METADATA does not name"]
