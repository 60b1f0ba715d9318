"""What `stage-runtime` refuses, and that the stage which was there stays as it was."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

import hostile_archives as hostile
from sdk_artifacts.errors import DataProblem, IntegrityFailed, NetworkFailed, PayloadRefused, UsageProblem
from sdk_artifacts.targets import Target, known_targets
from sdk_artifacts.versions import RuntimeVersion
from staging import (
    EMPTY_LOCK,
    HOST,
    V123,
    Stage,
    lock_of,
    old_stage_survives,
    payload_files,
    snapshot,
    stager,
    unpacked,
)

Natives = Mapping[str, Path]
FOREIGN = next(target for target in known_targets().values() if target.os != HOST.os)
OTHER_VERSION = RuntimeVersion.parse("1.2.4")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stager(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_a_version_that_the_executable_does_not_print(out: Path, natives: Natives, stage: Stage) -> None:
    says = r"--runtime-version says 1\.2\.4, .*--version says 1\.2\.3"
    with old_stage_survives(out, PayloadRefused, says):
        stage(natives["codex_host"], version=OTHER_VERSION)


def test_a_version_that_the_package_file_does_not_name(
    tmp_path: Path, out: Path, natives: Natives, stage: Stage
) -> None:
    source = unpacked(tmp_path / "source", payload_files(FOREIGN, natives))
    with old_stage_survives(out, PayloadRefused, r"--runtime-version says 1\.2\.4, codex-package\.json says 1\.2\.3"):
        stage(source, version=OTHER_VERSION)
    odd = unpacked(tmp_path / "odd", payload_files(FOREIGN, natives, version="latest"))
    with old_stage_survives(out, PayloadRefused, r"codex-package\.json: key `version`: 'latest'"):
        stage(odd)


def test_an_executable_whose_version_nobody_knows(out: Path, natives: Natives, stage: Stage) -> None:
    with old_stage_survives(out, UsageProblem, "the version is not known: this machine is n"):
        stage(natives[FOREIGN.triple])


def test_an_executable_for_another_target_than_asked_for(
    tmp_path: Path, out: Path, natives: Natives, stage: Stage
) -> None:
    with old_stage_survives(out, PayloadRefused, f"is for {FOREIGN.triple}, not for {HOST.triple}"):
        stage(natives[FOREIGN.triple], target=HOST, version=V123)
    source = hostile.tar_gz(tmp_path / "source", payload_files(FOREIGN, natives))
    with old_stage_survives(out, PayloadRefused, f"is for {FOREIGN.triple}, not for {HOST.triple}"):
        stage(source, target=HOST)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("macos_universal2", r"macos on x86_64\+aarch64, which no target"),
        ("windows_x86", "windows on i686, which no target"),
    ],
)
def test_an_executable_that_no_target_is_for(out: Path, natives: Natives, stage: Stage, name: str, reason: str) -> None:
    with old_stage_survives(out, PayloadRefused, reason):
        stage(natives[name], version=V123)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"#!/usr/bin/env node\n", "is no ELF, Mach-O or PE"),
        (b"", "is no ELF, Mach-O or PE"),
        (b"\x7fELF\x02\x01\x01", "codex is damaged"),
    ],
)
def test_a_file_that_is_no_executable(tmp_path: Path, out: Path, stage: Stage, content: bytes, reason: str) -> None:
    source = tmp_path / "source" / "codex"
    unpacked(source.parent, {"codex": content})
    with old_stage_survives(out, PayloadRefused, reason):
        stage(source, version=V123)


def test_a_source_that_is_not_there_or_no_file(tmp_path: Path, out: Path, stage: Stage) -> None:
    (tmp_path / "source").mkdir()
    os.mkfifo(tmp_path / "source" / "fifo")
    for name in ("absent", "fifo"):
        with old_stage_survives(out, PayloadRefused, f"{name} is neither a file nor a directory"):
            stage(tmp_path / "source" / name, version=V123)


@pytest.mark.parametrize("build", [unpacked, *hostile.BUILDS.values()])
def test_a_payload_without_a_required_file(
    tmp_path: Path, out: Path, natives: Natives, stage: Stage, build: hostile.Build
) -> None:
    files = payload_files(FOREIGN, natives)
    helper = next(path for path in files if "code-mode-host" in path)
    source = build(tmp_path / "source", {path: content for path, content in files.items() if path != helper})
    with old_stage_survives(out, PayloadRefused, f"lacks {helper}, which wheel"):
        stage(source)
    bare = build(tmp_path / "bare", {path: files[path] for path in files if path != FOREIGN.executable})
    with old_stage_survives(out, PayloadRefused, "holds no executable: neither bin/codex nor bin/codex.exe"):
        stage(bare)


def test_a_payload_with_a_file_that_nobody_named(tmp_path: Path, out: Path, natives: Natives, stage: Stage) -> None:
    source = unpacked(tmp_path / "source", payload_files(FOREIGN, natives) | {"codex-resources/new": b"x"})
    with old_stage_survives(out, PayloadRefused, "no component owns: codex-resources/new"):
        stage(source)
    with pytest.raises(PayloadRefused) as refused:
        stage(source)
    assert f"platforms/{FOREIGN.triple}.toml" in refused.value.fix


@pytest.mark.parametrize(
    ("key", "value"), [("target", "riscv64-unknown-haiku"), ("entrypoint", "bin/other"), ("pathDir", "elsewhere")]
)
def test_a_package_file_that_contradicts_the_executable(tmp_path: Path, natives: Natives, key: str, value: str) -> None:
    source = unpacked(tmp_path / "source", payload_files(FOREIGN, natives, **{key: value}))
    with old_stage_survives(tmp_path / "out", PayloadRefused, rf"codex-package\.json: key `{key}`: '{value}' is not"):
        stager(tmp_path)(source)


def test_a_helper_for_another_machine(tmp_path: Path, out: Path, natives: Natives, stage: Stage) -> None:
    files = payload_files(FOREIGN, natives)
    helper = next(path for path in files if "code-mode-host" in path)
    source = unpacked(tmp_path / "source", {**files, helper: natives["codex_host"].read_bytes()})
    with old_stage_survives(out, PayloadRefused, "no wheel can hold these files"):
        stage(source)


def test_a_hostile_archive_or_directory(tmp_path: Path, out: Path, natives: Natives, stage: Stage) -> None:
    files = payload_files(HOST, natives)
    (tmp_path / "sources").mkdir()
    for build in hostile.BUILDS.values():
        source = build(tmp_path / "sources" / "bad", {**files, "../../stolen": b"x"})
        with old_stage_survives(out, PayloadRefused, r"'\.\./\.\./stolen' leads out"):
            stage(source)
    linked = unpacked(tmp_path / "sources" / "linked", files)
    (linked / "bin" / "extra").symlink_to("/etc/passwd")
    with old_stage_survives(out, PayloadRefused, "'bin/extra' is a symlink"):
        stage(linked)
    assert not (tmp_path / "stolen").exists()


def test_locked_bytes_that_are_not_the_lock_s(tmp_path: Path, out: Path, natives: Natives, stage: Stage) -> None:
    files = payload_files(HOST, natives)
    archive = hostile.tar_gz(tmp_path / "archive", files)
    lock = lock_of(HOST, {**files, "codex-path/rg": b"another"}, archive)
    with old_stage_survives(
        out, IntegrityFailed, f"1.2.3-{HOST.npm_suffix}: not the bytes of runtime.lock: codex-path"
    ):
        stage(None, lock=lock, fetch=lambda _: archive)


def test_a_locked_payload_that_makes_the_target_s_tag_false(
    tmp_path: Path, out: Path, natives: Natives, stage: Stage
) -> None:
    target = known_targets()["aarch64-unknown-linux-musl"]
    files = payload_files(target, natives)
    files["bin/codex-code-mode-host"] = natives["glibc_2_28_aarch64"].read_bytes()
    archive = hostile.tar_gz(tmp_path / "archive", files)
    lock = lock_of(target, files, archive)
    with old_stage_survives(out, DataProblem, r"aarch64-unknown-linux-musl\.toml, wheel 'glibc': key `tags`: .*2\.28"):
        stage(None, target=target, wheel="glibc", lock=lock, fetch=lambda _: archive)


def test_a_lock_that_does_not_have_what_is_asked_for(out: Path, stage: Stage) -> None:
    with old_stage_survives(out, UsageProblem, r"locked payload is of version 9\.9\.9, not 1\.2\.3"):
        stage(None, version=V123)
    with old_stage_survives(out, DataProblem, f"nothing for {HOST.triple}"):
        stage(None, fetch=lambda target: EMPTY_LOCK.target(target.triple))


def test_a_fetch_that_fails(out: Path, natives: Natives, stage: Stage) -> None:
    def fail(target: Target) -> Path:
        raise NetworkFailed(f"no registry for {target.triple}")

    with old_stage_survives(out, NetworkFailed, "no registry"):
        stage(None, lock=lock_of(HOST, payload_files(HOST, natives)), fetch=fail)


def test_a_wheel_that_the_target_does_not_make(out: Path, natives: Natives, stage: Stage) -> None:
    with old_stage_survives(out, UsageProblem, "makes no wheel named 'snake'"):
        stage(natives["codex_host"], wheel="snake")


def test_a_destination_that_overlaps_the_source(tmp_path: Path, natives: Natives, stage: Stage) -> None:
    source = unpacked(tmp_path / "source", payload_files(HOST, natives) | {"stage.json": b"{}"})
    (tmp_path / "link").symlink_to(source)
    before = snapshot(tmp_path)
    for given, destination in (
        (source, source),
        (source, source / "inside" / "deep"),
        (source, tmp_path / "link"),
        (tmp_path / "link", source / "new"),
        (source / HOST.executable, source),
        (source / "bin", tmp_path / "link"),
    ):
        with pytest.raises(UsageProblem, match="overlaps"):
            stage(given, destination)
    with pytest.raises(UsageProblem, match="overlaps"):
        stage(natives["codex_host"], tmp_path / "template" / "new")
    assert snapshot(tmp_path) == before


def test_a_destination_that_is_somebodys(tmp_path: Path, natives: Natives, stage: Stage) -> None:
    unpacked(tmp_path / "home", {"letters/love.txt": b"dear"})
    unpacked(tmp_path, {"file": b"x"})
    before = snapshot(tmp_path)
    with pytest.raises(UsageProblem, match=r"is not empty and holds no stage\.json"):
        stage(natives["codex_host"], tmp_path / "home")
    with pytest.raises(UsageProblem, match="is a file, not a directory"):
        stage(natives["codex_host"], tmp_path / "file")
    assert snapshot(tmp_path) == before
    (tmp_path / "empty").mkdir()
    assert stage(natives["codex_host"], tmp_path / "empty").directory == tmp_path / "empty"


def test_a_package_file_that_is_none(tmp_path: Path, out: Path, natives: Natives, stage: Stage) -> None:
    files = payload_files(HOST, natives) | {"codex-package.json": json.dumps({"layoutVersion": 7}).encode()}
    with old_stage_survives(out, PayloadRefused, r"codex-package\.json: .*missing required field"):
        stage(unpacked(tmp_path / "source", files))
