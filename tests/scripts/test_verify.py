"""A wheel that is right passes; what cannot be read fails, and never crashes."""

import os
from pathlib import Path

import msgspec
import pytest

from natives import host_triple
from sdk_artifacts.checks import CHECKS, size
from sdk_artifacts.commands.verify import Verdict, verify
from sdk_artifacts.errors import UsageProblem
from sdk_artifacts.reporting import Silent
from sdk_artifacts.targets import known_targets
from wheel_builder import foreign_wheel, lock_of, runtime_wheel

LINUX = [
    ("x86_64-unknown-linux-musl", "any-libc"),
    ("aarch64-unknown-linux-musl", "glibc"),
    ("aarch64-unknown-linux-musl", "any-libc"),
]


def statuses(verdict: Verdict) -> dict[str, str]:
    return {check.name: check.status for check in verdict.checks}


@pytest.mark.parametrize(("triple", "wheel"), LINUX)
def test_a_right_runtime_wheel_passes_every_check(natives, tmp_path, triple, wheel):
    draft = runtime_wheel(triple, natives[triple].read_bytes(), wheel=wheel)
    path = draft.write(tmp_path)
    (verdict,) = verify([path], lock=lock_of(draft, triple), reporter=Silent())
    assert statuses(verdict) == dict.fromkeys(CHECKS, "passed")
    assert [finding for check in verdict.checks for finding in check.findings] == []
    assert verdict.passed
    assert verdict.tags == known_targets()[triple].wheel(wheel).tags
    assert verdict.size == path.stat().st_size


def test_the_executable_of_the_host_is_run_when_the_lock_names_its_bytes(natives, tmp_path):
    triple = host_triple()
    draft = runtime_wheel(triple, natives["codex_host"].read_bytes())
    (verdict,) = verify([draft.write(tmp_path)], checks=["version"], lock=lock_of(draft, triple), reporter=Silent())
    assert verdict.checks[0].reason.endswith("--version answers 1.2.3")


def test_the_executable_is_not_run_when_the_lock_has_another_version(natives, tmp_path):
    triple = host_triple()
    draft = runtime_wheel(triple, natives["codex_host"].read_bytes())
    lock = lock_of(draft, triple, version="9.9.9")
    (verdict,) = verify([draft.write(tmp_path)], checks=["version"], lock=lock, reporter=Silent())
    assert verdict.passed
    assert "not run: its bytes are not the lock's" in verdict.checks[0].reason
    (verdict,) = verify([draft.write(tmp_path)], checks=["version"], lock=lock, run=True, reporter=Silent())
    assert verdict.checks[0].reason.endswith("--version answers 1.2.3")


def test_a_right_wheel_of_another_project_passes_what_applies_to_it(natives, tmp_path):
    program = natives["glibc_2_17_x86_64"].read_bytes()
    path = foreign_wheel("py3-none-manylinux_2_17_x86_64", {"other/program": program}).write(tmp_path)
    (verdict,) = verify([path], reporter=Silent())
    assert statuses(verdict) == dict.fromkeys(CHECKS, "passed") | dict.fromkeys(("payload", "sbom"), "not applicable")
    assert "it is not codex-cli-bin" in verdict.checks[2].reason
    assert verdict.truest[0].startswith("manylinux")


def test_a_pure_wheel_passes(tmp_path):
    path = foreign_wheel("py3-none-any", {"other/data.txt": b"text"}, mode=0o100644).write(tmp_path)
    (verdict,) = verify([path], reporter=Silent())
    assert verdict.passed
    assert verdict.truest == ("any",)


def test_a_verdict_is_one_json_document(natives, tmp_path):
    draft = runtime_wheel(host_triple(), natives["codex_host"].read_bytes())
    found = verify([draft.write(tmp_path)], lock=lock_of(draft, host_triple()), reporter=Silent())
    assert msgspec.json.decode(msgspec.json.encode(found), type=list[Verdict]) == found


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"garbage" * 100, "no end record"), (b"PK\5\6" + bytes(18), "the archive is empty")],
)
def test_what_is_no_archive_fails_every_check(tmp_path, content, words):
    path = tmp_path / "other-1-py3-none-any.whl"
    path.write_bytes(content)
    (verdict,) = verify([path], reporter=Silent())
    assert statuses(verdict) == dict.fromkeys(CHECKS, "failed")
    assert words in verdict.checks[0].reason


def test_a_path_that_is_not_there_fails(tmp_path):
    (verdict,) = verify([tmp_path / "none.whl"], checks=["tags"], reporter=Silent())
    assert statuses(verdict) == {"tags": "failed"}
    assert "No such file" in verdict.checks[0].reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.timeout(20)
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    path = tmp_path / "other-1-py3-none-any.whl"
    os.mkfifo(path)
    (verdict,) = verify([path], reporter=Silent())
    assert "no regular file" in verdict.checks[0].reason


def test_a_directory_stands_for_its_wheels(tmp_path):
    for name in ("a", "b"):
        draft = foreign_wheel("py3-none-any", {"other/data.txt": name.encode()}, mode=0o100644)
        (tmp_path / name).mkdir()
        draft.write(tmp_path / name).rename(tmp_path / f"{name}-1-py3-none-any.whl")
    found = verify([tmp_path], checks=["size"], reporter=Silent())
    assert [verdict.name for verdict in found] == ["a-1-py3-none-any.whl", "b-1-py3-none-any.whl"]


def test_a_directory_without_wheels_fails(tmp_path):
    (verdict,) = verify([tmp_path], reporter=Silent())
    assert not verdict.passed
    assert "a directory without a wheel" in verdict.checks[0].reason


def test_an_unknown_check_is_a_usage_problem_that_names_the_known(tmp_path):
    with pytest.raises(UsageProblem, match="'tag' is no check") as caught:
        verify([tmp_path], checks=["tag"], reporter=Silent())
    assert "tags, container, payload, version, licenses, sbom, size" in caught.value.fix


def test_nothing_to_verify_is_a_usage_problem():
    with pytest.raises(UsageProblem, match="nothing to verify"):
        verify([], reporter=Silent())


def test_only_the_checks_that_were_asked_for_are_done(tmp_path):
    path = foreign_wheel("py3-none-any", {}).write(tmp_path)
    (verdict,) = verify([Path(path)], checks=["size", "tags"], reporter=Silent())
    assert list(statuses(verdict)) == ["tags", "size"]


@pytest.mark.parametrize(
    ("limit", "level", "words"),
    [
        ("DEFAULT_LIMIT_BYTES", "warning", "100 MiB that the index accepts by default"),
        ("LAST_LIMIT_BYTES", "error", "1 GiB"),
    ],
)
def test_a_file_beyond_a_limit_of_the_index(tmp_path, monkeypatch, limit, level, words):
    monkeypatch.setattr(size, limit, 100)
    path = foreign_wheel("py3-none-any", {}).write(tmp_path)
    (verdict,) = verify([path], checks=["size"], reporter=Silent())
    assert [finding.level for finding in verdict.checks[0].findings] == [level]
    assert words in verdict.checks[0].findings[0].message
    assert verdict.passed == (level == "warning")
