"""How to start and to wait for an app-server."""

from __future__ import annotations

from types import EllipsisType
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ._shown import hide
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

    from opentelemetry.trace import TracerProvider

Deadline: TypeAlias = float | EllipsisType | None
"""Seconds to wait; None waits for ever, `...` stands for the default in the configuration."""


class AppServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one connection; each deadline is in seconds, None for none, and can be overridden per call.

    One that differs in a few is `msgspec.structs.replace(config, cwd=...)`.

    Attributes:
        codex_bin: the codex executable; None looks at `CODEX_BIN`, then for the installed `codex-cli-bin`.
        launch_args_override: the whole command line, in place of everything that is derived otherwise.
        url: where a server runs already, `unix:///PATH` or `ws://HOST:PORT` (the extra `[ws]`); None starts one.
        auth_token: what lets this client in at `url`, or a function that gives it, called at each connect.
        allow_plain_token: whether `auth_token` may go over `ws://` to another machine, for all on the way to read.
        config_overrides: settings for `--config`, as `{"model": "..."}` or as ready `key=value` texts in TOML.
        cwd: the server's working directory; None for the caller's.
        env: variables to set for the server, over the caller's; None as a value removes one.
        client_name: who the server is told is calling; it appears in its logs.
        client_title: the same for people to read.
        client_version: the caller's version; None for that of this package.
        experimental_api: whether experimental methods and fields may be used.
        opt_out_notifications: methods of notifications that the server should not send at all.
        start_timeout_seconds: from the start of the process until it is initialized; at `url`, for the connection and
            then for the handshake.
        request_timeout_seconds: for the answer to a request, waiting for its turn to be sent included.
        turn_timeout_seconds: for a whole turn.
        idle_timeout_seconds: for the silence between two events of a turn; while the server waits for an answer of
            ours in that turn, to an approval or a tool call, it is not the server that is silent.
        handler_timeout_seconds: for the answer to a request of the server's, such as an approval; then it is declined.
        close_timeout_seconds: for the server to end by itself; then it is killed.
        keepalive_seconds: how long the server at `url` may be silent before it is asked for a sign of life, and then
            again until it counts as dead.
        tracing: whether to make OpenTelemetry spans (the extra `[otel]`) of requests, turns and approvals, with the
            global provider or the given one; no text, command or path gets into them.
        reconnect_timeout_seconds: how long a lost connection to `url` is tried again; None: not at all.
    """

    codex_bin: str | PathLike[str] | None = None
    launch_args_override: Sequence[str] | None = None
    url: str | None = None
    auth_token: str | Callable[[], str] | None = None
    allow_plain_token: bool = False
    config_overrides: Mapping[str, object] | Sequence[str] = ()
    cwd: str | PathLike[str] | None = None
    env: Mapping[str, str | None] = msgspec.field(default_factory=dict)
    client_name: str = "codex_app_server_sdk"
    client_title: str | None = None
    client_version: str | None = None
    experimental_api: bool = True
    opt_out_notifications: Sequence[str] = ()
    start_timeout_seconds: float | None = 30.0
    request_timeout_seconds: float | None = 60.0
    turn_timeout_seconds: float | None = None
    idle_timeout_seconds: float | None = 600.0
    handler_timeout_seconds: float | None = None
    close_timeout_seconds: float | None = 5.0
    keepalive_seconds: float | None = 20.0
    reconnect_timeout_seconds: float | None = 60.0
    tracing: bool | TracerProvider = False

    def __post_init__(self) -> None:
        for name in ("launch_args_override", "config_overrides", "opt_out_notifications"):
            if isinstance(getattr(self, name), str):
                raise UsageError(f"{name} is a text, {getattr(self, name)!r}; write a list of texts")
        if self.launch_args_override is not None and not self.launch_args_override:
            raise UsageError("launch_args_override is empty; give a program and its arguments, or None")
        for name in ("codex_bin", "launch_args_override", "config_overrides", "cwd", "env"):
            if self.url is not None and getattr(self, name):
                raise UsageError(f"{name} is for a server that is started here, but url names one that runs already")
        if self.auth_token is not None and self.url is None:
            raise UsageError("auth_token is for a server that runs already, and url does not name one")
        for name in self.__struct_fields__:
            if name.endswith("_seconds"):
                check_seconds(name, getattr(self, name))

    __repr__, __rich_repr__ = hide("auth_token", "config_overrides", "env", "launch_args_override")  # all may hold keys


def check_seconds(name: str, seconds: float | None) -> float | None:
    """The deadline, when it is one.

    Raises:
        UsageError: it is negative, infinite or no number.
    """
    # The comparison is written so that NaN fails it too; not every lock and socket can wait for infinity.
    if seconds is not None and not (isinstance(seconds, (int, float)) and 0 <= seconds < float("inf")):
        raise UsageError(f"{name} is {seconds!r}; give seconds, or None to wait for ever")
    return seconds


def choose_seconds(deadline: Deadline, default: float | None) -> float | None:
    """The deadline of one call.

    Raises:
        UsageError: it is negative, infinite or no number.
    """
    return default if isinstance(deadline, EllipsisType) else check_seconds("a timeout", deadline)
