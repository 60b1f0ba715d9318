"""Which executable runs, and why; its command line and environment. Values only: nothing is started here."""
# os.path and not pathlib, whose import would cost more than all of this.
# ruff: noqa: PTH100, PTH110, PTH113, PTH118, PTH120, PTH123

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from ._machine import HEAD_BYTES, why_not_here
from .errors import BinaryNotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .config import AppServerConfig

FIX = "fix: `pip install codex-cli-bin`, or name a codex executable in AppServerConfig(codex_bin=...) or CODEX_BIN"


class Launch(msgspec.Struct, frozen=True):
    """What to start; `origin` is where the program was named, such as "codex_bin"."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str | None
    origin: str


class Candidate(msgspec.Struct, frozen=True):
    """A place that may name the executable.

    Attributes:
        origin: the place.
        path: what it names, None when it names nothing.
        problem: why that cannot be used, empty when it can.
        path_dir: the directory with the tools that belong to it, None when it has none.
    """

    origin: str
    path: str | None
    problem: str = ""
    path_dir: str | None = None


def find_launch(config: AppServerConfig, environ: Mapping[str, str]) -> Launch:
    """The launch that `config` asks for; the first place that names a program decides, and PATH is never searched.

    Raises:
        BinaryNotFoundError: that program cannot be used, or no place names one; the message lists all places.
        UsageError: an override cannot be written.
    """
    env = child_environment(environ, config.env)
    cwd = None if config.cwd is None else os.fspath(config.cwd)
    if config.launch_args_override is not None:
        return Launch(tuple(config.launch_args_override), env, cwd, "launch_args_override")
    chosen = next((candidate for candidate in find_candidates(config, env) if candidate.path is not None), None)
    if chosen is None or chosen.path is None or chosen.problem:
        tried = map(_tell, find_candidates(config, env))
        raise BinaryNotFoundError("\n".join(["no codex executable can be used:", *tried, FIX]))
    if chosen.path_dir is not None:
        env["PATH"] = os.pathsep.join(filter(None, (chosen.path_dir, env.get("PATH"))))
    overrides = [part for override in render_overrides(config.config_overrides) for part in ("--config", override)]
    return Launch((chosen.path, *overrides, "app-server"), env, cwd, chosen.origin)


def find_candidates(config: AppServerConfig, env: Mapping[str, str]) -> Iterator[Candidate]:
    """Every place that may name the executable, in the order that counts."""
    # An argument names exactly what the caller wants.
    yield _check("codex_bin", None if config.codex_bin is None else os.fspath(config.codex_bin), "not given")
    # A developer's own build, without a change to the program.
    yield _check("CODEX_BIN", env.get("CODEX_BIN") or None, "not set")
    # The release that this SDK was made for.
    yield _bundled()


def child_environment(environ: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """`environ` with `changes`; None removes a variable."""
    env = dict(environ)
    if hasattr(sys, "_MEIPASS"):
        # PyInstaller has the loader look among the application's own libraries, which are made for no other program.
        original = env.pop("LD_LIBRARY_PATH_ORIG", None)
        env.pop("LD_LIBRARY_PATH", None)
        if original is not None:
            env["LD_LIBRARY_PATH"] = original
    for name, value in changes.items():
        key = name.upper() if os.name == "nt" else name
        if value is None:
            env.pop(key, None)
        else:
            env[key] = value
    return env


def render_overrides(overrides: Mapping[str, object] | Sequence[str]) -> list[str]:
    """The overrides as `key=value` texts whose values are TOML.

    Raises:
        UsageError: a text has no `=`, or a value has no TOML form.
    """
    if isinstance(overrides, Mapping):
        return [f"{key}={_toml(key, value)}" for key, value in overrides.items()]
    for override in overrides:
        if "=" not in override:
            raise UsageError(f"config_overrides: {override!r} is no key=value; write a mapping, or key=value texts")
    return list(overrides)


def _toml(key: str, value: object) -> str:
    match value:
        case float() if repr(value) in {"inf", "-inf", "nan"}:
            return repr(value)  # JSON knows none of them
        case bool() | int() | float() | str():
            return _scalar(key, value)
        case Mapping():
            return "{" + ", ".join(f"{_toml(key, name)} = {_toml(key, each)}" for name, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(_toml(key, each) for each in value) + "]"
    raise UsageError(f"config_overrides: {key} is {value!r}, which TOML cannot say")


def _scalar(key: str, value: float | str) -> str:
    """The JSON of a scalar, which is TOML as well, but for one character."""
    try:
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
    except UnicodeEncodeError:
        raise UsageError(f"config_overrides: {key} has a text that is not valid Unicode") from None


def _check(origin: str, path: str | None, absence: str) -> Candidate:
    if path is None:
        return Candidate(origin, None, absence)
    path = os.path.abspath(path)
    return Candidate(origin, path, _problem(path), _tools_beside(path))


def _problem(path: str) -> str:
    if not os.path.exists(path):
        return "it does not exist"
    if not os.path.isfile(path):
        return "it is no file"
    if not os.access(path, os.X_OK):
        return f"it is not executable; `chmod +x {path}` makes it so"
    try:
        with open(path, "rb") as file:
            return why_not_here(file.read(HEAD_BYTES)) or ""
    except PermissionError:
        return ""  # programs can be run without being readable
    except OSError as error:
        return f"it cannot be read: {error.strerror}"


def _bundled() -> Candidate:
    origin = "codex-cli-bin"
    try:
        import codex_cli_bin  # noqa: PLC0415 - an installed package, and only when nothing else was named
    except ImportError:
        return Candidate(origin, None, "not installed")
    try:
        path, path_dir = codex_cli_bin.bundled_codex_path(), codex_cli_bin.bundled_path_dir()
    except codex_cli_bin.RuntimeUnavailable as error:
        return Candidate(origin, None, str(error))
    return Candidate(origin, path, _problem(path), path_dir)


def _tools_beside(path: str) -> str | None:
    """Where `rg` is in a payload around the executable."""
    directory = os.path.dirname(os.path.realpath(path))
    name = "rg.exe" if os.name == "nt" else "rg"
    places = (os.path.join(os.path.dirname(directory), "codex-path"), directory)
    return next((place for place in places if os.path.isfile(os.path.join(place, name))), None)


def _tell(candidate: Candidate) -> str:
    named = f"{candidate.origin}: {candidate.path}" if candidate.path else candidate.origin
    return f"  {named}: {candidate.problem or 'usable, but an earlier place decides'}"
