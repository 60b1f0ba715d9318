"""`generate-types`: the SDK's wire types, from what the pinned runtime says of its own protocol."""

import difflib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .. import paths
from ..errors import CheckFailed, UsageProblem
from ..files import write_text
from ..lock import Lock
from ..payload.probe import ask_version
from ..render import render
from ..reporting import Reporter
from ..schema import read_protocol
from ..targets import host_target

COMMAND = "python scripts/update_sdk_artifacts.py generate-types"
TIMEOUT_SECONDS = 60

# The one bundle that also has what the server asks of a client.
_BUNDLE = "codex_app_server_protocol.schemas.json"
_SHOWN_LINES = 12


def generate_types(
    *, check: bool, runtime: Path, lock: Lock, reporter: Reporter, destination: Path | None = None
) -> list[Path]:
    """Write the generated modules of the SDK; returns those that changed.

    Args:
        check: write nothing, and fail when something would change.
        runtime: the locked executable of this machine.
        destination: the package to write, the SDK's own by default.

    Raises:
        CheckFailed: with `check`, something is stale; or the runtime's schema has a shape that is new.
        UsageProblem: the runtime is not the locked one, or ruff is not installed.
    """
    destination = destination or paths.GENERATED_TYPES
    with reporter.task("read the protocol"):
        _require_locked(runtime, lock)
        protocol = read_protocol(print_schema(runtime, experimental=True), print_schema(runtime, experimental=False))
        texts = {name: _formatted(name, text) for name, text in render(protocol, version=lock.version).items()}
    stale = {destination / name: text for name, text in texts.items() if _read(destination / name) != text}
    if check and stale:
        summary = "\n".join(_difference(path, text) for path, text in stale.items())
        raise CheckFailed(f"generated types are stale:\n{summary}", fix=f"Run: {COMMAND}")
    for path, text in stale.items():
        write_text(path, text)
    return list(stale)


def print_schema(runtime: Path, *, experimental: bool) -> dict[str, Any]:
    """The protocol's JSON schema, as the runtime itself prints it.

    Raises:
        CheckFailed: it cannot be run or prints something else.
    """
    with tempfile.TemporaryDirectory(prefix="codex-schema-") as directory:
        home = Path(directory, "home")
        home.mkdir()
        command = [str(runtime), "app-server", "generate-json-schema", "--out", str(Path(directory, "schema"))]
        command += ["--experimental"] if experimental else []
        environment = {**os.environ, "HOME": str(home), "USERPROFILE": str(home), "CODEX_HOME": str(home)}
        try:
            subprocess.run(
                command,
                env=environment,
                cwd=home,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=True,
            )
            bundle: dict[str, Any] = json.loads(Path(directory, "schema", _BUNDLE).read_bytes())
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip()[-2000:]
            raise CheckFailed(f"`{' '.join(command)}` ended with exit status {error.returncode}: {said}") from None
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise CheckFailed(f"`{' '.join(command)}` gave no schema: {error}") from None
    return bundle


def _require_locked(runtime: Path, lock: Lock) -> None:
    answer = ask_version(runtime, host_target())
    if answer.version != lock.runtime_version:
        said = answer.version.upstream if answer.version else answer.unasked
        raise UsageProblem(f"{runtime} is not the pinned {lock.version}: {said}")


def _formatted(name: str, text: str) -> str:
    """As `ruff format` leaves it, so that the linter has nothing to say about generated files either."""
    command = [sys.executable, "-m", "ruff", "format", "--config", str(paths.REPOSITORY / "pyproject.toml")]
    command += ["--stdin-filename", name, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        fix = "Install the toolkit with its extra `dev`: python3 scripts/dev.py test does."
        raise UsageProblem(f"ruff cannot format {name}: {done.stderr.strip()[-500:]}", fix=fix)
    return done.stdout


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _difference(path: Path, text: str) -> str:
    before = (_read(path) or "").splitlines()
    lines = [line for line in difflib.unified_diff(before, text.splitlines(), n=0, lineterm="") if line[:2] != "@@"][2:]
    added = sum(line.startswith("+") for line in lines)
    shown = "\n".join(f"    {line}" for line in lines[:_SHOWN_LINES])
    return f"  {path.name}: {added} lines more, {len(lines) - added} lines less\n{shown}"
