"""A container image as cibuildwheel wants it, on podman: our Pythons and uv on a small Debian, no network."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import tomllib

from sdk_artifacts.paths import RUNTIME_TEMPLATE, SDK_TEMPLATE

from .cached import Say, made_once
from .debian import unpack_debian
from .pythons import SUPPORTED, interpreter
from .unavailable import Unavailable

IMAGE = "localhost/manylinux:tests"

_SUITE = "bookworm"
_PACKAGES = (
    *("base-files", "bash", "coreutils", "dash", "debianutils", "findutils", "grep", "gzip", "libc-bin", "sed", "tar"),
    *("libbz2-1.0", "libexpat1", "libffi8", "liblzma5", "libsqlite3-0", "libssl3", "libuuid1", "zlib1g"),
)
_PODMAN = ("podman", "runc", "conmon", "fuse-overlayfs", "uidmap", "slirp4netns")
_NOT_OF_PYTHON = ("site-packages", "test", "__pycache__", "*.a", "share")
_WHEELS = "/opt/wheels"
_INSTALL_TIMEOUT_SECONDS = 300
_CONTAINERS = """
[containers]
default_ulimits = ["nofile=16000:16000", "nproc=30000:30000"]
cgroups = "enabled"
netns = "none"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
tmp_dir = "{directory}/tmp"
"""
_STORAGE = """
[storage]
driver = "overlay"
graphroot = "{directory}/storage"
runroot = "{directory}/run"
"""


@contextmanager
def entered(*, say: Say) -> Iterator[Mapping[str, str]]:
    """The environment in which cibuildwheel finds podman and the image; when the block ends, both are as before.

    Raises:
        Unavailable: podman or the image cannot be had here.
    """
    _require_podman(say)
    pythons = _pythons()
    requirements = (
        *_listed(RUNTIME_TEMPLATE, "build-system", "requires"),
        *_listed(SDK_TEMPLATE, "tool", "hatch", "metadata", "hooks", "custom", "dependencies"),
    )
    recipe = (_SUITE, _PACKAGES, sorted(pythons.items()), requirements, _NOT_OF_PYTHON)
    made = made_once("manylinux", recipe, lambda place: _make(place, pythons, requirements), say=say)
    with tempfile.TemporaryDirectory(prefix="podman-") as directory:
        settings = {"CONTAINERS_CONF": _CONTAINERS, "CONTAINERS_STORAGE_CONF": _STORAGE}
        for name, text in settings.items():
            Path(directory, name).write_text(text.format(directory=directory), encoding="utf-8")
        environment = os.environ | {name: str(Path(directory, name)) for name in settings}
        try:
            _podman(["import", str(made / "image.tar"), IMAGE], environment)
            yield environment | _cibuildwheel(pythons)
        finally:
            for everything in (["rm", "--all", "--force"], ["rmi", "--all", "--force"]):
                _podman(everything, environment)


def _cibuildwheel(pythons: Mapping[str, str]) -> dict[str, str]:
    return {
        "CIBW_BUILD": " ".join(f"cp{version.replace('.', '')}-manylinux_x86_64" for version in pythons),
        "CIBW_CONTAINER_ENGINE": "podman; disable_host_mount: true",
        "CIBW_MANYLINUX_X86_64_IMAGE": IMAGE,
        "CIBW_ENVIRONMENT": f"UV_OFFLINE=1 UV_NO_CACHE=1 UV_FIND_LINKS={_WHEELS}",
    }


def _require_podman(say: Say) -> None:
    """See that podman is there; root gets it, as the tests of a fresh machine are to run whole."""
    fix = f"apt-get install --no-install-recommends {' '.join(_PODMAN)}"
    if all(map(shutil.which, ("podman", "runc", "conmon"))):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable("there is no podman with runc here", fix=fix)
    say(f"installing {', '.join(_PODMAN)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *_PODMAN]):
        done = subprocess.run(
            ["apt-get", "--quiet", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_INSTALL_TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode:
            raise Unavailable(f"podman cannot be installed: {done.stderr.strip()[-500:]}", fix=fix)


def _pythons() -> dict[str, str]:
    """Where this machine's Pythons stand as trees of their own, by version."""
    found = {version: python for version in SUPPORTED if (python := interpreter(version))}
    ask = "import sys; print(sys.base_prefix)"
    prefixes = {
        version: subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
        for version, python in found.items()
    }
    whole = {version: prefix for version, prefix in prefixes.items() if not prefix.startswith("/usr")}
    if not whole:
        raise Unavailable("there is no Python here that can be copied into an image", fix="Install some with pyenv.")
    return whole


def _listed(template: Path, *keys: str) -> tuple[str, ...]:
    """The requirements at one place of a package's pyproject.toml."""
    place = tomllib.loads((template / "pyproject.toml").read_text(encoding="utf-8"))
    for key in keys:
        place = place[key]
    return tuple(place)


def _make(place: Path, pythons: Mapping[str, str], requirements: Sequence[str]) -> None:
    root = place / "root"
    unpack_debian(_PACKAGES, root, suite=_SUITE, architecture="amd64")
    (root / "usr/bin/which").symlink_to("which.debianutils")  # what its package's set-up script does
    for version, prefix in pythons.items():
        name = f"cp{version.replace('.', '')}"
        ignored = shutil.ignore_patterns(*_NOT_OF_PYTHON)
        shutil.copytree(prefix, root / prefix.lstrip("/"), symlinks=True, ignore=ignored)
        (root / "opt/python").mkdir(parents=True, exist_ok=True)
        (root / f"opt/python/{name}-{name}").symlink_to(prefix)
        _download(Path(prefix, "bin", f"python{version}"), requirements, root / _WHEELS.lstrip("/"))
    # cibuildwheel's own helper in a container is that one.
    (root / "opt/python/cp39-cp39").symlink_to(next(iter(pythons.values())))
    programs = root / "usr/local/bin"
    programs.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(sys.executable).with_name("uv"), programs)
    (programs / "manylinux-interpreters").write_text("#!/bin/sh\n")  # they are all there
    (programs / "manylinux-interpreters").chmod(0o755)
    with tarfile.open(place / "image.tar", "w") as archive:
        archive.add(root, arcname=".")
    shutil.rmtree(root)


def _download(python: Path, requirements: Sequence[str], into: Path) -> None:
    """The wheels of the requirements for one Python, as its own pip chooses them."""
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--only-binary=:all:"]
    done = subprocess.run([*pip, "--dest", into, *requirements], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{', '.join(requirements)} cannot be had: {done.stderr.strip()[-500:]}", fix="See to pip.")


def _podman(command: Sequence[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(["podman", *command], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"podman {command[0]}: {done.stderr.strip()[-500:]}", fix="It takes root, and overlayfs.")
