"""An installation of both packages, and the ways to run its programs where something is missing."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ANSWER = "hällo ✓"
ANSWERED = [{"answer": ANSWER}, {"answer": ANSWER}]
TURNS = str(Path(__file__).with_name("turn_program.py"))
Done = subprocess.CompletedProcess[str]

MOUNTS = ("unshare", "--mount", "--map-root-user")


@dataclass(frozen=True, slots=True)
class Installation:
    """Where both packages are, as one interpreter sees them.

    Attributes:
        python: the interpreter.
        env: the variables that it needs to see them, and those that the test sets.
    """

    python: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, around: Sequence[str] = (), cwd: Path | None = None, **env: str | None) -> Done:
        """Run its interpreter; `around` are the words before it, None as a variable's value removes it."""
        variables = {"PATH": "/usr/bin:/bin", "CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG": "1", **self.env, **env}
        return subprocess.run(
            [*around, self.python, *arguments],
            env={name: value for name, value in variables.items() if value is not None},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            timeout=120,
            check=False,
        )

    def turns(self, options: Mapping[str, object] | None = None, **how) -> list[dict[str, str]]:
        """The outcomes of a turn with each client; nothing else is said, and no other error comes out."""
        done = self.run(TURNS, json.dumps(options or {}), **how)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def doctor(self, topic: str, **how) -> dict[str, str]:
        """What the SDK's doctor says of a topic."""
        done = self.run("-m", "codex_app_server", "doctor", "--json", **how)
        assert done.stderr == ""
        [found] = [each for each in json.loads(done.stdout)["findings"] if each["topic"] == topic]
        return found

    def package(self) -> Path:
        """The directory of the runtime package."""
        where = "import codex_cli_bin; print(codex_cli_bin.__path__[0])"
        return Path(self.run("-c", where).stdout.strip())


def after(*commands: str) -> list[str]:
    """The words that run a program once these commands of a shell have changed what is mounted, for it alone."""
    return [*MOUNTS, "sh", "-ec", "\n".join([*commands, 'exec "$@"']), "sh"]


def rebound(directory: Path, options: str) -> list[str]:
    """The words that run a program which sees `directory` mounted with these options."""
    return after(f"mount --bind '{directory}' '{directory}'", f"mount -o remount,bind,{options} '{directory}'")


def pip(python: Path | str, *arguments: object, **env: str) -> None:
    """Have this pip install; nothing of this machine's settings counts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "PYTHON"))}
    command = [sys.executable, "-m", "pip", "--python", str(python)] if not env else [str(python), "-m", "pip"]
    own = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_BREAK_SYSTEM_PACKAGES": "1", **env}
    subprocess.run([*command, "install", "--quiet", *map(str, arguments)], env=kept | own, check=True)
