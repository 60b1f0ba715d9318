"""Wheels of other projects for the Python of a world, which has no network to get them itself."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .cached import Say, made_once
from .unavailable import Unavailable

WINDOWS = ("win_amd64",)
AARCH64 = ("manylinux_2_28_aarch64", "manylinux2014_aarch64")

_PYTHON = "3.11"
_TIMEOUT_SECONDS = 240
_FIX = "Check the network and pip's index, then run again."


def wheels_of_others(requirements: Sequence[str], platforms: Sequence[str], *, say: Say) -> Path:
    """A directory with wheels of what is required and of all that it needs, from the index that pip is set up for.

    Args:
        platforms: the platform tags that the world's Python takes; it is of the version of the worlds' Pythons.

    Raises:
        Unavailable: no index can be reached, or it has no such wheel.
    """

    def make(place: Path) -> None:
        choice = [f"--python-version={_PYTHON}", *(f"--platform={platform}" for platform in platforms)]
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--retries=1", "download"]
        done = subprocess.run(
            [*pip, "--only-binary=:all:", *choice, "--dest", place, *requirements],
            capture_output=True,
            encoding="utf-8",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().rpartition("ERROR: ")[2]
            raise Unavailable(f"{', '.join(requirements)} cannot be had: {said}", fix=_FIX)

    return made_once("others", (sorted(requirements), platforms, _PYTHON), make, say=say)
