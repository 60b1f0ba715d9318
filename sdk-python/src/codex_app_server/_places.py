"""What this machine has: the executable and why it is that one, versions, the server's home. Nothing is started."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from ._launch import FIX, find_candidates, find_launch
from ._version import VERSION
from .errors import UsageError
from .generated.v2_all import GENERATED_FROM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .config import AppServerConfig

_ADVICE = FIX.removeprefix("fix: ")
ENOUGH_BYTES = 1 << 20
"""What the server's databases take when they are new; with less on the disk it does not start."""
SDK, RUNTIME = "codex-app-server-sdk", "codex-cli-bin"


@dataclass(frozen=True, slots=True)
class Binary:
    """The executable that would run.

    Attributes:
        path: where it is; None when no place names one, or none is needed.
        origin: the place that names it, such as "CODEX_BIN".
        reason: why this one, in words.
        problem: why it cannot run; empty when it can.
        fix: what to do about that.
    """

    path: str | None
    origin: str | None
    reason: str
    problem: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions as distributions spell them, but for `pinned`.

    Attributes:
        sdk: of this package.
        pinned: of the server that its types were made from, as the server spells it.
        required: of codex-cli-bin, as this package's metadata demand it; None for a development tree.
        runtime: of the codex-cli-bin that is installed, None when none is.
    """

    sdk: str
    pinned: str
    required: str | None
    runtime: str | None


def find_binary(config: AppServerConfig, env: Mapping[str, str]) -> Binary:
    """What the client would start, found the same way; nothing when it connects to a server that runs."""
    if config.url is not None:
        return Binary(None, None, f"the server at {config.url} runs already")
    passed: list[str] = []
    if config.launch_args_override is None:
        for candidate in find_candidates(config, env):
            if candidate.path is not None:
                reason = "; ".join([f"{candidate.origin} names it", *passed])
                problem = f"{candidate.origin}: {candidate.path}: {candidate.problem}" if candidate.problem else ""
                return Binary(candidate.path, candidate.origin, reason, problem, _ADVICE if problem else "")
            passed.append(f"{candidate.origin}: {candidate.problem}")
    try:
        launch = find_launch(config, env)
    except UsageError as error:
        return Binary(None, None, "; ".join(passed), str(error).removesuffix(f"\n{FIX}"), _ADVICE)
    return Binary(launch.argv[0], launch.origin, f"{launch.origin} names it")


def find_versions() -> Versions:
    """What is installed and what goes together."""
    return Versions(VERSION, GENERATED_FROM, _required(), _installed(RUNTIME))


def examine_home(env: Mapping[str, str]) -> tuple[str, str, str]:
    """The server's home, what is to be said of it, and the fix when it cannot be used as it is."""
    named = env.get("CODEX_HOME")
    try:
        home = Path(named) if named else Path(env.get("HOME") or Path.home()) / ".codex"
    except RuntimeError:  # a container's user may have neither HOME nor an entry in passwd
        return "~/.codex", "cannot be found: this user has no home", "let HOME or CODEX_HOME name a directory"
    return str(home), *_state_of(home, named=bool(named))


def _state_of(home: Path, *, named: bool) -> tuple[str, str]:
    if not home.exists():
        return ("does not exist", f"mkdir -p {home}") if named else ("will be made by the server", "")
    if not home.is_dir():
        return "is no directory", "let CODEX_HOME name a directory, or unset it"
    if not os.access(home, os.W_OK | os.X_OK):
        return "is not writable", f"make it yours, or let CODEX_HOME name another: {home}"
    if (free_bytes := shutil.disk_usage(home).free) < ENOUGH_BYTES:
        return (
            f"is on a disk with {free_bytes // 1024} KiB left",
            "make room there, or let CODEX_HOME name a directory elsewhere",
        )
    return "is writable", ""


def _installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _required() -> str | None:
    try:
        found = requires(SDK) or []
    except PackageNotFoundError:
        return None
    pins = (each.partition(";")[0].replace(" ", "").partition("==") for each in found)
    return next((pin for name, _, pin in pins if name == RUNTIME and pin), None)
