"""Signatures of our payload: due where the platform has them, and verified when `deep` asks for it."""

import importlib.util
import struct
import sys

import pytest

from sdk_artifacts.checks.findings import CheckResult
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.reporting import Silent
from wheel_builder import lock_of, runtime_wheel

WINDOWS = "x86_64-pc-windows-msvc"


def payload_check(triple: str, native: bytes, directory, *, deep: bool = False) -> CheckResult:
    draft = runtime_wheel(triple, native)
    lock = lock_of(draft, triple)
    (verdict,) = verify([draft.write(directory)], deep=deep, lock=lock, reporter=Silent())
    assert {check.name for check in verdict.checks if check.status == "failed"} <= {"payload"}
    return next(check for check in verdict.checks if check.name == "payload")


def errors(result: CheckResult) -> list[str]:
    return [f"{finding.member}: {finding.message}" for finding in result.findings if finding.level == "error"]


def signed_by_nobody(program: bytes) -> bytes:
    """A Windows program with a certificate table whose PKCS #7 says nothing."""
    certificate = struct.pack("<IHH", 16, 0x0200, 2) + b"\x30\x06" + bytes(6)
    start = len(program) + -len(program) % 8
    directory = struct.unpack_from("<I", program, 0x3C)[0] + 24 + 112 + 4 * 8
    table = struct.pack("<II", start, len(certificate))
    return (program[:directory] + table + program[directory + 8 :]).ljust(start, b"\0") + certificate


@pytest.mark.parametrize(
    ("triple", "words"),
    [
        (WINDOWS, "unsigned: no Authenticode signature"),
        ("aarch64-apple-darwin", "by nobody (ad hoc, no Developer ID; aarch64)"),
        ("x86_64-apple-darwin", "code signature"),
    ],
)
def test_an_unsigned_program_where_the_platform_has_signatures(natives, tmp_path, triple, words):
    said = errors(payload_check(triple, natives[triple].read_bytes(), tmp_path))
    assert said
    assert all(words in error for error in said)


def test_what_upstream_leaves_unsigned_is_known_as_such(natives, tmp_path):
    said = errors(payload_check(WINDOWS, natives[WINDOWS].read_bytes(), tmp_path))
    assert any("bin/codex.exe" in error for error in said)
    assert not any("rg.exe" in error for error in said)


def test_a_signature_counts_by_its_presence(natives, tmp_path):
    result = payload_check(WINDOWS, signed_by_nobody(natives[WINDOWS].read_bytes()), tmp_path)
    assert result.status == "passed"
    assert [finding.message for finding in result.findings] == [
        "signed now, though its component's `unsigned` lists it"
    ]


@pytest.mark.skipif(importlib.util.find_spec("lief") is None, reason="lief (the extra `deep`) is not installed")
def test_deep_finds_the_signature_that_does_not_hold(natives, tmp_path):
    program = signed_by_nobody(natives[WINDOWS].read_bytes())
    said = errors(payload_check(WINDOWS, program, tmp_path, deep=True))
    assert said
    assert all("its Authenticode signature does not hold" in error for error in said)


def test_deep_without_lief_says_how_to_install_it(natives, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lief", None)
    result = payload_check(WINDOWS, signed_by_nobody(natives[WINDOWS].read_bytes()), tmp_path, deep=True)
    warnings = [finding for finding in result.findings if finding.level == "warning"]
    assert warnings
    assert all("was not verified, lief is not installed" in finding.message for finding in warnings)
    assert "pip install 'lief" in warnings[0].right
