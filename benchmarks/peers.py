"""Environments of the peers' own, made from the package index that the user's pip uses."""

import sys
import venv
from importlib.metadata import distributions
from pathlib import Path

from benchmarks.measure import run

SDK, RUNTIME = "openai-codex", "openai-codex-cli-bin"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def environment(directory: Path, *requirements: object) -> Path:
    """The interpreter of a new environment that has `requirements` in it."""
    venv.create(directory, with_pip=False)
    python = directory / "bin" / "python"
    run((*PIP, "--python", python, "install", "-qq", *requirements))
    return python


def version_in(python: Path, name: str) -> str:
    """The version of a distribution in that environment."""
    (site,) = python.parent.parent.glob("lib/python*/site-packages")
    return next(each.version for each in distributions(path=[str(site)]) if each.name == name)


def wheel(name: str, directory: Path) -> Path:
    """The wheel of `name` for this machine."""
    run((*PIP, "download", "-qq", "--no-deps", "--only-binary", ":all:", "--dest", directory, name))
    (path,) = directory.glob("*.whl")
    return path
