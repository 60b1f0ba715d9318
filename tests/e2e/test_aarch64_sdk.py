"""The released SDK in an aarch64 Linux: its pip brings the aarch64 runtime, and both twins run a turn on it."""

import dataclasses
import json
from pathlib import Path

import pytest

from e2e.test_sdk_install import PROGRAM, of_others
from sdk_artifacts.loopback_model import loopback_model
from sdk_artifacts.versions import RuntimeVersion
from worlds.cached import Say
from worlds.environment import HERE, Environment, install
from worlds.others import AARCH64, wheels_of_others
from worlds.rooms import Room

pytestmark = [pytest.mark.all_targets, pytest.mark.qemu, pytest.mark.timeout(1800)]

OWN = {"CODEX_HOME": f"{HERE}/home", "CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG": "1"}


@pytest.fixture(scope="module")
def environment(
    aarch64_room: Room, release_dist: Path, version: RuntimeVersion, spacious: Path, say: Say
) -> Environment:
    directory = spacious / "environment"
    (directory / "home").mkdir(parents=True)
    room = dataclasses.replace(aarch64_room, environment=OWN)
    others = wheels_of_others(of_others(release_dist), AARCH64, say=say)
    sdk = f"codex-app-server-sdk=={version.pep440}"
    return install(room, release_dist, directory, requirement=sdk, others=others, options=["--no-compile"])


def test_both_twins_run_a_turn(environment: Environment, version: RuntimeVersion) -> None:
    with loopback_model("hello") as model:
        (environment.directory / "home/config.toml").write_text(model.settings)
        done = environment.room.run(
            [f"{HERE}/bin/python", "-c", PROGRAM],
            binds={"environment": environment.directory},
            timeout_seconds=280,
            hears_us=True,
        )
    assert done.returncode == 0, done.stderr
    sdk, *modules, server, answer, asynchronous = json.loads(done.stdout)
    assert all(module.startswith(f"{HERE}/lib/") for module in modules)
    assert (sdk, server, answer, asynchronous) == (version.pep440, version.upstream, "hello", "hello")
    assert environment.platforms == ["manylinux_2_18_aarch64"]
