"""The whole way on small payloads: what is made, what is kept, what survives a kill."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from hostile_archives import PACKAGE, tar_gz
from registry_client import Recorder
from sdk_artifacts import paths, releases
from sdk_artifacts.commands.release import release
from sdk_artifacts.errors import CheckFailed, IntegrityFailed, ToolkitError
from sdk_artifacts.lock import SCHEMA, Lock, LockedFile, LockedTarget, render_lock
from sdk_artifacts.targets import host_target, known_targets, select

NPM_PACKAGE = "@openai/codex"
VERSION = "1.2.3"
X86_64, AARCH64, MACOS = "x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-apple-darwin"
TESTS = Path(__file__).parent.parent


def payload(natives, triple):
    """A payload whose native files are small and real; the executable answers `--version`."""
    target = known_targets()[triple]
    names = [path for component in target.components.values() for path in component.required]
    files = dict.fromkeys(names, natives[triple].read_bytes())
    if target == host_target():
        files[target.executable] = natives["codex_host"].read_bytes()
    files["codex-package.json"] = json.dumps(PACKAGE | {"target": triple, "entrypoint": target.executable}).encode()
    return files


@pytest.fixture
def publish(natives, registry, cache, tmp_path):  # noqa: ARG001 - an empty cache, whatever is fetched
    """Put a payload of the target into the loopback registry; gives what is locked for it."""

    def publish(triple):
        files = payload(natives, triple)
        archive = tar_gz(tmp_path / triple, {f"package/vendor/{triple}/{name}": data for name, data in files.items()})
        number = f"{VERSION}-{known_targets()[triple].npm_suffix}"
        registry.publish(NPM_PACKAGE, number, archive.read_bytes())
        return LockedTarget(
            package=NPM_PACKAGE,
            package_version=number,
            archive_size=archive.stat().st_size,
            archive_sha512=sha("sha512", archive.read_bytes()),
            files={name: LockedFile(len(data), sha("sha256", data)) for name, data in files.items()},
        )

    return publish


@pytest.fixture
def lock(publish):
    """Two targets with three wheels."""
    return Lock(SCHEMA, VERSION, {triple: publish(triple) for triple in (X86_64, AARCH64)})


@pytest.fixture
def make(lock, registry, tmp_path):
    """Run `release` of these targets into `out`; gives the release and what was reported."""

    def make(*triples, out=tmp_path / "dist", lock=lock, offline=False):
        recorder = Recorder()
        done = release(
            select(triples),
            out=out,
            lock=lock,
            compression="fast",
            registry=registry.url,
            offline=offline,
            jobs=2,
            reporter=recorder,
        )
        return done, recorder

    return make


def sha(kind, data):
    import hashlib

    return hashlib.new(kind, data).hexdigest()


def contents(directory):
    """The digests of what lies openly in a directory."""
    return {path.name: sha("sha256", path.read_bytes()) for path in directory.glob("[!.]*")}


def test_every_wheel_is_recorded_with_its_digest_tags_payload_and_checks(make, tmp_path):
    done, _ = make(X86_64, AARCH64)
    on_disk = contents(tmp_path / "dist")
    record_text = (tmp_path / "dist" / releases.RECORD_NAME).read_bytes()
    assert msgspec.json.decode(record_text, type=releases.Release) == done
    assert on_disk.keys() == {wheel.name for wheel in done.wheels} | {releases.RECORD_NAME}
    for wheel in done.wheels:
        assert wheel.sha256 == on_disk[wheel.name]
        assert wheel.name.endswith(f"-{'.'.join(sorted(wheel.tags))}.whl")
        assert wheel.payload["bin/codex"].sha256
        assert {check.status for check in wheel.checks.values()} <= {"passed", "not applicable"}
        assert {"tags", "container", "payload", "version", "size"} == wheel.checks.keys()


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
    assert [note for note in recorder.notes if "already there" in note] == [
        f"{next(iter(before)).name}: already there and proven"
    ]


def test_a_wheel_that_was_changed_on_the_disk_is_made_anew(make, tmp_path):
    first, _ = make(X86_64)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
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


@pytest.mark.parametrize("size_kib", [8, 40, 80, 120])
def test_a_full_disk_is_told_and_leaves_nothing_that_looks_whole(make, mount, size_kib):
    disk = mount(size_kib)
    with pytest.raises((OSError, ToolkitError), match="No space left on device"):
        make(X86_64, out=disk / "dist")
    assert not list(disk.rglob("dist/*.whl"))
    roomy = mount(4000)
    done, _ = make(X86_64, out=roomy / "dist")
    assert len(done.wheels) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_killed_at_every_step_and_run_again_it_ends_in_the_same_bytes(make, lock, registry, tmp_path):
    make(X86_64, AARCH64, out=tmp_path / "whole")
    expected = contents(tmp_path / "whole")
    (tmp_path / "lock").write_text(render_lock(lock))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(paths.REPOSITORY / "scripts"), str(TESTS)])}
    killed = 0
    for step in range(1000):
        arguments = [tmp_path / "lock", tmp_path / "dist", registry.url, step, X86_64, AARCH64]
        command = [sys.executable, TESTS / "release_program.py", *map(str, arguments)]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert {path.name: sha("sha256", path.read_bytes()) for path in (tmp_path / "dist").glob("*.whl")}.items() <= (
            expected.items()
        ), "whatever stands under a wheel's name is whole"
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        killed += 1
    assert killed > 10
    assert contents(tmp_path / "dist") == expected, "release.json as well as the wheels"
