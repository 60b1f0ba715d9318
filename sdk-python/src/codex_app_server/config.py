"""How to start and to wait for an app-server."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from types import EllipsisType
from typing import TYPE_CHECKING, TypeAlias

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

Deadline: TypeAlias = float | EllipsisType | None
"""Seconds to wait; None waits for ever, `...` stands for the default in the configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppServerConfig:
    """Everything about one connection; each deadline is in seconds, None for none, and can be overridden per call.

    Attributes:
        codex_bin: the codex executable; None looks at `CODEX_BIN`, then for the installed `codex-cli-bin`.
        launch_args_override: the whole command line, in place of everything that is derived otherwise.
        config_overrides: settings for `--config`, as `{"model": "..."}` or as ready `key=value` texts in TOML.
        cwd: the server's working directory; None for the caller's.
        env: variables to set for the server, over the caller's; None as a value removes one.
        client_name: who the server is told is calling; it appears in its logs.
        client_title: the same for people to read.
        client_version: the caller's version; None for that of this package.
        experimental_api: whether experimental methods and fields may be used.
        opt_out_notifications: methods of notifications that the server should not send at all.
        start_timeout_seconds: from the start of the process until it is initialized.
        request_timeout_seconds: for the answer to a request, waiting for its turn to be sent included.
        turn_timeout_seconds: for a whole turn.
        idle_timeout_seconds: for the silence between two events of a turn.
        close_timeout_seconds: for the server to end by itself; then it is killed.
    """

    codex_bin: str | PathLike[str] | None = None
    launch_args_override: Sequence[str] | None = None
    config_overrides: Mapping[str, object] | Sequence[str] = ()
    cwd: str | PathLike[str] | None = None
    env: Mapping[str, str | None] = field(default_factory=dict, repr=False)  # it may hold keys
    client_name: str = "codex_app_server_sdk"
    client_title: str | None = None
    client_version: str | None = None
    experimental_api: bool = True
    opt_out_notifications: Sequence[str] = ()
    start_timeout_seconds: float | None = 30.0
    request_timeout_seconds: float | None = 60.0
    turn_timeout_seconds: float | None = None
    idle_timeout_seconds: float | None = 600.0
    close_timeout_seconds: float | None = 5.0

    def __post_init__(self) -> None:
        for name in ("launch_args_override", "config_overrides", "opt_out_notifications"):
            if isinstance(getattr(self, name), str):
                raise UsageError(f"{name} is a text, {getattr(self, name)!r}; write a list of texts")
        if self.launch_args_override is not None and not self.launch_args_override:
            raise UsageError("launch_args_override is empty; give a program and its arguments, or None")
        for each in fields(self):
            if each.name.endswith("_seconds"):
                check_seconds(each.name, getattr(self, each.name))


def check_seconds(name: str, seconds: float | None) -> float | None:
    """The deadline, when it is one.

    Raises:
        UsageError: it is negative or no number.
    """
    # The comparison is written so that NaN fails it too.
    if seconds is not None and not (isinstance(seconds, (int, float)) and seconds >= 0):
        raise UsageError(f"{name} is {seconds!r}; give seconds, or None to wait for ever")
    return seconds


def choose_seconds(deadline: Deadline, default: float | None) -> float | None:
    """The deadline of one call.

    Raises:
        UsageError: it is negative or no number.
    """
    return default if isinstance(deadline, EllipsisType) else check_seconds("a timeout", deadline)
