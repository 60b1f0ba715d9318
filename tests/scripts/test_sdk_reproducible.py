"""The same staged SDK gives the same bytes, whoever builds it and wherever; its source distribution gives the wheel."""

import gzip
import io
import os
import shutil
import subprocess
import tarfile
import zipfile

import pytest

from sdk_artifacts.commands.build import build
from sdk_artifacts.commands.stage_sdk import stage_sdk
from sdk_artifacts.reporting import Silent
from sdk_artifacts.versions import RuntimeVersion
from small_release import sdk_of

WHEEL, SDIST = "codex_app_server_sdk-1.2.3-py3-none-any.whl", "codex_app_server_sdk-1.2.3.tar.gz"
FRONTENDS = {
    "build": ("{python}", "-m", "build", "-n", "-x", "-o", "{out}", "{stage}"),
    "pip": ("{python}", "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-w", "{out}", "{stage}"),
    "pip from the sdist": (
        *("{python}", "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-w", "{out}"),
        "{sdist}",
    ),
    "uv": ("{uv}", "build", "--no-build-isolation", "--python", "{python}", "-o", "{out}", "{stage}"),
}
ELSEWHERE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    root = tmp_path_factory.mktemp("sdk")
    template = sdk_of("1.2.3", root / "sdk-python")
    return stage_sdk(root / "stage", runtime_version=RuntimeVersion.parse("1.2.3"), template=template).directory


@pytest.fixture(scope="module")
def built(stage):
    """Both distributions by name, as the toolkit builds them, and the stage."""
    paths = {"stage": stage}
    for kind in ("wheel", "sdist"):
        (distribution,) = build([stage], out=stage.parent / "out", kind=kind, reporter=Silent())
        paths[distribution.path.name] = distribution.path
    return paths


@pytest.mark.parametrize("frontend", FRONTENDS)
def test_every_frontend_on_every_python_gives_the_same_bytes(frontend, python, uv, built, tmp_path):
    copy, out = shutil.copytree(built["stage"], tmp_path / "a stage"), tmp_path / "out"
    (tmp_path / ".gitignore").write_text("src\n*.json\n")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)  # a repository around it decides nothing
    for path in copy.rglob("*"):  # another age, and what an unpacking under another umask leaves
        path.chmod(0o700)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    words = {"python": python, "uv": uv, "out": out, "stage": copy, "sdist": built[SDIST]}
    command = [word.format_map(words) for word in FRONTENDS[frontend]]
    done = subprocess.run(
        command, cwd="/", env=os.environ | ELSEWHERE, umask=0o077, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = {path.name: path.read_bytes() for path in out.iterdir() if path.name != ".gitignore"}  # uv adds that one
    assert WHEEL in made
    assert made == {name: built[name].read_bytes() for name in made}


def test_the_wheel_has_every_source_and_the_license_and_nothing_else(stage, built):
    sources = {path.relative_to(stage / "src").as_posix() for path in (stage / "src").rglob("*") if path.is_file()}
    metadata = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    with zipfile.ZipFile(built[WHEEL]) as wheel:
        members = wheel.infolist()
    assert {member.filename for member in members} == sources | {f"{WHEEL[:26]}.dist-info/{name}" for name in metadata}
    assert {"codex_app_server/py.typed", "codex_app_server/generated/v2_all.pyi"} <= sources
    assert {(member.external_attr >> 16, member.create_system) for member in members} == {(0o100644, 3)}


def test_the_source_distribution_has_what_a_build_takes_of_nobody_and_without_a_time(stage, built):
    data = built[SDIST].read_bytes()
    assert data[4:8] == b"\0\0\0\0", "gzip's own time"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data))) as archive:
        members = archive.getmembers()
    staged = {path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file()}
    staged = {name for name in staged if "__pycache__/" not in name}  # which the build itself may have left there
    assert {member.name.partition("/")[2] for member in members} == staged | {"PKG-INFO"}
    assert {(member.mode, member.uid, member.gid, member.uname, member.mtime) for member in members} == {
        (0o644, 0, 0, "", 1580601600)
    }


@pytest.mark.parametrize(("epoch", "mtime"), [("1700000001", 1700000001), ("0", 315532800)])
def test_every_member_has_the_date_of_source_date_epoch(epoch, mtime, stage, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    (sdist,) = build([stage], out=tmp_path, kind="sdist", reporter=Silent())
    with tarfile.open(sdist.path) as archive:
        assert {member.mtime for member in archive.getmembers()} == {mtime}


def test_without_a_stage_it_is_a_development_version_that_is_pinned_to_nothing(tmp_path):
    from build import ProjectBuilder

    sources = sdk_of("1.2.3", tmp_path / "sdk-python")
    for kind in ("editable", "wheel"):
        wheel = ProjectBuilder(sources).build(kind, tmp_path / kind)
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            metadata = archive.read("codex_app_server_sdk-0.0.0.dev0.dist-info/METADATA").decode()
        assert "Version: 0.0.0.dev0\n" in metadata
        assert "Requires-Dist: msgspec" in metadata
        assert "codex-cli-bin" not in metadata.partition("\n\n")[0]
        assert any(name.endswith(".pth") for name in names) == (kind == "editable")
