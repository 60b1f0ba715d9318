"""One test per lie of a bill of materials; each turns `sbom` red with the right words."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sdk_artifacts.checks import sbom
from sdk_artifacts.checks.findings import CheckResult
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.reporting import Silent
from wheel_builder import DIST_INFO, WheelDraft, foreign_wheel, lock_of, runtime_wheel

TRIPLE = "x86_64-unknown-linux-musl"
BILL = f"{DIST_INFO}/sboms/codex-cli-bin.cdx.json"
FOREIGN = "other-4.5.dist-info/sboms"
SMALL = b'{"bomFormat": "CycloneDX", "specVersion": "1.6"}'


@pytest.fixture
def ours(natives) -> WheelDraft:
    return runtime_wheel(TRIPLE, natives[TRIPLE].read_bytes())


def check(draft: WheelDraft, directory) -> CheckResult:
    lock = lock_of(draft, TRIPLE)
    (verdict,) = verify([draft.write(directory)], checks=["sbom"], lock=lock, reporter=Silent())
    return verdict.checks[0]


def said(result: CheckResult, level: str = "error") -> list[str]:
    found = [finding for finding in result.findings if finding.level == level]
    return [f"{finding.member}: {finding.message}" for finding in found]


def changed(draft: WheelDraft, change: Callable[[dict[str, Any]], object]) -> WheelDraft:
    """The bill with `change` made in its JSON."""
    bill = json.loads(draft.entries[BILL].data)
    change(bill)
    draft.entries[BILL].data = json.dumps(bill).encode()
    return draft


def files(bill: dict[str, Any]) -> list[dict[str, Any]]:
    return bill["components"][0]["components"]


def named(bill: dict[str, Any], path: str) -> dict[str, Any]:
    return next(file for file in files(bill) if file["name"] == path)


def test_a_right_wheel_passes_without_a_finding(ours, tmp_path):
    result = check(ours, tmp_path)
    assert (result.status, result.findings) == ("passed", ())
    assert result.reason == "codex-cli-bin.cdx.json: 5 files with their digests"


def test_a_missing_bill(ours, tmp_path):
    del ours.entries[BILL]
    assert said(check(ours, tmp_path)) == [f"{BILL}: missing: the bill of materials"]


def test_a_second_bill(ours, tmp_path):
    ours.put(f"{DIST_INFO}/sboms/another.cdx.json", SMALL)
    assert said(check(ours, tmp_path)) == [f"{DIST_INFO}/sboms/another.cdx.json: unexpected: our wheels carry one bill"]


def test_a_wrong_digest(ours, tmp_path):
    changed(ours, lambda bill: named(bill, "bin/codex")["hashes"][0].update(content="0" * 64))
    wrong = f"codex_cli_bin/bin/codex: the bill of materials says SHA-256 {'0' * 64}"
    assert said(check(ours, tmp_path)) == [wrong]


def test_a_digest_of_another_kind_is_none(ours, tmp_path):
    changed(ours, lambda bill: named(bill, "bin/codex")["hashes"][0].update(alg="BLAKE3"))
    assert said(check(ours, tmp_path)) == ["codex_cli_bin/bin/codex: the bill of materials says SHA-256 nothing"]


def test_a_changed_byte_of_a_file_that_the_bill_lists(ours, tmp_path):
    ours.entries["codex_cli_bin/codex-path/rg"].data += b"!"
    (error,) = said(check(ours, tmp_path))
    assert error.startswith("codex_cli_bin/codex-path/rg: the bill of materials says SHA-256 ")


def rg(bill: dict[str, Any]) -> dict[str, Any]:
    return named(bill, "codex-path/rg")


def subject(bill: dict[str, Any]) -> dict[str, Any]:
    return bill["metadata"]["component"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda bill: files(bill).pop(0), "codex_cli_bin/bin/codex: the bill of materials does not list it"),
        (lambda bill: files(bill).append(dict(files(bill)[0], version="9")), "the bill lists bin/codex 2 times"),
        (lambda bill: rg(bill).update(name="fd"), "the bill lists fd, which the payload lacks"),
        (lambda bill: rg(bill).pop("licenses"), "codex-path/rg is under no license"),
        (lambda bill: rg(bill)["licenses"][0].update(expression="MIT"), "codex-path/rg is under MIT"),
        (lambda bill: subject(bill).update(name="other"), "the bill's subject has the name 'other'"),
        (lambda bill: subject(bill).update(version="9"), "the bill's subject has the version '9'"),
        (lambda bill: subject(bill).pop("licenses"), "the bill's subject has the license ''"),
        (lambda bill: bill.pop("metadata"), "the bill's subject has the name None"),
        (lambda bill: bill.update(specVersion="9.9"), "no such version is known here"),
        (lambda bill: bill.update(serialNumber="7"), "no valid CycloneDX 1.6: serialNumber: "),
        (lambda bill: bill.update(colour="red"), "no valid CycloneDX 1.6: : Additional properties"),
        (lambda bill: bill.update(bomFormat="SPDX"), "no CycloneDX document"),
        (lambda bill: files(bill).append(dict(reversed(files(bill)[1].items()))), "is there twice: {"),
        (lambda bill: files(bill)[0].pop("type"), "missing required field `type`"),
    ],
)
def test_a_bill_that_is_wrong(ours, tmp_path, change, words):
    result = check(changed(ours, change), tmp_path)
    assert result.status == "failed"
    assert any(words in error for error in said(result)), result.findings


def test_a_part_of_which_no_trace_was_found_is_a_warning(ours, tmp_path):
    def without_musl(bill):
        codex = named(bill, "bin/codex")
        codex["components"] = [part for part in codex["components"] if part["name"] != "musl"]

    result = check(changed(ours, without_musl), tmp_path)
    assert result.status == "passed"
    assert said(result, "warning") == [f"{BILL}: {TRIPLE}.toml says bin/codex is made of musl, too: no trace was found"]


INNER = b'[{"type": "file", "name": "a", "components": '
MANY = b', "components": [' + b"{}," * sbom.OBJECTS_MAX + b"{}]}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "truncated"),
        (b"\xff", "not UTF-8"),
        (b"[]", "cannot be read"),
        (SMALL.rstrip(b"}") + b', "components": ' + INNER * 250 + b"[]" + b"}]" * 250 + b"}", "nested too deeply"),
        (SMALL.rstrip(b"}") + b', "components": ' + INNER * 900 + b"[]" + b"}]" * 900 + b"}", "recursion depth"),
        (SMALL + b" " * sbom.SIZE_MAX, "bytes, where at most"),
        (SMALL.rstrip(b"}") + MANY, "too many to be held against"),
        (SMALL.rstrip(b"}") + b', "version": ' + b"9" * 5000 + b"}", "Exceeds the limit"),
    ],
    ids=["cut", "no text", "list", "nested", "deep", "large", "many", "long number"],
)
@pytest.mark.timeout(60)
def test_a_hostile_bill_is_an_error_and_no_crash(ours, tmp_path, content, words):
    ours.entries[BILL].data = content
    result = check(ours, tmp_path)
    assert result.status == "failed"
    assert any(words in error for error in said(result)), result.findings


def test_other_projects_need_none_and_that_is_said(tmp_path):
    result = check(foreign_wheel("py3-none-any", {}), tmp_path)
    assert result.status == "not applicable"
    assert "no bill of materials in it" in result.reason


@pytest.mark.parametrize(
    ("name", "content", "level", "words"),
    [
        ("auditwheel.cdx.json", SMALL, "", ""),
        ("auditwheel.cdx.json", SMALL.replace(b"}", b', "colour": "red"}'), "warning", "no valid CycloneDX 1.6"),
        ("other.spdx.json", b'{"spdxVersion": "SPDX-2.3"}', "note", "no CycloneDX document: it was not looked at"),
        ("other.spdx", b"SPDXVersion: SPDX-2.3", "note", "cannot be read"),
    ],
)
def test_other_projects_bills_are_held_against_the_schema_alone(tmp_path, name, content, level, words):
    draft = foreign_wheel("py3-none-any", {})
    draft.put(f"{FOREIGN}/{name}", content)
    result = check(draft, tmp_path)
    assert result.status == "passed"
    assert [finding.level for finding in result.findings] == ([level] if level else [])
    assert all(words in finding.message for finding in result.findings)
