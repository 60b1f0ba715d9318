"""One test per lie about where a wheel runs; each turns `tags` red, with the file, the tag and the truth."""

import pytest

from sdk_artifacts.checks.findings import CheckResult
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.reporting import Silent
from wheel_builder import WheelDraft, foreign_wheel, lock_of, runtime_wheel


def check(draft: WheelDraft, directory, **options) -> CheckResult:
    """The one failed check of a wheel, which is `tags`."""
    (verdict,) = verify([draft.write(directory)], reporter=Silent(), **options)
    failed = [check for check in verdict.checks if check.status == "failed"]
    assert [check.name for check in failed] == ["tags"], failed
    return failed[0]


def words(result: CheckResult) -> str:
    return "\n".join(f"{finding.member} {finding.message} {finding.right}" for finding in result.findings)


@pytest.mark.parametrize(
    ("native", "tag", "expected"),
    [
        ("x86_64-unknown-linux-musl", "win_amd64", "manylinux"),
        ("x86_64-unknown-linux-musl", "manylinux_2_17_aarch64", "x86_64"),
        ("glibc_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64"),
        ("glibc_2_17_x86_64", "musllinux_1_1_x86_64", "glibc"),
        ("musl_x86_64", "manylinux_2_17_x86_64", "musl"),
        ("macos_12_3_arm64", "macosx_11_0_arm64", "macosx_13_0_arm64"),
        ("macos_11_0_x86_64", "macosx_11_0_universal2", "macosx_11_0_x86_64"),
        ("x86_64-pc-windows-msvc", "win_arm64", "win_amd64"),
    ],
)
def test_a_file_that_does_not_run_where_the_tag_says(natives, tmp_path, native, tag, expected):
    draft = foreign_wheel(f"py3-none-{tag}", {"other/program": natives[native].read_bytes()})
    result = check(draft, tmp_path)
    assert "other/program" in words(result)
    assert tag in words(result)
    assert expected in words(result)


def test_every_native_file_is_looked_at_not_only_the_first(natives, tmp_path):
    files = {
        "other/a": natives["static_x86_64"].read_bytes(),
        "other/lib/plugin.so": natives["aarch64-unknown-linux-musl"].read_bytes(),
    }
    result = check(foreign_wheel("py3-none-manylinux_2_17_x86_64", files), tmp_path)
    assert {finding.member for finding in result.findings} == {"other/lib/plugin.so"}


def test_one_true_tag_excuses_no_false_one(natives, tmp_path):
    tag = "py3-none-manylinux_2_17_x86_64.musllinux_1_1_x86_64"
    result = check(foreign_wheel(tag, {"other/a": natives["glibc_2_17_x86_64"].read_bytes()}), tmp_path)
    assert all(finding.message.startswith("is not musllinux_1_1_x86_64: ") for finding in result.findings)


def test_our_own_wheel_with_the_executable_of_another_machine(natives, tmp_path):
    triple = "x86_64-unknown-linux-musl"
    draft = runtime_wheel(triple, natives["aarch64-unknown-linux-musl"].read_bytes())
    assert "aarch64" in words(check(draft, tmp_path, lock=lock_of(draft, triple, version="9.9.9")))


def test_native_files_in_a_wheel_for_any_platform(natives, tmp_path):
    draft = foreign_wheel("py3-none-any", {"other/a": natives["static_x86_64"].read_bytes()})
    (verdict,) = verify([draft.write(tmp_path)], checks=["tags"], reporter=Silent())
    (result,) = verdict.checks
    assert "is not any: a native file" in words(result)
    # Some pure packages hand out launchers for several platforms as data, so of others' wheels this is a warning.
    assert verdict.passed
    assert {finding.level for finding in result.findings} == {"warning"}


def test_a_tag_of_the_file_name_that_wheel_does_not_have(natives, tmp_path):
    draft = foreign_wheel(
        "py3-none-manylinux_2_17_x86_64.musllinux_1_1_x86_64", {"other/a": natives["static_x86_64"].read_bytes()}
    )
    draft.replace("other-4.5.dist-info/WHEEL", "Tag: py3-none-musllinux_1_1_x86_64\n", "")
    expected = "py3-none-musllinux_1_1_x86_64 is in the file name, but not in WHEEL"
    assert [finding.message for finding in check(draft, tmp_path).findings] == [expected]


def test_a_tag_of_wheel_is_held_against_the_files_too(natives, tmp_path):
    draft = foreign_wheel("py3-none-manylinux_2_17_x86_64", {"other/a": natives["glibc_2_17_x86_64"].read_bytes()})
    draft.replace("other-4.5.dist-info/WHEEL", "Tag:", "Tag: py3-none-win_amd64\nTag:")
    result = check(draft, tmp_path)
    assert "py3-none-win_amd64 is in WHEEL, but not in the file name" in words(result)
    assert any(finding.message.startswith("is not win_amd64: ") for finding in result.findings)


def test_a_tag_line_that_is_none(tmp_path):
    draft = foreign_wheel("py3-none-any", {})
    draft.replace("other-4.5.dist-info/WHEEL", "py3-none-any", "py3-none")
    assert "a Tag line is no tag: 'py3-none'" in words(check(draft, tmp_path))


def test_root_is_purelib_must_be_said(tmp_path):
    draft = foreign_wheel("py3-none-any", {})
    draft.replace("other-4.5.dist-info/WHEEL", "Root-Is-Purelib: true\n", "")
    assert "Root-Is-Purelib is absent" in words(check(draft, tmp_path))


def test_our_wheel_with_native_files_in_purelib(natives, tmp_path):
    triple = "x86_64-unknown-linux-musl"
    draft = runtime_wheel(triple, natives[triple].read_bytes())
    draft.replace(f"{draft.dist_info}/WHEEL", "Root-Is-Purelib: false", "Root-Is-Purelib: true")
    assert "Root-Is-Purelib" in words(check(draft, tmp_path, lock=lock_of(draft, triple)))


def test_a_native_file_with_lying_headers(natives, tmp_path):
    cut = natives["glibc_2_17_x86_64"].read_bytes()[:100]
    draft = foreign_wheel(
        "py3-none-manylinux_2_17_x86_64", {"other/a": cut, "other/b": natives["static_x86_64"].read_bytes()}
    )
    result = check(draft, tmp_path)
    assert "malformed native file" in words(result)


def test_the_truest_tags_are_in_the_verdict(natives, tmp_path):
    draft = foreign_wheel("py3-none-win_amd64", {"other/a": natives["glibc_2_28_x86_64"].read_bytes()})
    (verdict,) = verify([draft.write(tmp_path)], checks=["tags"], reporter=Silent())
    assert verdict.truest == ("manylinux_2_28_x86_64",)
