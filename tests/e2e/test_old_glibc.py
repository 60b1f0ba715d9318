"""The host's wheel in a container whose glibc is older than the host's.

The container's Python (3.9) is older than the package's minimum, so its pip is told to look past that and the package's
Python is not run. What is shown: that pip takes the wheel for true there, and that the executables are.
"""

import os
from pathlib import Path

import pytest

from sdk_artifacts.targets import known_targets
from sdk_artifacts.versions import RuntimeVersion
from worlds import old_glibc
from worlds.environment import HERE, Environment, install
from worlds.rooms import Room

pytestmark = [pytest.mark.real, pytest.mark.container, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def environment(old_room: Room, release_dist: Path, spacious: Path) -> Environment:
    directory = spacious / "environment"
    directory.mkdir()
    return install(old_room, release_dist, directory, options=["--ignore-requires-python"])


def test_the_containers_glibc_is_older_than_this_machines(old_room: Room) -> None:
    name, _, here = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    assert name == "glibc"
    assert old_glibc.glibc_version(old_room) < tuple(int(part) for part in here.split("."))


def test_its_pip_chooses_the_wheel_for_any_libc(environment: Environment) -> None:
    wheel = known_targets()["x86_64-unknown-linux-musl"].wheel("any-libc")
    assert environment.platforms == sorted(wheel.tags)


def test_codex_runs(environment: Environment, version: RuntimeVersion) -> None:
    done = environment.run_file("bin/codex", "--version")
    assert (done.returncode, done.stdout) == (0, f"codex-cli {version.upstream}\n"), done.stderr
    done = environment.run_file("bin/codex", "app-server", "generate-json-schema", "--out", f"{HERE}/schema")
    assert done.returncode == 0, done.stderr
    assert (environment.directory / "schema/ClientRequest.json").stat().st_size > 0


@pytest.mark.parametrize("tool", ["codex-path/rg", "codex-resources/bwrap"])
def test_its_tools_run(environment: Environment, tool: str) -> None:
    done = environment.run_file(tool, "--version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(("ripgrep ", "bubblewrap "))
