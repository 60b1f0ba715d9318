"""`stage-runtime`: what it makes of executables, directories, archives and the locked payload."""

import hashlib
import os
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

import hostile_archives as hostile
from sdk_artifacts import paths
from sdk_artifacts.errors import DataProblem
from sdk_artifacts.stage import load_stage
from sdk_artifacts.targets import known_targets
from staging import (
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


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stager(tmp_path)


def test_the_documented_call_stages_a_lone_executable(
    tmp_path: Path, natives: Mapping[str, Path], stage: Stage
) -> None:
    staged = stage(natives["codex_host"], version=V123)
    content = natives["codex_host"].read_bytes()
    assert staged.stage == load_stage(tmp_path / "out")
    assert (staged.stage.version, staged.stage.target, staged.stage.path_directory) == ("1.2.3", HOST.triple, None)
    assert staged.stage.components == ("core",)
    assert (staged.stage.source.kind, staged.stage.source.sha512) == ("executable", None)
    ((path, file),) = staged.stage.files.items()
    assert (path, file.size, file.sha256) == (HOST.executable, len(content), hashlib.sha256(content).hexdigest())
    assert (staged.directory / "payload" / path).read_bytes() == content
    (note,) = staged.notes
    assert "helpers are absent" in note
    assert "codex-code-mode-host" in note


@pytest.mark.parametrize("triple", known_targets())
@pytest.mark.parametrize("form", ["directory", "tar.gz", "zip"])
def test_every_target_and_form_gives_the_same_stage(
    tmp_path: Path, natives: Mapping[str, Path], triple: str, form: str, stage: Stage
) -> None:
    target = known_targets()[triple]
    files = payload_files(target, natives)
    extra = {"codex-resources/voice/manifest.json": b"{}", "codex-resources/voice/lib/deep/x": b"x"}
    nested = {f"package/vendor/{triple}/{path}": content for path, content in {**files, **extra}.items()}
    nested["package/README.md"] = b"not of the payload"
    source = {**hostile.BUILDS, "directory": unpacked}[form](tmp_path / "source", nested)
    for wheel in target.wheels:
        staged = stage(source, wheel=wheel.name)
        shipped = {path: files[path] for name in wheel.components for path in target.components[name].required}
        on_disk = snapshot(tmp_path / "out" / "payload")
        assert {path: file for path, (mode, file) in on_disk.items() if stat.S_ISREG(mode)} == shipped
        assert {path: f"{stat.S_IMODE(on_disk[path][0]):04o}" for path in shipped} == {
            path: target.mode_of(path) for path in shipped
        }
        assert {path: file.mode for path, file in staged.stage.files.items()} == {
            path: target.mode_of(path) for path in shipped
        }
        assert (staged.stage.wheel, staged.stage.tag) == (wheel.name, wheel.tag)
        assert staged.stage.path_directory == (target.path_directory if "search" in wheel.components else None)
        assert any("voice is left out (files: 2)" in note for note in staged.notes)


def test_licenses_follow_what_ships(natives: Mapping[str, Path], tmp_path: Path, stage: Stage) -> None:
    target = known_targets()["x86_64-unknown-linux-musl"]
    staged = stage(unpacked(tmp_path / "source", payload_files(target, natives)))
    for single in ("Apache-2.0", "LGPL-2.0-or-later", "(MIT OR Unlicense)", "BSD-3-Clause WITH PCRE2-exception"):
        assert single in staged.stage.license_expression.split(" AND ")
    for text in ("codex-NOTICE.txt", "bubblewrap-COPYING.txt", "ripgrep-UNLICENSE.txt", "musl-COPYRIGHT.txt"):
        assert text in staged.stage.license_files
    assert sorted(path.name for path in (staged.directory / "licenses").iterdir()) == [*staged.stage.license_files]
    lone = stage(natives["codex_host"])
    assert "ripgrep-UNLICENSE.txt" not in lone.stage.license_files, "no rg, no license of it"


def test_the_template_is_copied_unchanged_and_nothing_beside_it(
    natives: Mapping[str, Path], tmp_path: Path, stage: Stage
) -> None:
    staged = stage(natives[HOST.triple])
    copied = {path: content for path, (_, content) in snapshot(staged.directory).items() if content}
    original = {path: content for path, (_, content) in snapshot(tmp_path / "template").items() if content}
    for unwanted in ("src/codex_cli_bin/bin/codex", "src/codex_cli_bin/__pycache__/a.pyc", "dist/old.whl"):
        del original[unwanted]
    original = {path: content for path, content in original.items() if "licenses/" not in path}
    copied = {path: content for path, content in copied.items() if "licenses/" not in path}
    assert {path: copied[path] for path in original} == original
    assert copied.keys() - original.keys() == {
        "stage.json",
        "sboms/codex-cli-bin.cdx.json",
        f"payload/{HOST.executable}",
    }


def test_a_missing_license_text_is_refused(tmp_path: Path, natives: Mapping[str, Path], stage: Stage) -> None:
    (tmp_path / "template" / "licenses" / "codex-NOTICE.txt").unlink()
    with old_stage_survives(tmp_path / "out", DataProblem, r"lacks codex-NOTICE\.txt"):
        stage(natives["codex_host"])


def test_the_real_template_gives_a_stage(natives: Mapping[str, Path], stage: Stage) -> None:
    staged = stage(natives[HOST.triple], template=paths.RUNTIME_TEMPLATE)
    assert (staged.directory / "wheel_backend.py").is_file()
    assert (staged.directory / "src" / "codex_cli_bin" / "__main__.py").is_file()


def test_a_stage_replaces_an_older_one_whole(tmp_path: Path, natives: Mapping[str, Path], stage: Stage) -> None:
    unpacked(tmp_path / "out", {"stage.json": b"{}", "payload/old": b"old", "dist/x.whl": b"old"})
    staged = stage(natives[HOST.triple])
    assert not (staged.directory / "payload" / "old").exists()
    assert not (staged.directory / "dist").exists()
    again = stage(natives[HOST.triple])
    assert snapshot(again.directory) == snapshot(staged.directory)


def test_a_link_to_a_stage_stays_a_link(tmp_path: Path, natives: Mapping[str, Path], stage: Stage) -> None:
    unpacked(tmp_path / "real", {"stage.json": b"{}"})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    staged = stage(natives["codex_host"], tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert staged.directory == tmp_path / "real"
    assert load_stage(tmp_path / "link") == staged.stage


def test_a_kill_in_the_middle_leaves_the_old_stage(tmp_path: Path, natives: Mapping[str, Path], stage: Stage) -> None:
    unpacked(tmp_path / "out", {"stage.json": b"{}", "payload/bin/codex": b"old"})
    before = snapshot(tmp_path / "out")
    program = textwrap.dedent("""
        import contextlib, os, pathlib, signal, sys
        from sdk_artifacts.commands.stage_runtime import stage_runtime
        from sdk_artifacts.lock import Lock
        class Killer:
            def note(self, text): pass
            @contextlib.contextmanager
            def task(self, label, total=None):
                yield lambda size: os.kill(os.getpid(), signal.SIGKILL)
        out, source, template = map(pathlib.Path, sys.argv[1:])
        lock = Lock(schema=1, version="9.9.9", targets={})
        stage_runtime(out, source, version=None, target=None, wheel=None, lock=lock, template=template, fetch=None,
                      reporter=Killer())
    """)
    command = [
        sys.executable,
        "-c",
        program,
        str(tmp_path / "out"),
        str(natives["codex_host"]),
        str(tmp_path / "template"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(paths.REPOSITORY / "scripts")}
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert snapshot(tmp_path / "out") == before
    assert any(".out.partial-" in path.name for path in tmp_path.iterdir())
    stage(natives["codex_host"])
    assert not any(path.name.startswith(".out") for path in tmp_path.iterdir())


def test_without_a_source_the_locked_payload_is_fetched_and_compared(
    tmp_path: Path, natives: Mapping[str, Path], stage: Stage
) -> None:
    files = payload_files(HOST, natives)
    archive = hostile.tar_gz(tmp_path / "locked", files)
    lock = lock_of(HOST, files, archive)
    staged = stage(None, lock=lock, fetch=lambda target: {HOST.triple: archive}[target.triple])
    assert staged.stage.source.kind == "npm"
    assert staged.stage.source.name == f"@openai/codex@1.2.3-{HOST.npm_suffix}"
    assert staged.stage.source.sha512 == lock.targets[HOST.triple].archive_sha512
    given = stage(archive, tmp_path / "other", lock=lock)
    assert given.stage == staged.stage, "the locked archive is the locked one wherever it lies"
    assert given.notes == staged.notes == ()


def test_bytes_that_are_not_the_lock_s_are_noted(tmp_path: Path, natives: Mapping[str, Path], stage: Stage) -> None:
    files = payload_files(HOST, natives)
    lock = lock_of(HOST, {**files, "codex-path/rg": b"another rg"})
    staged = stage(unpacked(tmp_path / "source", files), lock=lock)
    assert staged.notes == ("not the bytes that runtime.lock has for 1.2.3: codex-path/rg",)


def test_a_locked_executable_of_another_platform_has_the_lock_s_version(
    natives: Mapping[str, Path], stage: Stage
) -> None:
    foreign = next(target for target in known_targets().values() if target.os != HOST.os)
    lock = lock_of(foreign, {foreign.executable: natives[foreign.triple].read_bytes()})
    staged = stage(natives[foreign.triple], lock=lock)
    assert (staged.stage.version, staged.stage.target) == ("1.2.3", foreign.triple)
    assert any("--version` was not run: this machine is n" in note for note in staged.notes)


def test_a_tag_that_would_be_false_gives_way_to_the_truest(
    tmp_path: Path, natives: Mapping[str, Path], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, tag = {
        "x86_64-unknown-linux-musl": ("glibc_2_28_aarch64", "py3-none-manylinux_2_28_aarch64"),
    }.get(HOST.triple, ("glibc_2_28_x86_64", "py3-none-manylinux_2_28_x86_64"))
    monkeypatch.setenv("PATH", str(tmp_path))  # no emulator: it would have no C library for it
    staged = stage(natives[name], version=V123)
    assert (staged.stage.target, staged.stage.tag) == (f"{name[11:]}-unknown-linux-musl", tag)
    assert any(f"the tag is {tag}, since bin/codex is not" in note for note in staged.notes)
