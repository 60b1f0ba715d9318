"""The SDK's own tests on every other Python that it supports and that is on this machine."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
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


OTHERS = [version for version in SUPPORTED if version != MINE]


def environment(version: str, say: Say) -> Path | None:
    """One of that Python's with the SDK and what its tests need; None when the machine has no such Python."""
    base = interpreter(version)
    if base is None:
        return None

    def make(place: Path) -> None:
        subprocess.run([base, "-m", "venv", place], check=True)
        pip = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # Without constraints.txt, which is for this Python: some of its releases are not for older ones.
        subprocess.run([*pip, *TOOLS, "-e", REPOSITORY / "sdk-python"], check=True)

    project = (REPOSITORY / "sdk-python" / "pyproject.toml").read_text(encoding="utf-8")
    return made_once(f"sdk-{version}", (str(base), str(REPOSITORY), project, TOOLS), make, say=say)


@dataclass(frozen=True, slots=True)
class Suite:
    """One that runs, and where it says what it finds."""

    process: subprocess.Popen[bytes]
    output: Path


@pytest.fixture(scope="module")
def suites(say: Say, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Suite]]:
    """That of each Python, all at once: most of the time they wait for servers."""
    places = {version: place for version in OTHERS if (place := environment(version, say))}
    work = tmp_path_factory.mktemp("suites")
    with ExitStack() as running:
        started = {}
        for version, place in places.items():
            # What the tests need of the toolkit's conftest is nothing, and it takes a newer Python.
            command = [place / "bin" / "python", "-m", "pytest", "tests/sdk", "-q", "-p", "no:cacheprovider"]
            command += ["--confcutdir=tests/sdk", f"--basetemp={work / version}"]
            output = work / f"{version}.txt"
            with output.open("wb") as told:
                process = subprocess.Popen(command, cwd=REPOSITORY, stdout=told, stderr=subprocess.STDOUT)
            running.enter_context(process)
            running.callback(process.kill)
            started[version] = Suite(process, output)
        yield started


@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", OTHERS)
def test_the_sdks_tests_pass(version: str, suites: dict[str, Suite]) -> None:
    if version not in suites:
        pytest.skip(f"no Python {version} on this machine: install it, with pyenv for instance")
    status, told = suites[version].process.wait(), suites[version].output.read_text(encoding="utf-8")
    assert status == 0, told[-5000:]
    assert " passed" in told.splitlines()[-1]
