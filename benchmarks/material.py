"""What the benchmarks work on: real payloads from the cache, and the plain way of doing the same with hatchling."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sdk_artifacts import paths
from sdk_artifacts.commands.stage_runtime import stage_runtime
from sdk_artifacts.lock import load_lock
from sdk_artifacts.registry import fetch_archive
from sdk_artifacts.reporting import Silent
from sdk_artifacts.targets import Target

TOOLKIT = (sys.executable, paths.REPOSITORY / "scripts" / "update_sdk_artifacts.py")

PLAIN_PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "plain"
version = "0"
[tool.hatch.build.targets.wheel]
packages = ["plain"]
"""


@contextmanager
def workplace() -> Iterator[Path]:
    """A directory of the benchmark's own, on the disk that the repository is on."""
    with TemporaryDirectory(prefix=".bench-", dir=paths.REPOSITORY) as directory:
        yield Path(directory)


def archive(target: Target) -> Path:
    """The target's locked archive, fetched if need be."""
    locked = load_lock().target(target.triple)
    return fetch_archive(locked, registry=None, offline=False, reporter=Silent())


def stage(target: Target, destination: Path, *, wheel: str | None = None) -> Path:
    """Stage one of the target's wheels."""
    stage_runtime(
        destination,
        None,
        version=None,
        target=target,
        wheel=wheel,
        lock=load_lock(),
        template=paths.RUNTIME_TEMPLATE,
        fetch=archive,
        reporter=Silent(),
    )
    return destination


def plain_project(staged: Path, destination: Path) -> Path:
    """The same payload as the data of a plain hatchling project."""
    package = destination / "plain"
    shutil.copytree(staged / "payload", package)
    (package / "__init__.py").touch()
    (destination / "pyproject.toml").write_text(PLAIN_PROJECT, encoding="utf-8")
    return destination


def build_command(project: Path, out: Path) -> tuple[object, ...]:
    """Build a project's wheel without isolation, the same way for both sides of a comparison."""
    return (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, project)


def uv_command(project: Path, out: Path) -> tuple[object, ...]:
    """The same through uv."""
    uv = Path(sys.executable).with_name("uv")
    return (
        uv,
        "build",
        "--quiet",
        "--wheel",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "--out-dir",
        out,
        project,
    )
