"""A wheel on trial: installed into a clean environment, from its file alone, and run."""

import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

import msgspec
from packaging.tags import sys_tags

from .errors import CheckFailed
from .reporting import Reporter
from .targets import Wheel
from .versions import RuntimeVersion

_TIMEOUT_SECONDS = 120


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
    with tempfile.TemporaryDirectory(prefix="codex-trial-") as directory, reporter.task(f"run {wheel.name}"):
        environment = Path(directory, "environment")
        venv.create(environment, with_pip=False)
        scripts = environment / ("Scripts" if os.name == "nt" else "bin")
        python = str(scripts / ("python.exe" if os.name == "nt" else "python"))
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile"]
        _run([*pip, "--no-index", "--no-deps", str(wheel)], home=Path(directory))
        doors = {
            "codex --version": [str(scripts / "codex"), "--version"],
            "python -m codex_cli_bin --version": [python, "-m", "codex_cli_bin", "--version"],
            "python -m codex_cli_bin --doctor": [python, "-m", "codex_cli_bin", "--doctor", "--deep"],
        }
        printed = {}
        for typed, command in doors.items():
            output = _run(command, home=Path(directory))
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


def _run(command: list[str], *, home: Path) -> str:
    """Run with an empty home and no Python settings of ours; the output on success, CheckFailed otherwise."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "CODEX_"))}
    environment = kept | {"HOME": str(home), "USERPROFILE": str(home), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CheckFailed(f"`{' '.join(command)}` did not end within {_TIMEOUT_SECONDS} s") from None
    except OSError as error:
        raise CheckFailed(f"`{' '.join(command)}` cannot be started: {error.strerror}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise CheckFailed(f"`{' '.join(command)}` ended with exit status {done.returncode}: {said[-2000:]}")
    return done.stdout.strip()
