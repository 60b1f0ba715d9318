"""Windows on x64 as Wine 10, from Debian trixie, makes it: no Windows is involved, so a difference may remain."""

import platform
from pathlib import Path

from .cached import Say, made_once
from .debian import downloaded, unpack
from .rooms import Room
from .unavailable import Unavailable

_SUITE = "trixie"
_PACKAGES = ("wine64", "base-files", "dash", "coreutils")
_PREFIX = "opt/prefix"
_DLLS = "usr/lib/x86_64-linux-gnu/wine/x86_64-windows"
_NO_32_BIT = "./usr/lib/x86_64-linux-gnu/wine/i386-windows/*"
_WINE = "/usr/lib/wine/wine64"
_SERVER = "/usr/lib/wine/wineserver64"
_SETTINGS = {"WINESERVER": _SERVER, "WINEDEBUG": "-all", "XDG_RUNTIME_DIR": "/tmp"}


def enter(*, say: Say) -> Room:
    r"""The room of a Windows: a command's first word is a Windows program, and /mnt/x is Z:\mnt\x.

    Raises:
        Unavailable: it cannot be made or entered here.
    """
    if platform.machine() != "x86_64":
        raise Unavailable(f"this world is for x86_64, not {platform.machine()}", fix="Run it on such a machine.")
    place = made_once("windows", (_SUITE, _PACKAGES, _PREFIX, _NO_32_BIT), _make, say=say)
    room = Room(place / "root", loader=(_WINE,), environment=_SETTINGS | {"WINEPREFIX": f"/{_PREFIX}"})
    return room.opened(["cmd", "/c", "ver"])


def _make(place: Path) -> None:
    root, prefix = place / "root", place / "root" / _PREFIX
    with downloaded(_PACKAGES, suite=_SUITE, architecture="amd64") as archives:
        unpack(archives, root, without=[_NO_32_BIT])
    _add_zlib(root)
    prefix.mkdir(parents=True)
    room = Room(root, environment=_SETTINGS | {"WINEPREFIX": "/mnt/prefix"})
    # The server writes the registry when it ends: wait for it.
    done = room.run(["/bin/sh", "-c", f"{_WINE} wineboot --init; {_SERVER} --wait"], binds={"prefix": prefix})
    if not (prefix / "system.reg").exists():
        raise Unavailable(f"Wine makes no prefix: {done.stderr.strip()[-500:]}", fix="Look at it by hand.")


def _add_zlib(root: Path) -> None:
    """Do what libwine's set-up script does: mark mingw's zlib1.dll, which Wine's user32.dll needs, as Wine's own."""
    given = root / "usr/x86_64-w64-mingw32/lib/zlib1.dll"
    mark = b"Wine builtin DLL".ljust(32, b"\0")
    data = given.read_bytes()
    (root / _DLLS / given.name).write_bytes(data[:64] + mark + data[64 + len(mark) :])
