"""The way to the server that a configuration asks for, for asyncio."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from ._async_child import AsyncChild
from ._launch import find_launch
from .errors import ConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .config import AppServerConfig
    from .errors import AppServerError


class AsyncChannel(Protocol):
    """Where lines go to the server; what comes from it is given to `receive`."""

    def write(self, data: bytes) -> None:
        """Have `data` written, in the order of the calls; never blocks."""

    async def stop(self, grace_seconds: float | None) -> None:
        """End it, kindly at first, and after the grace in any case; then clean up."""


async def open_channel(
    config: AppServerConfig,
    timeout_seconds: float | None,
    receive: Callable[[bytes], float],
    ended: Callable[[AppServerError], None],
) -> AsyncChannel:
    """A server of our own, or the one that runs at `config.url`.

    Args:
        config: which.
        timeout_seconds: for the connection to a server that runs already.
        receive: is given what the server sends, any number of bytes at a time; returns how many seconds to pause.
        ended: is called at the end, with the reason; maybe twice.

    Raises:
        AppServerError: it cannot be started or reached; the class tells why.
    """
    if config.url is not None:
        from ._async_socket import AsyncSocket  # noqa: PLC0415 - most programs start a server of their own

        return await AsyncSocket.start(config, timeout_seconds, receive, ended)

    def child_ended(return_code: int | None, stderr_tail: str) -> None:
        ended(ConnectionClosedError.from_return_code(return_code, stderr_tail))

    return await AsyncChild.start(find_launch(config, os.environ), receive, child_ended)
