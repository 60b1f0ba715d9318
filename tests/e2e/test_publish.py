"""The real release on a real index, once: published by the command, and taken from there by pip and uv."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index_server import PASSWORD, USER, PackageIndex, running_index
from sdk_artifacts import paths
from sdk_artifacts.cleanroom import CleanRoom, clean_room
from sdk_artifacts.loopback_model import loopback_model
from sdk_artifacts.released import RECORD_NAME
from sdk_artifacts.reporting import Silent
from sdk_artifacts.targets import known_targets
from sdk_artifacts.versions import RuntimeVersion
from sdk_artifacts.wheelhouse import wheelhouse

pytestmark = [pytest.mark.all_targets, pytest.mark.timeout(1800)]

WHEELS = [(target, wheel) for target in known_targets().values() for wheel in target.wheels]
PIP = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--no-cache-dir"]
UV = [str(Path(sys.executable).with_name("uv")), "--no-config", "--no-cache"]
TURN = """\
import codex_app_server
with codex_app_server.Codex() as codex:
    print(codex.thread_start().run("Say it.").final_response)
"""


@pytest.fixture(scope="module")
def record(release_dist: Path) -> dict[str, list[dict[str, object]]]:
    return json.loads((release_dist / RECORD_NAME).read_bytes())


@pytest.fixture(scope="module")
def dist(release_dist: Path, spacious: Path, record: dict[str, list[dict[str, object]]]) -> Path:
    """The release, in a place of this module's own."""
    own = spacious / "dist"
    own.mkdir()
    for name in (RECORD_NAME, *(str(file["name"]) for file in (*record["wheels"], *record["sdk"]))):
        (own / name).symlink_to(release_dist / name)
    return own


@pytest.fixture(scope="module")
def index(spacious: Path, dist: Path, record: dict[str, list[dict[str, object]]]) -> Iterator[PackageIndex]:
    """An index that the release was published to, with all else that the SDK needs."""
    with running_index(spacious / "index") as running:
        publish(running, dist)
        needed = {line for file in record["sdk"] for line in file["requires"] if not line.startswith("codex-cli-bin")}
        for wheel in wheelhouse(sorted(needed), offline=False, reporter=Silent()).glob("*.whl"):
            running.add(wheel.name, wheel.read_bytes())
        yield running


@pytest.fixture
def room() -> Iterator[CleanRoom]:
    with clean_room() as made:
        yield made


def publish(index: PackageIndex, dist: Path) -> dict[str, list[dict[str, object]]]:
    command = [sys.executable, paths.REPOSITORY / "scripts" / "update_sdk_artifacts.py", "publish", "--yes", "--json"]
    command += ["--dist", dist, "--repository", index.upload_url, "--index-url", index.simple]
    environment = os.environ | {"TWINE_USERNAME": USER, "TWINE_PASSWORD": PASSWORD}
    done = subprocess.run([*map(str, command)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def downloads(index: PackageIndex, since: int) -> list[str]:
    """The names of the files that were downloaded after the given place in the log."""
    return [name for what, name in index.log[since:] if what == "download"]


def test_it_arrived_whole_the_sdk_last(index: PackageIndex, record: dict[str, list[dict[str, object]]]) -> None:
    uploads = index.uploads()
    assert set(uploads[-2:]) == {file["name"] for file in record["sdk"]}
    for file in (*record["wheels"], *record["sdk"]):
        assert index.files[str(file["name"])].sha256 == file["sha256"]
        assert uploads.count(str(file["name"])) == 1


def test_a_second_publish_sends_no_byte(index: PackageIndex, dist: Path) -> None:
    taken = index.bytes_taken
    done = publish(index, dist)
    assert {file["state"] for file in done["files"]} == {"there"}
    assert index.bytes_taken == taken


@pytest.mark.parametrize(("target", "wheel"), WHEELS, ids=lambda value: getattr(value, "triple", None) or value.name)
def test_pip_download_picks_exactly_one_wheel_for_each_tag(target, wheel, index, tmp_path) -> None:  # noqa: ARG001 - names the case
    for tag in wheel.tags:
        before = len(index.log)
        command = [*PIP, "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--platform", tag]
        subprocess.run([*command, "--index-url", index.simple, "--dest", str(tmp_path), "codex-cli-bin"], check=True)
        (taken,) = downloads(index, before)
        assert taken.endswith(f"-{wheel.tag}.whl")
        (tmp_path / taken).unlink()


def test_on_a_platform_without_a_wheel_pip_says_so_itself_and_asks_for_nothing(
    index: PackageIndex, room: CleanRoom
) -> None:
    before = len(index.log)
    command = [*PIP, "--python", room.program("python"), "install", "--index-url", index.simple, "codex-cli-bin"]
    environment = os.environ | {"_PYTHON_HOST_PLATFORM": "linux-riscv64"}  # what sysconfig, and so pip, then says
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No matching distribution found for codex-cli-bin" in done.stderr
    assert {what for what, _ in index.log[before:]} == {"page"}


def test_on_a_platform_without_a_wheel_uv_says_so_and_asks_for_nothing(index: PackageIndex, room: CleanRoom) -> None:
    before = len(index.log)
    command = [*UV, "pip", "install", "--python", room.program("python"), "--index-url", index.simple]
    command += ["--python-platform", "riscv64-unknown-linux", "codex-cli-bin"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no wheels with a matching platform tag" in " ".join(done.stderr.split())
    assert not downloads(index, before)


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_the_sdk_pulls_its_runtime_and_runs_a_turn(
    installer: str, index: PackageIndex, room: CleanRoom, version: RuntimeVersion
) -> None:
    before = len(index.log)
    python = ["--python", room.program("python")]
    start = [*PIP, *python, "install", "--quiet"] if installer == "pip" else [*UV, "pip", "install", "--quiet", *python]
    room.run([*start, "--index-url", index.simple, "codex-app-server-sdk"])
    taken = downloads(index, before)
    assert [name.split("-")[0] for name in taken if name.startswith("codex")].count("codex_cli_bin") == 1
    assert not [name for name in taken if name.endswith(".tar.gz")]
    assert room.run([room.program("codex"), "--version"]) == f"codex-cli {version.upstream}"
    with loopback_model("one turn from an index") as model:
        home = room.directory / "codex-home"
        home.mkdir()
        (home / "config.toml").write_text(model.settings, encoding="utf-8")
        told = room.run([room.program("python"), "-c", TURN], CODEX_HOME=str(home), NO_PROXY="127.0.0.1")
    assert told == "one turn from an index"
