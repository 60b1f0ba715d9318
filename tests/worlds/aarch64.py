"""Linux on aarch64: Debian's own arm64 Python under QEMU's user-mode emulator, which only the room knows of."""

import platform
import shutil
from pathlib import Path

from .cached import Say, made_once
from .debian import unpack_debian
from .rooms import Emulator, Room

_SUITE = "bookworm"
_PACKAGES = ("python3-venv", "libgcc-s1")
_EMULATOR_PACKAGE = "qemu-user-static"
_PROGRAM = "qemu-aarch64-static"
# The first bytes of every 64-bit little-endian ELF executable (type 2 or 3) for machine 0xb7.
_MAGIC = r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
_MASK = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"


def enter(*, say: Say) -> Room:
    """The room of an aarch64 Linux with glibc and Python.

    Raises:
        Unavailable: it cannot be made or entered here.
    """
    place = _place(say)
    return Room(place / "root", _emulator(place)).opened(["/usr/bin/python3", "-c", "pass"])


def enter_empty(*, say: Say) -> Room:
    """The room of an aarch64 Linux with no file in it: no libc of any kind, no loader, no shell.

    Raises:
        Unavailable: it cannot be made here.
    """
    place = _place(say)
    return Room(place / "empty", _emulator(place))


def _place(say: Say) -> Path:
    return made_once("aarch64", (_SUITE, _PACKAGES, _EMULATOR_PACKAGE), _make, say=say)


def _make(place: Path) -> None:
    (place / "empty").mkdir()
    unpack_debian(_PACKAGES, place / "root", suite=_SUITE, architecture="arm64")
    unpack_debian([_EMULATOR_PACKAGE], place / "emulator", suite=_SUITE, architecture="amd64")
    (place / "emulator/usr/bin" / _PROGRAM).rename(place / _PROGRAM)
    shutil.rmtree(place / "emulator")


def _emulator(place: Path) -> Emulator | None:
    """None on a machine that needs no emulator."""
    return None if platform.machine() == "aarch64" else Emulator(place / _PROGRAM, _MAGIC, _MASK)
