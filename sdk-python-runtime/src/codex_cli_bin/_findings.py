"""What can keep the bundled executable from running: each cause with its name, and the command that fixes it."""

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from . import PACKAGE_NAME
from ._machine import interpreter_machine, machine_of


class Finding(NamedTuple):
    """One thing that is wrong.

    Attributes:
        cause: its name.
        message: what is wrong, with the file.
        fix: the command or the sentence that helps.
    """

    cause: str
    message: str
    fix: str


class Installed(NamedTuple):
    """The package as it lies on the disk; `manifest` is empty when there is none that can be read."""

    directory: Path
    executable: Path
    manifest: dict[str, Any]

    @classmethod
    def look(cls, directory: str, executable: str) -> "Installed":
        """Read what there is to read; never fails."""
        place, manifest = Path(directory), {}
        try:
            read = json.loads((place / "manifest.json").read_bytes())
            if isinstance(read["version"], str) and all(map(_describes_a_file, read["files"].values())):
                manifest = read
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass  # `blocking` tells the reasons apart
        return cls(place, place / executable, manifest)

    def facts(self, path: Path) -> dict[str, Any]:
        """What the manifest says about a file; empty for one that it does not know."""
        found: dict[str, Any] = self.manifest["files"].get(path.relative_to(self.directory).as_posix(), {})
        return found

    def reinstall(self) -> str:
        """The command that brings the files back."""
        version = self.manifest.get("version")
        return f"pip install --force-reinstall --no-deps {PACKAGE_NAME}" + (f"=={version}" if version else "")


def blocking(installed: Installed) -> Iterator[Finding]:
    """What keeps the executable itself from running, the root of it first."""
    if (missing := _no_payload(installed)) is not None:
        yield missing
        return
    path = installed.executable
    if not path.is_file():
        removed = f"{path} is missing: removed after the installation, by antivirus software for instance"
        yield Finding("executable-missing", removed, installed.reinstall())
        return
    yield from wrong_size(installed, path)
    here, there = interpreter_machine(), machine_of(path)
    if there is not None and there != here:
        message = f"{path} is for {there}, and this interpreter ({sys.executable}) for {here}"
        yield Finding("wrong-machine", message, f"with that interpreter: {installed.reinstall()}")
    yield from lost_mode(installed, path)
    yield from _noexec_mount(path)
    yield from _quarantine(path)


def wrong_size(installed: Installed, path: Path) -> Iterator[Finding]:
    """Whether the file is cut short, or otherwise not the one that was installed."""
    size, expected = path.stat().st_size, installed.facts(path).get("size")
    if expected is not None and size != expected:
        cause = "truncated" if size < expected else "changed"
        yield Finding(cause, f"{path} has {size} bytes and not {expected}", installed.reinstall())


def lost_mode(installed: Installed, path: Path) -> Iterator[Finding]:
    """Whether a file that must be executable is not."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and installed.facts(path).get("mode") == "0755" and not mode & 0o111:
        yield Finding("not-executable", f"{path} has mode {mode:04o}", f"chmod +x {_quoted(path)}")


def _describes_a_file(facts: dict[str, Any]) -> bool:
    return isinstance(facts["size"], int) and isinstance(facts["sha256"], str)


def _no_payload(installed: Installed) -> Finding | None:
    directory, manifest = installed.directory, installed.directory / "manifest.json"
    if installed.manifest:
        return None
    if manifest.is_file():
        return Finding("manifest-damaged", f"{manifest} cannot be read", installed.reinstall())
    if getattr(sys, "frozen", False):
        return Finding(
            "frozen",
            f"the frozen application {sys.executable} was made without the files of {PACKAGE_NAME}",
            "make it again with the package's data files; PyInstaller's hook for them is in the installed package, "
            "and this brings them without it: pyinstaller --collect-data codex_cli_bin",
        )
    if not directory.is_dir():
        return Finding(
            "zipimport",
            f"{directory} is inside an archive, and no executable can be run from there",
            f"leave the package out of the archive and install it beside: pip install {PACKAGE_NAME}",
        )
    return Finding(
        "nothing-bundled",
        f"{directory} holds the Python files alone, as an editable install of the sources does",
        installed.reinstall(),
    )


def _noexec_mount(path: Path) -> Iterator[Finding]:
    if not _is_noexec(path):
        return
    # A directory bound to its own place is a mount too, and the file system's number does not tell.
    parents = path.resolve().parents
    mount = next(parent for parent in parents if parent.is_mount() or not _is_noexec(parent.parent))
    fix = f"install into an environment elsewhere, or: mount -o remount,exec {_quoted(mount)}"
    yield Finding("noexec-mount", f"{path} is on {mount}, which is mounted noexec", fix)


def _is_noexec(path: Path) -> bool:
    return sys.platform != "win32" and bool(os.statvfs(path).f_flag & getattr(os, "ST_NOEXEC", 0))


def _quarantine(path: Path) -> Iterator[Finding]:
    if sys.platform != "darwin":
        return
    import subprocess  # noqa: PLC0415 - only macOS has this, and Python no call for it

    name = "com.apple.quarantine"
    asked = subprocess.run(["/usr/bin/xattr", "-p", name, path], capture_output=True, check=False)
    if asked.returncode == 0:
        yield Finding("quarantined", f"{path} is quarantined by macOS", f"xattr -d {name} {_quoted(path)}")


def _quoted(path: Path) -> str:
    import shlex  # noqa: PLC0415 - only where there is something to say

    return shlex.quote(str(path))
