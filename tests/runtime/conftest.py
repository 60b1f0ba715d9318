"""One small wheel and its installation, and a build environment for every Python that is there."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

from sdk_artifacts import paths
from worlds.pythons import SUPPORTED, interpreter

from .stages import TEMPLATE, build_wheel, make_stage


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the small payload, built by this interpreter."""
    root = tmp_path_factory.mktemp("wheel")
    return build_wheel(make_stage(root / "stage"), root / "out")


@pytest.fixture(scope="session")
def pristine(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that pip installed the small wheel into."""
    return install_into(tmp_path_factory.mktemp("pristine"), wheel)


@pytest.fixture
def installed(pristine: Path, tmp_path: Path) -> Path:
    """A copy of that directory for a test to break."""
    return shutil.copytree(pristine, tmp_path / "installed")


def install_into(directory: Path, wheel: Path) -> Path:
    """Install the wheel with pip, without looking at anything else."""
    # Not for this interpreter's own platform: tests install wheels whose tags are not of this machine.
    tags = wheel.stem.split("-")[-1].split(".")
    platforms = [option for tag in tags for option in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, *platforms, "--target", directory, wheel], check=True)
    return directory


@pytest.fixture(scope="session", params=SUPPORTED)
def python(request: pytest.FixtureRequest) -> Path:
    """The interpreter of an environment with exactly what the build requires; made once, kept in the cache."""
    version = request.param
    base = interpreter(version)
    if base is None:
        pytest.skip(f"no Python {version} on this machine")
    return _environment(base)


def _environment(base: Path) -> Path:
    requires = tomllib.loads((TEMPLATE / "pyproject.toml").read_text())["build-system"]["requires"]
    wanted = [*requires, "build==1.6.1"]
    key = hashlib.sha256(repr((str(base.resolve()), wanted)).encode()).hexdigest()[:12]
    directory = paths.cache_directory() / "venvs" / key
    python, ready = directory / "bin" / "python", directory / "ready"
    if not ready.exists():
        subprocess.run([base, "-m", "venv", "--clear", directory], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
        ready.touch()
    return python


@pytest.fixture(scope="session")
def uv() -> Path:
    """The uv of the development environment."""
    return Path(sys.executable).with_name("uv")
