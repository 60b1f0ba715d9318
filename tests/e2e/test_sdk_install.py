"""The released SDK, installed as users do, on every Python that it supports: it brings its runtime and runs a turn."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sdk_artifacts.commands.verify import verify
from sdk_artifacts.loopback_model import loopback_model
from sdk_artifacts.released import RECORD_NAME
from sdk_artifacts.releases import Release
from sdk_artifacts.reporting import Silent
from sdk_artifacts.versions import RuntimeVersion
from worlds.cached import Say, made_once
from worlds.pythons import SUPPORTED, interpreter

pytestmark = [pytest.mark.all_targets, pytest.mark.timeout(1800)]

PROGRAM = """\
import asyncio, json
from codex_app_server import AsyncCodex, Codex, __version__
import codex_app_server, codex_cli_bin

async def asynchronous():
    async with AsyncCodex() as codex:
        return (await (await codex.thread_start()).run("Say it.")).final_response

with Codex() as codex:
    told = [codex.metadata.version, codex.thread_start().run("Say it.").final_response, asyncio.run(asynchronous())]
print(json.dumps([__version__, codex_app_server.__file__, codex_cli_bin.__file__, *told]))
"""


def released(distributions: Path) -> Release:
    """What the release's own record says."""
    return msgspec.json.decode((distributions / RECORD_NAME).read_bytes(), type=Release)


def of_others(distributions: Path) -> list[str]:
    """What the released SDK requires of other projects."""
    requires = released(distributions).sdk[0].requires
    return [text for text in requires if not ("extra ==" in text or text.startswith("codex-cli-bin"))]


@pytest.fixture(scope="module")
def release(release_dist: Path) -> Release:
    return released(release_dist)


@pytest.fixture(scope="module", params=SUPPORTED)
def base(request: pytest.FixtureRequest) -> Path:
    """A Python that is to get the SDK."""
    found = interpreter(request.param)
    if found is None:
        pytest.skip(f"no Python {request.param} on this machine: install it, with pyenv for instance")
    return found


@pytest.fixture(scope="module")
def links(base: Path, release_dist: Path, say: Say) -> list[str]:
    """Where to install from: the release, and what it needs of others on this Python, as its own pip gets that."""
    needed = of_others(release_dist)

    def make(place: Path) -> None:
        pip = [base, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
        subprocess.run([*pip, "--dest", place, *needed], check=True)

    wheels = made_once("sdk-needs", (str(base), needed), make, say=say)
    return ["--no-index", "--find-links", str(release_dist), "--find-links", str(wheels)]


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_it_brings_its_runtime_and_runs_a_turn(
    installer: str, base: Path, links: list[str], version: RuntimeVersion, spacious: Path
) -> None:
    environment = spacious / "environment"
    without_pip = ["--without-pip"] if installer == "uv" else []
    subprocess.run([base, "-m", "venv", "--clear", *without_pip, environment], check=True)
    uv = [Path(sys.executable).with_name("uv"), "--no-cache", "pip", "install", "--python", environment]
    command = uv if installer == "uv" else [environment / "bin" / "python", "-m", "pip", "install"]
    subprocess.run([*command, "--quiet", *links, f"codex-app-server-sdk=={version.pep440}"], check=True, cwd=spacious)
    sdk, *modules, server, answer, asynchronous = run_program(environment, spacious)
    assert all(Path(module).is_relative_to(environment) for module in modules)
    assert (sdk, server, answer, asynchronous) == (version.pep440, version.upstream, "hello", "hello")


def run_program(environment: Path, home: Path) -> list[str]:
    """What the program prints, away from these sources and with none of this machine's settings."""
    with loopback_model("hello") as model:
        (home / "config.toml").write_text(model.settings)
        own = {"HOME": str(home), "CODEX_HOME": str(home), "CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG": "1"}
        done = subprocess.run(
            [environment / "bin" / "python", "-c", PROGRAM],
            cwd=home,
            env={"PATH": "/usr/bin:/bin"} | own,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    told: list[str] = json.loads(done.stdout)
    return told


def test_what_was_released_passes_every_check_that_applies(release: Release, release_dist: Path) -> None:
    (wheel,) = (file for file in release.sdk if file.kind == "wheel")
    (verdict,) = verify([release_dist / wheel.name], reporter=Silent())
    assert verdict.passed
    assert verdict.sha256 == wheel.sha256
