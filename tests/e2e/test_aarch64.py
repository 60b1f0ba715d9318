"""The two Linux aarch64 wheels, in an aarch64 Linux: real files under QEMU's user-mode emulator."""

import os
from pathlib import Path

import pytest

from sdk_artifacts.commands.verify import verify
from sdk_artifacts.reporting import Silent
from sdk_artifacts.versions import RuntimeVersion
from worlds.environment import HERE, Environment, install, install_for
from worlds.rooms import Room

pytestmark = [pytest.mark.all_targets, pytest.mark.qemu, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def environment(aarch64_room: Room, release_dist: Path, spacious: Path) -> Environment:
    directory = spacious / "environment"
    directory.mkdir()
    return install(aarch64_room, release_dist, directory)


@pytest.fixture(scope="module")
def musl_package(release_dist: Path, spacious: Path) -> Path:
    return install_for("musllinux_1_1_aarch64", release_dist, spacious / "musl")


def test_pip_on_glibc_chooses_the_wheel_that_ships_rg(environment: Environment) -> None:
    assert environment.platforms == ["manylinux_2_18_aarch64"]
    assert environment.run("python", "-c", "import platform; print(platform.machine())").stdout == "aarch64\n"


@pytest.mark.parametrize("door", [("codex",), ("python", "-m", "codex_cli_bin")], ids=["script", "module"])
def test_codex_runs_through_both_doors(
    environment: Environment, version: RuntimeVersion, door: tuple[str, ...]
) -> None:
    done = environment.run(*door, "--version")
    assert (done.returncode, done.stdout) == (0, f"codex-cli {version.upstream}\n"), done.stderr


def test_stdin_and_exit_status_are_codexs_own(environment: Environment) -> None:
    login = ["login", "--with-api-key"]  # it takes any key from its stdin, and none for a failure
    assert [environment.run("codex", *login, stdin=key).returncode for key in ("sk-made-up", "")] == [0, 1]
    assert environment.run("codex", "--no-such-option").returncode == 2


def test_the_protocol_schema_comes_out(environment: Environment) -> None:
    done = environment.run("codex", "app-server", "generate-json-schema", "--out", f"{HERE}/schema")
    assert done.returncode == 0, done.stderr
    assert (environment.directory / "schema/ClientRequest.json").stat().st_size > 0


def test_rg_which_is_dynamic_runs_on_glibc(environment: Environment) -> None:
    done = environment.run_file("codex-path/rg", "--version")
    assert done.stdout.startswith("ripgrep "), done.stderr


def test_the_doctor_finds_nothing_wrong(environment: Environment) -> None:
    report = environment.doctor()
    assert (report["ok"], report["findings"], report["machine"]) == (True, [], "linux aarch64")


def test_pip_told_that_there_is_musl_chooses_the_wheel_for_any_libc(musl_package: Path) -> None:
    (metadata,) = musl_package.parent.glob("codex_cli_bin-*.dist-info/WHEEL")
    tags = {line.rpartition("-")[2] for line in metadata.read_text().splitlines() if line.startswith("Tag: ")}
    assert tags == {"manylinux2014_aarch64", "manylinux_2_17_aarch64", "musllinux_1_1_aarch64"}
    assert not (musl_package / "codex-path").exists()


def test_its_executables_run_where_there_is_no_libc_at_all(
    musl_package: Path, empty_aarch64_room: Room, version: RuntimeVersion
) -> None:
    executables = [path for path in musl_package.rglob("*") if path.is_file() and os.access(path, os.X_OK)]
    assert sorted(path.name for path in executables) == ["bwrap", "codex", "codex-code-mode-host"]
    binds = {"package": musl_package}
    done = empty_aarch64_room.run(["/mnt/package/bin/codex", "--version"], binds=binds)
    assert (done.returncode, done.stdout) == (0, f"codex-cli {version.upstream}\n"), done.stderr
    done = empty_aarch64_room.run(["/mnt/package/codex-resources/bwrap", "--version"], binds=binds)
    assert done.stdout.startswith("bubblewrap "), done.stderr


def test_verify_runs_the_executable_through_an_emulator_on_the_path(
    aarch64_room: Room, release_dist: Path, version: RuntimeVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    if aarch64_room.emulator is None:
        pytest.skip("this machine is aarch64 itself: nothing is emulated")
    monkeypatch.setenv("PATH", str(aarch64_room.emulator.program.parent), prepend=os.pathsep)
    wheels = sorted(release_dist.glob("codex_cli_bin-*_aarch64.whl"))
    assert len(wheels) == 2
    for verdict in verify(wheels, checks=["version"], reporter=Silent()):
        (check,) = verdict.checks
        assert (check.status, check.ran) == ("passed", "qemu-aarch64-static codex --version")
        assert check.reason.endswith(f"--version answers {version.upstream}")
