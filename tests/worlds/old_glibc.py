"""Linux on x86_64 with a glibc that is older than this machine's: the oldest Debian that its mirrors still keep."""

import platform
from pathlib import Path

from .cached import Say, made_once
from .debian import unpack_debian
from .rooms import Room
from .unavailable import Unavailable

SUITE = "bullseye"
_PACKAGES = ("python3-venv",)
_GLIBC = "import os; print(os.confstr('CS_GNU_LIBC_VERSION').split()[1])"


def enter(*, say: Say) -> Room:
    """The room of an older Linux of this machine's kind, with Python.

    Raises:
        Unavailable: it cannot be made or entered here.
    """
    if platform.machine() != "x86_64":
        raise Unavailable(f"this world is for x86_64, not {platform.machine()}", fix="Run it on such a machine.")
    place = made_once("old-glibc", (SUITE, _PACKAGES), _make, say=say)
    return Room(place / "root").opened(["/usr/bin/python3", "-c", "pass"])


def glibc_version(room: Room) -> tuple[int, int]:
    """The version of the glibc that the room's Python runs on."""
    major, minor = room.run(["/usr/bin/python3", "-c", _GLIBC]).stdout.strip().split(".")[:2]
    return int(major), int(minor)


def _make(place: Path) -> None:
    unpack_debian(_PACKAGES, place / "root", suite=SUITE, architecture="amd64")
