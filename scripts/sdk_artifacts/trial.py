"""A wheel on trial: installed into a clean environment, from its file alone, and run."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from packaging.tags import sys_tags

from .cleanroom import clean_room
from .errors import CheckFailed
from .reporting import Reporter
from .targets import Wheel
from .versions import RuntimeVersion


class Trial(msgspec.Struct, frozen=True):
    """What ran: the wheel's digest, and per command (as a user would type it) the first line that it printed."""

    wheel: str
    sha256: str
    printed: dict[str, str]


def try_wheel(wheel: Path, *, sha256: str, version: RuntimeVersion, reporter: Reporter) -> Trial:
    """Install `wheel` with pip into a fresh environment without any index and run it through both of its doors.

    Raises:
        CheckFailed: it cannot be installed, does not run, or names another version.
    """
    printed = {}
    with clean_room() as room, reporter.task(f"run {wheel.name}"):
        room.install("--no-deps", str(wheel))
        module = [room.program("python"), "-m", "codex_cli_bin"]
        doors = {
            "codex --version": [room.program("codex"), "--version"],
            "python -m codex_cli_bin --version": [*module, "--version"],
            "python -m codex_cli_bin --doctor --deep": [*module, "--doctor", "--deep"],
        }
        for typed, command in doors.items():
            output = room.run(command)
            first = output.splitlines()[0] if output else ""
            if typed.endswith("--version"):
                if first != f"codex-cli {version.upstream}":
                    raise CheckFailed(f"{wheel.name}: `{typed}` prints {first!r}, not codex-cli {version.upstream}")
                printed[typed] = first
            else:
                printed[typed] = "no finding"
    return Trial(wheel=wheel.name, sha256=sha256, printed=printed)


def installable(wheels: Sequence[Wheel]) -> Wheel:
    """The wheel that an installer on this machine prefers: the one with the first tag that it supports."""
    for tag in sys_tags():
        for wheel in wheels:
            if tag.platform in wheel.tags:
                return wheel
    return wheels[0]
