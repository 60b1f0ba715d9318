"""One test per lie of the archive, its RECORD, modes and metadata; each turns `container` red, and it alone."""

import pytest

from sdk_artifacts.checks.findings import CheckResult
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.reporting import Silent
from wheel_builder import Entry, WheelDraft, foreign_wheel, lock_of, record, runtime_wheel, zip_bytes

TRIPLE = "x86_64-unknown-linux-musl"
CODEX = "codex_cli_bin/bin/codex"


@pytest.fixture
def ours(natives) -> WheelDraft:
    return runtime_wheel(TRIPLE, natives[TRIPLE].read_bytes())


def check(draft: WheelDraft, directory, *, also=frozenset(), **options) -> CheckResult:
    """`container`'s result, having seen that it and what the lie hits beside it failed, and nothing else."""
    path = draft.write(directory, **options)
    (verdict,) = verify([path], lock=lock_of(draft, TRIPLE), reporter=Silent())
    assert {check.name for check in verdict.checks if check.status == "failed"} == {"container", *also}
    return next(check for check in verdict.checks if check.name == "container")


def errors(result: CheckResult) -> list[str]:
    return [f"{finding.member}: {finding.message}" for finding in result.findings if finding.level == "error"]


def test_a_program_without_its_executable_bit(ours, tmp_path):
    ours.entries[CODEX].mode = 0o100644
    result = check(ours, tmp_path, also={"payload"})  # the manifest says 0755
    assert errors(result) == [f"{CODEX}: mode 0644: a program without the executable bit cannot be run"]
    assert result.findings[0].right == "0755"


def test_a_program_whose_mode_lacks_the_file_type(ours, tmp_path):
    ours.entries[CODEX].mode = 0o755
    assert errors(check(ours, tmp_path)) == [
        f"{CODEX}: mode 0000755 lacks the file type (S_IFREG): pip drops the executable bit"
    ]


def test_a_mode_that_gives_more_than_is_due(ours, tmp_path):
    ours.entries[CODEX].mode = 0o104757
    said = errors(check(ours, tmp_path, also={"payload"}))
    assert any("setuid" in error for error in said)
    assert any("anyone may write it" in error for error in said)


def test_scripts_need_no_executable_bit_because_installers_set_it(natives, tmp_path):
    files = {"other-4.5.data/scripts/tool": natives["static_x86_64"].read_bytes()}
    path = foreign_wheel("py3-none-manylinux_2_17_x86_64", files, mode=0o100644).write(tmp_path)
    assert verify([path], reporter=Silent())[0].passed


def test_a_shared_object_needs_no_executable_bit(natives, tmp_path):
    files = {"other/plugin.so": natives["glibc_2_17_x86_64.so"].read_bytes()}
    path = foreign_wheel("py3-none-manylinux_2_17_x86_64", files, mode=0o100644).write(tmp_path)
    assert verify([path], reporter=Silent())[0].passed


def tampered(ours: WheelDraft, old: str, new: str) -> WheelDraft:
    """The wheel with a RECORD that was changed after it was right."""
    ours.put(f"{ours.dist_info}/RECORD", b"")
    ours.put(f"{ours.dist_info}/RECORD", record(ours.entries, ours.dist_info))
    ours.replace(f"{ours.dist_info}/RECORD", old, new)
    ours.recorded = False
    return ours


def test_a_wrong_hash_in_record(ours, tmp_path):
    draft = tampered(ours, f"{CODEX},sha256=", f"{CODEX},sha256=AAAA")
    said = errors(check(draft, tmp_path))
    assert len(said) == 1
    assert said[0].startswith(f"{CODEX}: RECORD's hash is wrong: sha256=AAAA")


def test_a_row_that_record_lacks(ours, tmp_path):
    draft = tampered(ours, "codex_cli_bin/__init__.py,", "codex_cli_bin/other.py,")
    assert errors(check(draft, tmp_path)) == [
        "codex_cli_bin/other.py: RECORD lists it, but the wheel has no such file",
        "codex_cli_bin/__init__.py: RECORD does not list it",
    ]


def test_a_row_that_stands_twice(ours, tmp_path):
    draft = tampered(ours, "codex_cli_bin/__init__.py,", f"{ours.dist_info}/RECORD,,\ncodex_cli_bin/__init__.py,")
    assert errors(check(draft, tmp_path)) == [f"{ours.dist_info}/RECORD: RECORD lists it twice"]


