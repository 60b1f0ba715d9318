"""One test per lie about our payload or its version; each turns `payload` or `version` red with the right words."""

import msgspec
import pytest

from natives import host_triple
from sdk_artifacts.checks.findings import CheckResult
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.reporting import Silent
from wheel_builder import DIST_INFO, WheelDraft, lock_of, runtime_wheel

TRIPLE = "x86_64-unknown-linux-musl"
MANIFEST = "codex_cli_bin/manifest.json"
CODEX = "codex_cli_bin/bin/codex"


@pytest.fixture
def ours(natives) -> WheelDraft:
    return runtime_wheel(TRIPLE, natives[TRIPLE].read_bytes())


def failures(draft: WheelDraft, directory, *, lock=None, triple=TRIPLE, **options) -> dict[str, CheckResult]:
    (verdict,) = verify([draft.write(directory)], lock=lock or lock_of(draft, triple), reporter=Silent(), **options)
    return {check.name: check for check in verdict.checks if check.status == "failed"}


def errors(result: CheckResult) -> list[str]:
    return [f"{finding.member}: {finding.message}" for finding in result.findings if finding.level == "error"]


def with_manifest(draft: WheelDraft, **changes) -> WheelDraft:
    content = msgspec.json.decode(draft.entries[MANIFEST].data) | changes
    draft.entries[MANIFEST].data = msgspec.json.encode(content)
    return draft


def test_a_flipped_byte_is_not_what_lock_and_manifest_say(ours, tmp_path):
    lock = lock_of(ours, TRIPLE)
    ours.entries[CODEX].data = ours.entries[CODEX].data[:-1] + b"!"
    failed = failures(ours, tmp_path, lock=lock)
    assert failed.keys() == {"payload", "sbom"}
    assert errors(failed["payload"]) == [
        f"{CODEX}: other bytes than the manifest says",
        f"{CODEX}: other bytes than the lock says",
    ]


def test_a_manifest_that_agrees_with_the_flipped_byte_does_not_hide_it(ours, natives, tmp_path):
    lock = lock_of(ours, TRIPLE)
    other = runtime_wheel(
        TRIPLE, natives[TRIPLE].read_bytes(), files={"bin/codex": natives[TRIPLE].read_bytes() + b"!"}
    )
    failed = failures(other, tmp_path, lock=lock)
    assert errors(failed["payload"]) == [f"{CODEX}: other bytes than the lock says"]


def test_without_its_version_in_the_lock_the_manifest_still_counts(ours, tmp_path):
    lock = lock_of(ours, TRIPLE, version="9.9.9")
    (verdict,) = verify([ours.write(tmp_path)], checks=["payload"], lock=lock, reporter=Silent())
    assert verdict.passed
    assert "runtime.lock pins 9.9.9: the bytes were held against the wheel's own manifest" in str(verdict.checks[0])
    ours.entries[CODEX].data += b"!"
    assert errors(failures(ours, tmp_path, lock=lock)["payload"]) == [f"{CODEX}: other bytes than the manifest says"]


def test_a_missing_helper(ours, tmp_path):
    lock = lock_of(ours, TRIPLE)
    del ours.entries["codex_cli_bin/codex-path/rg"]
    failed = failures(ours, tmp_path, lock=lock)
    assert failed.keys() == {"payload", "licenses", "sbom"}
    assert "codex_cli_bin/codex-path/rg: missing: the component 'search' needs it" in errors(failed["payload"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("codex_cli_bin/codex-resources/extra", "belongs to no component"),
        ("codex_cli_bin/extra.py", "the runtime package has no such file"),
        ("other/__init__.py", "outside of codex_cli_bin"),
        ("codex_cli_bin-1.2.3.data/scripts/x", "outside of codex_cli_bin"),
        ("top.py", "outside of codex_cli_bin"),
    ],
)
def test_an_extra_file(ours, tmp_path, name, words):
    lock = lock_of(ours, TRIPLE)
    ours.put(name, b"more")
    failed = failures(ours, tmp_path, lock=lock)
    assert failed.keys() - {"sbom"} == {"payload"}
    assert any(error.startswith(f"{name}: unexpected: ") and words in error for error in errors(failed["payload"]))


def test_a_file_of_a_component_that_this_wheel_does_not_ship(natives, tmp_path):
    triple = "aarch64-unknown-linux-musl"
    draft = runtime_wheel(
        triple, natives[triple].read_bytes(), wheel="any-libc", files={"codex-path/rg": natives[triple].read_bytes()}
    )
    said = errors(failures(draft, tmp_path, triple=triple)["payload"])
    assert "codex_cli_bin/codex-path/rg: unexpected: it belongs to search" in said


@pytest.mark.parametrize(
    ("key", "value"),
    [("wheel", "other"), ("executable", "bin/rg"), ("path_directory", None), ("components", ["core"]), ("schema", 2)],
)
def test_a_manifest_that_is_of_another_wheel(ours, tmp_path, key, value):
    failed = failures(with_manifest(ours, **{key: value}), tmp_path)
    assert "payload" in failed
    assert any(f"the manifest's `{key}` is {value!r}" in error for error in errors(failed["payload"]))


def test_a_manifest_that_cannot_be_read(ours, tmp_path):
    ours.entries[MANIFEST].data = b"{"
    failed = failures(ours, tmp_path)
    assert failed.keys() == {"payload", "version"}
    assert "manifest.json: Input data was truncated" in failed["payload"].reason


def test_tags_that_no_target_has(ours, tmp_path):
    ours.file_name = ours.file_name.replace(".musllinux_1_1_x86_64", "")
    ours.replace(f"{DIST_INFO}/WHEEL", "Tag: py3-none-musllinux_1_1_x86_64\n", "")
    failed = failures(ours, tmp_path)
    assert failed.keys() == {"payload"}
    assert "no target under platforms/ makes a wheel with these platform tags" in failed["payload"].reason


def test_another_version_in_metadata(ours, tmp_path):
    ours.replace(f"{DIST_INFO}/METADATA", "Version: 1.2.3", "Version: 1.2.4")
    failed = failures(ours, tmp_path)
    assert failed.keys() == {"version"}
    assert failed["version"].reason == "METADATA says version '1.2.4', the file name '1.2.3'"


def test_another_version_in_the_manifest(ours, tmp_path):
    failed = failures(with_manifest(ours, version="1.2.4", upstream_version="1.2.4"), tmp_path)
    assert failed.keys() == {"version"}
    assert any("the manifest says upstream version '1.2.4'" in error for error in errors(failed["version"]))


def test_another_version_in_the_payloads_description(natives, tmp_path):
    described = msgspec.json.encode({"version": "1.2.4", "target": TRIPLE, "entrypoint": "bin/codex"})
    draft = runtime_wheel(TRIPLE, natives[TRIPLE].read_bytes(), files={"codex-package.json": described})
    failed = failures(draft, tmp_path)
    assert failed.keys() == {"version"}
    assert "codex-package.json says version '1.2.4', the manifest '1.2.3'" in failed["version"].reason


def test_an_executable_that_answers_another_version(natives, tmp_path):
    triple = host_triple()
    changed = natives["codex_host"].read_bytes().replace(b"codex-cli 1.2.3", b"codex-cli 1.2.4")
    draft = runtime_wheel(triple, changed)
    failed = failures(draft, tmp_path, triple=triple)
    assert failed.keys() == {"version"}
    assert failed["version"].reason == "--version answers 1.2.4"
