"""Bringing a lost connection back, on a thread of its own: connect, shake hands, resume the threads."""

from __future__ import annotations

import logging
import threading
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


class Client(Protocol):
    """What is needed of a client."""

    config: AppServerConfig

    def exchange(
        self, method: str, params: object, timeout_seconds: Deadline = ..., *, urgent: AppServerError | None = None
    ) -> Reply:
        """Make a request and wait for its answer."""
        ...

    def open_channel(self, timeout_seconds: float | None) -> None:
        """Make a connection, and use it."""

    def drop_channel(self) -> None:
        """End the connection."""

    def flush(self) -> None:
        """Write what is to be written; under the lock."""


class Reconnector:
    """Tries again and again, with pauses that grow, until the configured time is up.

    Args:
        client: whose connection it is.
        session: its state.
        lock: for the session.
        limit_seconds: how long it tries.
    """

    def __init__(self, client: Client, session: Session, lock: threading.Lock, limit_seconds: float) -> None:
        self._client = client
        self._session = session
        self._lock = lock
        self._limit_seconds = limit_seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._pauses: Iterator[float]
        self._back_at = float("-inf")

    def begin(self) -> None:
        """The connection has just been lost; under the lock."""
        self._thread = threading.Thread(target=self._work, name="codex-app-server-reconnect", daemon=True)
        self._thread.start()

    def stop(self, seconds: float | None) -> None:
        """Try no more; an attempt that is on its way gets `seconds` to notice."""
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _work(self) -> None:
        begin, loss = monotonic(), self._session.lost
        _logger.warning("%s; trying to connect again", loss)
        if begin - self._back_at > LONGEST_PAUSE_SECONDS:  # else it comes and goes, and the pauses go on growing
            self._pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        for pause in self._pauses:
            self._client.drop_channel()
            left = begin + self._limit_seconds - monotonic()
            if left <= 0 or self._stopping.wait(min(pause, left)):
                break
            try:
                self._attempt(begin + self._limit_seconds)
            except Exception as error:  # noqa: BLE001 - the token comes from the caller's code, which may raise anything
                _logger.info("not yet connected again: %s", error if isinstance(error, AppServerError) else type(error))
            else:
                self._back_at = monotonic()
                _logger.warning("connected again after %.1f s", self._back_at - begin)
                return
        reason = f"{loss}; it did not come back within {self._limit_seconds:g} s"
        with self._lock:
            self._session.close(ConnectionClosedError(reason))

    def _attempt(self, deadline: float) -> None:
        client, session, loss = self._client, self._session, self._session.lost
        start_seconds = client.config.start_timeout_seconds
        client.open_channel(seconds_until(deadline, monotonic(), start_seconds))
        seconds = seconds_until(deadline, monotonic(), start_seconds)
        answer = client.exchange(_handshake.METHOD, _handshake.params(client.config), seconds, urgent=loss)
        metadata = _handshake.metadata(answer.line)
        with self._lock:
            session.versions = _handshake.note_versions(metadata, client.config)
            session.send(encode_notification(_handshake.DONE), urgent=True)
            client.flush()
        for thread_id in session.threads:
            self._resume(thread_id, loss, deadline)
        with self._lock:
            back = session.restore(loss)
            client.flush()
        if not back:
            raise ConnectionClosedError("it was lost again")

    def _resume(self, thread_id: str, loss: AppServerError | None, deadline: float) -> None:
        seconds = seconds_until(deadline, monotonic(), self._client.config.request_timeout_seconds)
        try:
            self._client.exchange("thread/resume", self._session.resumption(thread_id), seconds, urgent=loss)
        except ServerBusyError:
            raise
        except ServerError as error:
            _logger.warning("thread %s is lost: %s", thread_id, error)
            with self._lock:
                self._session.threads.lose(thread_id, error)
