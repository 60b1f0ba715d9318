"""The way to the server that a configuration asks for, for threads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from ._child import Child
from ._launch import find_launch
from .errors import ConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .config import AppServerConfig
    from .errors import AppServerError


class Channel(Protocol):
    """Where lines go to the server; what comes from it is given to `receive`."""

    def write(self, data: bytes) -> None:
        """Have `data` written, in the order of the calls; never blocks."""

    def stop(self, grace_seconds: float | None) -> None:
        """End it, kindly at first, and after the grace in any case; then clean up."""


def open_channel(
    config: AppServerConfig,
    timeout_seconds: float | None,
    receive: Callable[[bytes], float],
    ended: Callable[[AppServerError], None],
    use: Callable[[Channel], None],
) -> None:
    """A server of our own, or the one that runs at `config.url`.

    Args:
        config: which.
        timeout_seconds: for the connection to a server that runs already.
        receive: is given what the server sends, any number of bytes at a time; returns how many seconds to pause.
        ended: is called at the end, with the reason; maybe twice.
        use: is given the channel, which may then be stopped at any time.

    Raises:
        AppServerError: it cannot be started or reached; the class tells why.
    """
    if config.url is not None:
        from ._socket import Socket  # noqa: PLC0415 - most programs start a server of their own

        connection = Socket(config, receive, ended)
        use(connection)
        connection.open(timeout_seconds)
        return

    def child_ended(return_code: int | None, stderr_tail: str) -> None:
        ended(ConnectionClosedError.from_return_code(return_code, stderr_tail))

    use(Child(find_launch(config, os.environ), receive, child_ended))
