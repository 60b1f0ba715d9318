"""The SDK's own tests on every other Python that it supports and that is on this machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from sdk_artifacts.paths import REPOSITORY
from worlds.cached import Say, made_once
from worlds.pythons import SUPPORTED, interpreter

TOOLS = (
    "hypothesis",
    "opentelemetry-sdk",
    "pydantic",
    "pytest",
    "pytest-timeout",
    "rich",
    "uvloop; sys_platform == 'linux'",
    "websockets",
)
MINE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", SUPPORTED)
def test_the_sdks_tests_pass(version: str, say: Say) -> None:
    if version == MINE:
        pytest.skip(f"{MINE} runs this suite, so tests/sdk runs on it anyway")
    base = interpreter(version)
    if base is None:
        pytest.skip(f"no Python {version} on this machine: install it, with pyenv for instance")

    def make(place: Path) -> None:
        subprocess.run([base, "-m", "venv", place], check=True)
        pip = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # Without constraints.txt, which is for this Python: some of its releases are not for older ones.
        subprocess.run([*pip, *TOOLS, "-e", REPOSITORY / "sdk-python"], check=True)

    project = (REPOSITORY / "sdk-python" / "pyproject.toml").read_text(encoding="utf-8")
    environment = made_once(f"sdk-{version}", (str(base), str(REPOSITORY), project, TOOLS), make, say=say)
    # What the tests need of the toolkit's conftest is nothing, and it takes a newer Python.
    command = [environment / "bin" / "python", "-m", "pytest", "tests/sdk", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--confcutdir=tests/sdk"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    assert " passed" in done.stdout.splitlines()[-1]
