"""A clean environment, as users have it: a fresh Python, an empty home, none of our settings, none of our sources."""

import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import CheckFailed

_TIMEOUT_SECONDS = 120
_DROPPED = ("PYTHON", "PIP_", "CODEX_", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class CleanRoom:
    """A virtual environment without pip; its directory is also the home, and where commands run."""

    directory: Path

    def program(self, name: str) -> str:
        """The path of an installed command, or of `python`."""
        name = f"{name}.exe" if os.name == "nt" else name
        return str(self.directory / "environment" / ("Scripts" if os.name == "nt" else "bin") / name)

    def install(self, *arguments: str) -> None:
        """Run `pip install` without any index, from the outside.

        Raises:
            CheckFailed: it cannot be installed.
        """
        pip = [sys.executable, "-m", "pip", "--python", self.program("python"), "install", "--quiet", "--no-compile"]
        self.run([*pip, "--no-index", *arguments])

    def run(self, command: list[str], **environment: str) -> str:
        """What `command` printed.

        Args:
            command: its program and arguments.
            environment: variables to set.

        Raises:
            CheckFailed: it could not be started, did not end in time or did not end well.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
        home = str(self.directory)
        own = {"HOME": home, "USERPROFILE": home, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        try:
            done = subprocess.run(
                command,
                env=kept | own | environment,
                cwd=self.directory,
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


@contextmanager
def clean_room() -> Iterator[CleanRoom]:
    """Make one; it is gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="codex-trial-") as directory:
        venv.create(Path(directory, "environment"), with_pip=False)
        yield CleanRoom(Path(directory).resolve())
