"""Bringing a lost connection back, in a task of its own: connect, shake hands, resume the threads."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from . import _handshake
from ._patience import seconds_until
from ._protocol import encode_notification
from .errors import AppServerError, ConnectionClosedError, ServerBusyError, ServerError
from .retry import backoff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._session import Session
    from ._window import Reply
    from .config import AppServerConfig, Deadline

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 5.0

_logger = logging.getLogger("codex_app_server")


class AsyncClient(Protocol):
    """What is needed of a client."""

    config: AppServerConfig

    async def exchange(
        self, method: str, params: object, timeout_seconds: Deadline = ..., *, urgent: AppServerError | None = None
    ) -> Reply:
        """Make a request and wait for its answer."""
        ...

    async def open_channel(self, timeout_seconds: float | None) -> None:
        """Make a connection, and use it."""

    async def drop_channel(self) -> None:
        """End the connection."""

    def flush(self) -> None:
        """Write what is to be written."""


class AsyncReconnector:
    """Tries again and again, with pauses that grow, until the configured time is up; see `Reconnector`, its twin."""

    def __init__(self, client: AsyncClient, session: Session, limit_seconds: float) -> None:
        self._client = client
        self._session = session
        self._limit_seconds = limit_seconds
        self._task: asyncio.Task[None] | None = None
        self._pauses: Iterator[float]
        self._back_at = float("-inf")

    def begin(self) -> None:
        """The connection has just been lost."""
        self._task = asyncio.get_running_loop().create_task(self._work(), name="codex-app-server-reconnect")

    async def stop(self) -> None:
        """Try no more."""
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _work(self) -> None:
        begin, loss = monotonic(), self._session.lost
        _logger.warning("%s; trying to connect again", loss)
        if begin - self._back_at > LONGEST_PAUSE_SECONDS:  # else it comes and goes, and the pauses go on growing
            self._pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        for pause in self._pauses:
            await self._client.drop_channel()
            left = begin + self._limit_seconds - monotonic()
            if left <= 0:
                break
            await asyncio.sleep(min(pause, left))
            try:
                await self._attempt(begin + self._limit_seconds)
            except Exception as error:  # noqa: BLE001 - the token comes from the caller's code, which may raise anything
                _logger.info("not yet connected again: %s", error if isinstance(error, AppServerError) else type(error))
            else:
                self._back_at = monotonic()
                _logger.warning("connected again after %.1f s", self._back_at - begin)
                return
        reason = f"{loss}; it did not come back within {self._limit_seconds:g} s"
        self._session.close(ConnectionClosedError(reason))

    async def _attempt(self, deadline: float) -> None:
        client, session, loss = self._client, self._session, self._session.lost
        start_seconds = client.config.start_timeout_seconds
        await client.open_channel(seconds_until(deadline, monotonic(), start_seconds))
        seconds = seconds_until(deadline, monotonic(), start_seconds)
        answer = await client.exchange(_handshake.METHOD, _handshake.params(client.config), seconds, urgent=loss)
        metadata = _handshake.metadata(answer.line)
        session.versions = _handshake.note_versions(metadata, client.config)
        session.send(encode_notification(_handshake.DONE), urgent=True)
        client.flush()
        for thread_id in session.threads:
            await self._resume(thread_id, loss, deadline)
        back = session.restore(loss)
        client.flush()
        if not back:
            raise ConnectionClosedError("it was lost again")

    async def _resume(self, thread_id: str, loss: AppServerError | None, deadline: float) -> None:
        seconds = seconds_until(deadline, monotonic(), self._client.config.request_timeout_seconds)
        try:
            await self._client.exchange("thread/resume", self._session.resumption(thread_id), seconds, urgent=loss)
        except ServerBusyError:
            raise
        except ServerError as error:
            _logger.warning("thread %s is lost: %s", thread_id, error)
            self._session.threads.lose(thread_id, error)
