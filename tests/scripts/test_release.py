"""The whole way on small payloads: what is made, what is kept, what survives a kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sdk_artifacts import paths, released, releases
from sdk_artifacts.checks import CHECKS
from sdk_artifacts.errors import CheckFailed, IntegrityFailed, ToolkitError
from sdk_artifacts.lock import LockedFile, render_lock
from sdk_artifacts.targets import host_target, known_targets
from small_release import AARCH64, MACOS, TESTS, X86_64, contents


def distributions(directory):
    """The digests of all that lies there but of the record."""
    return {name: digest for name, digest in contents(directory).items() if name != released.RECORD_NAME}


def test_every_wheel_is_recorded_with_its_digest_tags_payload_and_checks(make, tmp_path):
    done, _ = make(X86_64, AARCH64)
    on_disk = contents(tmp_path / "dist")
    record_text = (tmp_path / "dist" / released.RECORD_NAME).read_bytes()
    assert msgspec.json.decode(record_text, type=releases.Release) == done
    assert on_disk.keys() == {file.name for file in (*done.wheels, *done.sdk)} | {released.RECORD_NAME}
    for wheel in done.wheels:
        assert wheel.sha256 == on_disk[wheel.name]
        assert wheel.name.endswith(f"-{'.'.join(sorted(wheel.tags))}.whl")
        assert wheel.payload["bin/codex"].sha256
        assert {check.status for check in wheel.checks.values()} <= {"passed", "not applicable"}
        assert wheel.checks.keys() == CHECKS.keys()


@pytest.mark.skipif(host_target().triple != X86_64, reason="the host's wheel is tried on x86_64 Linux")
def test_the_hosts_wheel_is_installed_and_run_and_the_others_are_missing(make):
    done, _ = make(X86_64)
    assert done.trial is not None
    assert done.trial.printed["codex --version"] == "codex-cli 1.2.3"
    assert not done.complete
    assert len(done.missing) == sum(len(target.wheels) for target in known_targets().values()) - 1


def test_a_second_run_makes_nothing_anew(make, tmp_path):
    make(X86_64)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "dist").glob("*.whl")}
    done, recorder = make(X86_64, AARCH64)
    assert before.items() <= {path: path.stat().st_mtime_ns for path in (tmp_path / "dist").glob("*.whl")}.items()
    assert len(done.wheels) == 3
    kept = {name for name, said, _ in (note.partition(": already there and proven") for note in recorder.notes) if said}
    assert kept == {path.name for path in before} | {file.name for file in done.sdk}


def test_a_wheel_that_was_changed_on_the_disk_is_made_anew(make, tmp_path):
    first, _ = make(X86_64)
    (wheel,) = (tmp_path / "dist").glob("codex_cli_bin-*.whl")
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"\0")
    again, _ = make(X86_64)
    assert again == first
    assert contents(tmp_path / "dist")[wheel.name] == first.wheels[0].sha256


def test_a_wheel_of_other_inputs_is_made_anew(make, monkeypatch):
    first, _ = make(X86_64)
    monkeypatch.setattr(releases, "_BUILD_TOOLS", ())
    again, recorder = make(X86_64)
    assert again.wheels[0].inputs != first.wheels[0].inputs
    assert not [note for note in recorder.notes if "already there" in note]


def test_a_wheel_that_is_not_part_of_the_release_is_named(make, tmp_path):
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "codex_cli_bin-0.1.0-py3-none-win32.whl").touch()
    _, recorder = make(X86_64)
    assert any(note.startswith("codex_cli_bin-0.1.0-py3-none-win32.whl") for note in recorder.notes)


def test_a_wheel_that_fails_a_check_gets_no_place_and_the_others_do(make, lock, publish, tmp_path):
    unsigned = msgspec.structs.replace(lock, targets=lock.targets | {MACOS: publish(MACOS)})
    with pytest.raises(CheckFailed, match=r"payload: .*signature") as caught:
        make(X86_64, MACOS, lock=unsigned)
    kept = caught.value.fix.rpartition(" ")[2]
    assert Path(kept).is_file(), "the wheel is kept to be looked at"
    assert [name.partition("manylinux")[0] for name in contents(tmp_path / "dist") if name.endswith(".whl")] == [
        "codex_cli_bin-1.2.3-py3-none-"
    ]


def test_bytes_that_are_not_the_locked_ones_stop_it(make, lock):
    files = dict(lock.targets[X86_64].files)
    files["bin/codex"] = LockedFile(files["bin/codex"].size, "0" * 64)
    wrong = msgspec.structs.replace(lock.targets[X86_64], files=files)
    with pytest.raises(IntegrityFailed, match="bin/codex"):
        make(X86_64, lock=msgspec.structs.replace(lock, targets=lock.targets | {X86_64: wrong}))


def test_offline_with_an_empty_cache_says_what_to_do(make):
    with pytest.raises(ToolkitError, match="cache") as caught:
        make(X86_64, offline=True)
    assert "fetch" in caught.value.fix or "--offline" in caught.value.fix


@pytest.fixture
def mount(tmp_path):
    """Mount a disk of the given size in KiB; gives its directory."""
    mounted = []

    def mount(size_kib):
        disk = tmp_path / f"disk-{size_kib}"
        disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", disk]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("a small disk cannot be mounted here: it takes root and Linux")
        mounted.append(disk)
        return disk

    yield mount
    for disk in mounted:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("spare_kib", [None, 60, 120, 260, 400, 800])
def test_a_full_disk_is_told_and_leaves_nothing_that_looks_whole(make, mount, sdk_template, spare_kib):
    """Of None not even the SDK's sources fit; of the others each gets further."""
    sources_kib = sum(-(-path.stat().st_size // 4096) * 4 for path in sdk_template.rglob("*") if path.is_file())
    disk = mount(8 if spare_kib is None else sources_kib + spare_kib)
    with pytest.raises((OSError, ToolkitError), match="No space left on device"):
        make(X86_64, out=disk / "dist")
    roomy = mount(4 * sources_kib)
    done, _ = make(X86_64, out=roomy / "dist")
    assert len(done.wheels) == 1
    assert distributions(disk / "dist").items() <= contents(roomy / "dist").items()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_killed_at_every_step_and_run_again_it_ends_in_the_same_bytes(make, lock, registry, sdk_template, tmp_path):
    make(X86_64, AARCH64, out=tmp_path / "whole")
    expected = contents(tmp_path / "whole")
    (tmp_path / "lock").write_text(render_lock(lock))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(paths.REPOSITORY / "scripts"), str(TESTS)])}
    killed = 0
    for step in range(1000):
        arguments = [tmp_path / "lock", tmp_path / "dist", registry.url, sdk_template, step, X86_64, AARCH64]
        command = [sys.executable, TESTS / "release_program.py", *map(str, arguments)]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert distributions(tmp_path / "dist").items() <= expected.items(), "what has a distribution's name is whole"
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        killed += 1
    assert killed > 10
    assert contents(tmp_path / "dist") == expected, "release.json as well as the wheels"