def test_a_row_with_a_wrong_size(ours, tmp_path):
    size = len(ours.entries[CODEX].data)
    draft = tampered(ours, f",{size}\ncodex_cli_bin/bin/codex-code", f",{size + 1}\ncodex_cli_bin/bin/codex-code")
    assert errors(check(draft, tmp_path)) == [f"{CODEX}: RECORD says '{size + 1}' of its size"]


def test_a_record_that_hashes_itself(ours, tmp_path):
    draft = tampered(ours, "/RECORD,,", "/RECORD,sha256=AAAA,")
    assert "hash or a size for it, which cannot be" in errors(check(draft, tmp_path))[0]


def test_no_record_at_all(ours, tmp_path):
    ours.recorded = False
    assert any("RECORD is missing" in error for error in errors(check(ours, tmp_path)))


def test_a_file_name_with_unsorted_tags(ours, tmp_path):
    ours.file_name = ours.file_name.replace(
        "manylinux2014_x86_64.manylinux_2_17_x86_64", "manylinux_2_17_x86_64.manylinux2014_x86_64"
    )
    assert "the tags are not sorted" in errors(check(ours, tmp_path))[0]


def test_unsorted_tags_of_other_projects_are_only_noted(natives, tmp_path):
    tag = "py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64"
    path = foreign_wheel(tag, {"other/a": natives["static_x86_64"].read_bytes()}).write(tmp_path)
    (verdict,) = verify([path], checks=["container"], reporter=Silent())
    assert verdict.passed
    assert [(finding.level, finding.right) for finding in verdict.checks[0].findings] == [
        ("note", "manylinux2014_x86_64.manylinux_2_17_x86_64")
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Other-4.5-py3-none-any.whl", "not normalised in the file name: Other"),
        ("other-4.5.0rc01-py3-none-any.whl", "version is not normalised"),
        ("other-x-py3-none-any.whl", "version is none"),
        ("other-4.5-py3-none-linux_x86_64.whl", "refuses the platform tag linux_x86_64"),
        ("other.whl", "is no wheel's file name"),
        ("other-4.6-py3-none-any.whl", "does not belong to this file name"),
    ],
)
def test_a_file_name_that_no_index_takes(tmp_path, name, words):
    draft = foreign_wheel("py3-none-any", {})
    draft.file_name = name
    (verdict,) = verify([draft.write(tmp_path)], checks=["container"], reporter=Silent())
    assert any(words in error for error in errors(verdict.checks[0]))


@pytest.mark.parametrize(
    ("member", "change", "words"),
    [
        ("METADATA", ("Metadata-Version: 2.5", "Metadata-Version: 2.6"), "Metadata-Version is 2.6"),
        ("METADATA", ("licenses/Apache-2.0.txt", "COPYING"), "license file COPYING, which is not in"),
        ("METADATA", ("Name: codex-cli-bin\n", ""), "METADATA has 0 lines of Name"),
        ("WHEEL", ("Wheel-Version: 1.0", "Wheel-Version: 2.0"), "Wheel-Version is 2.0"),
    ],
)
def test_metadata_that_no_index_takes(ours, tmp_path, member, change, words):
    ours.replace(f"{ours.dist_info}/{member}", *change)
    result = check(
        ours,
        tmp_path,
        also={"Name: codex-cli-bin\n": {"version"}, "licenses/Apache-2.0.txt": {"licenses"}}.get(change[0], set()),
    )
    assert any(words in error for error in errors(result))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"date": 41 << 9 | 33}, "2 different dates"),
        ({"flags": 0x800}, "flags beyond UTF-8"),
        ({"extra": b"\xfe\xca\0\0"}, "extra fields"),
        ({"central": {"made_by": 20}}, "create_system"),
        ({"central": {"internal": 1}}, "attributes beside the POSIX mode"),
        ({"mode": 0o100755}, "a mode other than 0100644"),
    ],
)
def test_our_wheels_have_one_canonical_form(ours, tmp_path, change, words):
    name = "codex_cli_bin/__init__.py"
    ours.entries[name] = Entry(ours.entries[name].data, **change)
    assert [words in error for error in errors(check(ours, tmp_path))] == [True]


def test_our_members_have_one_order(ours, tmp_path):
    path = ours.write(tmp_path)
    path.write_bytes(zip_bytes(dict(reversed(ours.entries.items()))))
    (verdict,) = verify([path], lock=lock_of(ours, TRIPLE), reporter=Silent())
    assert {check.name for check in verdict.checks if check.status == "failed"} == {"container"}
    assert "canonical order" in verdict.checks[1].reason


def test_the_archives_own_violations_are_errors(ours, tmp_path):
    assert errors(check(ours, tmp_path, comment=b"hello")) == [": the archive has a comment of 5 bytes"]
