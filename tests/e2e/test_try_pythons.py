"""cibuildwheel for real, on podman: the staged runtime, built once in a container and run on each Python there."""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sdk_artifacts.paths import REPOSITORY
from sdk_artifacts.targets import host_target
from worlds import manylinux
from worlds.cached import Say
from worlds.unavailable import Unavailable

pytestmark = [pytest.mark.real, pytest.mark.containers, pytest.mark.timeout(1800)]

TOOLKIT = [sys.executable, "scripts/update_sdk_artifacts.py"]


@pytest.fixture(scope="module")
def environment(say: Say) -> Iterator[Mapping[str, str]]:
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        pytest.skip("the image is for Linux on x86_64: run it on such a machine")
    try:
        with manylinux.entered(say=say) as environment:
            yield environment
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def staged(spacious: Path) -> Path:
    command = [*TOOLKIT, "stage-runtime", str(spacious / "staged"), "--target", "host"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return spacious / "staged"


def try_pythons(
    environment: Mapping[str, str], staged: Path, dist: Path, out: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TOOLKIT, "try-pythons", str(staged), "--dist", str(dist), "--out", str(out)],
        cwd=REPOSITORY,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_is_built_once_verified_and_run_on_each_python(
    environment: Mapping[str, str], staged: Path, release_dist: Path, spacious: Path
) -> None:
    done = try_pythons(environment, staged, release_dist, spacious / "out")
    assert done.returncode == 0, done.stderr[-5000:]
    selected = environment["CIBW_BUILD"].split()
    assert done.stderr.count("uv build") == 1
    assert len(re.findall(r"^codex-cli ", done.stderr, re.MULTILINE)) == len(selected)
    assert len(re.findall(r"^ServerMetadata\(", done.stderr, re.MULTILINE)) == len(selected)
    assert done.stderr.count("ok: every file is as installed") == len(selected)
    assert len(re.findall(r"^  ok     \w+", done.stderr, re.MULTILINE)) >= 4  # what `verify` says of it
    name = f"{host_target().wheel().tag}.whl"
    (wheel,) = (spacious / "out").iterdir()
    assert wheel.name.endswith(name)
    record = json.loads((release_dist / "release.json").read_text(encoding="utf-8"))
    (released,) = (file for file in record["wheels"] if file["name"] == wheel.name)
    assert done.stdout.startswith(released["sha256"])


def test_a_payload_that_was_changed_is_stopped_by_the_audit(
    environment: Mapping[str, str], staged: Path, release_dist: Path, spacious: Path
) -> None:
    tool = next((staged / "payload").rglob("rg"))
    before = tool.read_bytes()
    tool.write_bytes(before + b"one more line")
    try:
        done = try_pythons(environment, staged, release_dist, spacious / "changed")
    finally:
        tool.write_bytes(before)
    assert done.returncode == 1
    assert "cibuildwheel ended with exit status" in done.stderr
    assert not (spacious / "changed").exists()


def test_nothing_is_left_of_the_containers(environment: Mapping[str, str]) -> None:
    listed = subprocess.run(
        ["podman", "ps", "--all", "--quiet"], env=dict(environment), capture_output=True, text=True, check=True
    )
    assert listed.stdout == ""
    assert not [name for name in os.listdir("/tmp") if name.startswith("try-pythons-")]  # noqa: PTH208 - names alone
