"""The real release of every target: what is in the directory, and what installers take from it."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sdk_artifacts import paths
from sdk_artifacts.checks import CHECKS
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.lock import load_lock
from sdk_artifacts.released import RECORD_NAME
from sdk_artifacts.releases import Release, sdk_names, wheel_name
from sdk_artifacts.reporting import Silent
from sdk_artifacts.targets import host_target, known_targets
from sdk_artifacts.versions import RuntimeVersion

pytestmark = [pytest.mark.all_targets, pytest.mark.timeout(1800)]

WHEELS = [(target, wheel) for target in known_targets().values() for wheel in target.wheels]
TOOLKIT = [sys.executable, str(paths.REPOSITORY / "scripts" / "update_sdk_artifacts.py")]


@pytest.fixture(scope="module")
def release(release_dist: Path) -> Release:
    return msgspec.json.decode((release_dist / RECORD_NAME).read_bytes(), type=Release)


@pytest.fixture(scope="module")
def real_stage(release_dist: Path, spacious: Path) -> Path:  # noqa: ARG001 - its archive is in the cache then
    """The locked payload of this machine, staged."""
    stage = spacious / "real-stage"
    subprocess.run([*TOOLKIT, "stage-runtime", str(stage), "--offline"], capture_output=True, check=True)
    return stage


def test_it_is_complete(release: Release) -> None:
    assert (release.complete, release.missing) == (True, ())
    assert {record.name for record in release.wheels} == {wheel_name(load_lock(), wheel) for _, wheel in WHEELS}
    assert {file.name for file in release.sdk} == {*sdk_names(load_lock())}


def test_the_record_holds_the_digests_of_the_lock_and_of_the_files(release: Release, release_dist: Path) -> None:
    for record in (*release.wheels, *release.sdk):
        with (release_dist / record.name).open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == record.sha256
    for record in release.wheels:
        locked = load_lock().target(record.target).files
        assert record.payload == {path: locked[path] for path in record.payload}


def test_every_check_passed_and_the_tags_are_the_truest(release: Release, release_dist: Path) -> None:
    for verdict in verify([release_dist / record.name for record in release.wheels], reporter=Silent()):
        assert {check.name: check.status for check in verdict.checks} == dict.fromkeys(CHECKS, "passed"), verdict
        assert sorted(verdict.truest) == sorted(verdict.tags)


def test_the_hosts_wheel_was_installed_and_run(release: Release, version: RuntimeVersion) -> None:
    assert release.trial is not None
    assert release.trial.printed["codex --version"] == f"codex-cli {version.upstream}"
    assert release.trial.printed["python -m codex_cli_bin --doctor --deep"] == "no finding"


def test_the_sdk_brought_exactly_the_hosts_wheel_and_ran_a_turn(release: Release, version: RuntimeVersion) -> None:
    assert release.turn is not None
    assert release.trial is not None
    assert (release.turn.wheel, release.turn.wheel_sha256) == (release.trial.wheel, release.trial.sha256)
    assert {file.sha256 for file in release.sdk if file.kind == "wheel"} == {release.turn.sdk_sha256}
    assert all(f"codex-cli-bin=={version.pep440}" in file.requires for file in release.sdk)


@pytest.mark.parametrize(("target", "wheel"), WHEELS, ids=lambda value: getattr(value, "triple", None) or value.name)
def test_pip_takes_exactly_the_wheel_of_each_platform_tag(target, wheel, release_dist, spacious) -> None:
    for tag in wheel.tags:
        into = spacious / f"{target.triple}-{tag}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-index", "--no-deps"]
        command += ["--find-links", str(release_dist), "--only-binary", ":all:", "--platform", tag]
        subprocess.run([*command, "--dest", str(into), "codex-cli-bin"], check=True)
        assert [path.name for path in into.iterdir()] == [wheel_name(load_lock(), wheel)]


def test_a_second_release_makes_nothing_anew(release_dist: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in release_dist.glob("*.whl")}
    done = subprocess.run([*TOOLKIT, "release", "--json", "--out", release_dist], capture_output=True, check=True)
    assert json.loads(done.stdout)["complete"]
    assert {path: path.stat().st_mtime_ns for path in release_dist.glob("*.whl")} == before


def test_the_documented_call_stages_the_real_executable_and_its_wheel_passes(
    release_dist: Path, version: RuntimeVersion, spacious: Path
) -> None:
    """The wheel of a lone executable: its helpers are missing, and the gate says so and nothing else."""
    import zipfile

    host = host_target()
    with zipfile.ZipFile(release_dist / wheel_name(load_lock(), host.wheel())) as wheel:
        executable = Path(wheel.extract(f"codex_cli_bin/{host.executable}", spacious / "unzipped"))
    executable.chmod(0o755)
    stage = spacious / "codex-cli-bin"
    command = [*TOOLKIT, "stage-runtime", str(stage), str(executable), "--runtime-version"]
    wrong = subprocess.run([*command, "1.2.3"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, stage.exists()) == (2, False)
    assert f"--version says {version.upstream}" in wrong.stderr
    done = subprocess.run([*command, version.pep440], capture_output=True, text=True, check=True)
    assert "a lone executable: its helpers are absent" in done.stderr
    subprocess.run([*TOOLKIT, "build", str(stage), "--out", str(spacious / "lone")], check=True)
    (verdict,) = verify([spacious / "lone"], reporter=Silent())
    assert [check.name for check in verdict.checks if check.status == "failed"] == ["payload"]


@pytest.mark.parametrize("frontend", ["build", "pip", "uv"])
def test_every_frontend_gives_the_released_bytes(
    frontend: str, release_dist: Path, spacious: Path, real_stage: Path
) -> None:
    out = spacious / frontend
    commands = {
        "build": [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, real_stage],
        "pip": [sys.executable, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", out, real_stage],
        "uv": ["uv", "build", "-q", "--offline", "--wheel", "--no-build-isolation", "--out-dir", out, real_stage],
    }
    environment = os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    subprocess.run([*map(str, commands[frontend])], env=environment, stdout=subprocess.DEVNULL, check=True)
    (wheel,) = out.glob("*.whl")
    assert wheel.read_bytes() == (release_dist / wheel.name).read_bytes()
    wheel.unlink()
