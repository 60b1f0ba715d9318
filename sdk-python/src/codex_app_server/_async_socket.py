"""A server that runs already, reached through a socket and served by the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from ._endpoint import find_endpoint, find_token
from ._websocket import WebSocket
from .errors import ConnectionClosedError, StartTimeoutError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .config import AppServerConfig
    from .errors import AppServerError

DRAIN_SECONDS = 0.5
"""How long the loop may take to notice the end."""
LEAVE_SECONDS = 1.0
"""How long the server may take to say goodbye: it runs on, so nothing depends on it."""


class AsyncSocket(asyncio.Protocol):
    """A connection to a running server; see `Socket`, its twin. Made by `start`."""

    def __init__(
        self,
        config: AppServerConfig,
        receive: Callable[[bytes], float],
        ended: Callable[[AppServerError], None],
    ) -> None:
        self._receive = receive
        self._ended = ended
        self._keepalive_seconds = config.keepalive_seconds
        self._endpoint = find_endpoint(config.url or "")
        self._websocket = WebSocket(self._endpoint, find_token(config, self._endpoint))
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._finished: asyncio.Future[None] = self._loop.create_future()
        self._heard_at = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def start(
        cls,
        config: AppServerConfig,
        timeout_seconds: float | None,
        receive: Callable[[bytes], float],
        ended: Callable[[AppServerError], None],
    ) -> AsyncSocket:
        """Connect within that time.

        Raises:
            UsageError: the configuration must change, or its token.
            StartTimeoutError: the server has not answered in time.
            ConnectionClosedError: nobody is there.
            IncompatibleServerError: what is there is no app-server.
        """
        channel = cls(config, receive, ended)
        try:
            await asyncio.wait_for(channel._connect(), timeout_seconds)
        except BaseException as error:  # cancellation as well
            await channel._abort()
            if isinstance(error, asyncio.TimeoutError):
                raise StartTimeoutError(f"{config.url}: no WebSocket within {timeout_seconds} s") from None
            raise
        return channel

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = cast("asyncio.Transport", transport)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Hand on what the server sends."""
        self._heard_at = self._loop.time()
        lines = self._websocket.receive(data)
        self._flush()
        pause_seconds = self._receive(lines) if lines else 0.0
        if self._websocket.opened and not self._opened.done():
            self._opened.set_result(None)
            self._watch()
        if self._transport is None:
            return
        if self._websocket.over:
            self._hang_up()
        elif pause_seconds:
            self._transport.pause_reading()
            self._loop.call_later(pause_seconds, self._transport.resume_reading)

    def eof_received(self) -> None:
        """The server says nothing more."""
        self._hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell of the end, once: Windows' loop calls again when it could not clean up after a reset."""
        if self._finished.done():
            return
        if self._timer is not None:
            self._timer.cancel()
        if exc is not None:
            self._websocket.break_off(exc)
        elif not self._websocket.over:
            self._websocket.receive(b"")
        if not self._opened.done():
            self._opened.set_exception(self._websocket.why_over())
            self._opened.exception()  # nobody need be waiting for it
        elif not self._opened.cancelled() and not self._opened.exception():
            self._ended(self._websocket.why_over())
        self._finished.set_result(None)

    def write(self, data: bytes) -> None:
        """Have `data` written; never blocks."""
        self._websocket.send(data)
        self._flush()

    async def stop(self, grace_seconds: float | None) -> None:
        """Take leave, give the server the grace to hang up, then do so; it runs on."""
        self._websocket.close()
        self._flush()
        try:
            seconds = LEAVE_SECONDS if grace_seconds is None else min(grace_seconds, LEAVE_SECONDS)
            await asyncio.wait({self._finished}, timeout=seconds)
        finally:  # also when the wait is cancelled
            await self._abort()

    async def _connect(self) -> None:
        endpoint = self._endpoint
        try:
            if endpoint.path is None:
                await self._loop.create_connection(lambda: self, endpoint.host, endpoint.port)
            elif hasattr(self._loop, "create_unix_connection"):
                await self._loop.create_unix_connection(lambda: self, endpoint.path)
            else:
                raise UsageError(f"{endpoint.url}: this system has no Unix sockets for Python; use ws://HOST:PORT")
        except OSError as error:
            text = f"nobody answers at {endpoint.url}: {error.strerror or error}"
            raise ConnectionClosedError(f"{text}; start one with `codex app-server --listen {endpoint.url}`") from error
        await self._opened

    async def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            await asyncio.wait({self._finished}, timeout=DRAIN_SECONDS)

    def _hang_up(self) -> None:
        """Close, and do not wait for long until a server that says nothing more has read what it was sent."""
        if self._transport is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(DRAIN_SECONDS, self._transport.abort)
        self._transport.close()

    def _watch(self) -> None:
        """See to a server that is silent for too long."""
        if self._keepalive_seconds is None or self._transport is None:
            return
        silent_seconds = self._loop.time() - self._heard_at
        if silent_seconds >= self._keepalive_seconds:
            silent_seconds = 0.0
            self._websocket.be_patient(self._keepalive_seconds)
            self._flush()
            if self._websocket.over:
                self._transport.abort()
                return
        self._timer = self._loop.call_later(self._keepalive_seconds - silent_seconds, self._watch)

    def _flush(self) -> None:
        data = self._websocket.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():  # else uvloop raises
            self._transport.write(data)
