"""The release that the end-to-end tests examine, and the worlds that its wheels run in."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sdk_artifacts.lock import load_lock
from sdk_artifacts.paths import REPOSITORY, cache_directory
from sdk_artifacts.versions import RuntimeVersion
from worlds import aarch64, old_glibc, windows
from worlds.cached import Say
from worlds.rooms import Room
from worlds.unavailable import Unavailable
from worlds.windows_python import windows_python

_RELEASE_TIMEOUT_SECONDS = 1500


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Say:
    """Tell whoever watches what a long set-up does."""
    capture: Any = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"\n{text}\n")

    return say


@pytest.fixture(scope="session")
def version() -> RuntimeVersion:
    return load_lock().runtime_version


@pytest.fixture(scope="session")
def release_dist(say: Say) -> Path:
    """The directory with every wheel, as the toolkit's own `release` leaves it."""
    directory = cache_directory() / "e2e-dist"
    say(f"releasing every target into {directory} (what is there already and proven is kept)")
    command = [sys.executable, "scripts/update_sdk_artifacts.py", "release", "--out", str(directory)]
    done = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, encoding="utf-8", timeout=_RELEASE_TIMEOUT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return directory


@pytest.fixture(scope="module")
def spacious() -> Iterator[Path]:
    """An empty directory for installed payloads, of 400 MB each; gone right after the module."""
    with tempfile.TemporaryDirectory(prefix="codex-e2e-") as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def aarch64_room(say: Say) -> Room:
    return _enter(aarch64.enter, say)


@pytest.fixture(scope="session")
def empty_aarch64_room(aarch64_room: Room, say: Say) -> Room:  # noqa: ARG001 - where that one opens, this one does
    return _enter(aarch64.enter_empty, say)


@pytest.fixture(scope="session")
def old_room(say: Say) -> Room:
    return _enter(old_glibc.enter, say)


@pytest.fixture(scope="session")
def windows_room(say: Say) -> Room:
    return _enter(windows.enter, say)


@pytest.fixture(scope="session")
def windows_python_directory(say: Say) -> Path:
    try:
        return windows_python(say=say)
    except Unavailable as reason:
        pytest.skip(str(reason))


def _enter(enter: Callable[..., Room], say: Say) -> Room:
    try:
        return enter(say=say)
    except Unavailable as reason:
        pytest.skip(str(reason))
