"""Codex: a running app-server and its threads, for threads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ._metadata import ServerMetadata
from .client import AppServerClient
from .config import AppServerConfig
from .generated import methods as m
from .thread import Thread

if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from .config import Deadline
    from .generated import v2_all as t


class Codex:
    """A running app-server, ready when the constructor returns; a context manager that closes it.

    Args:
        config: everything about the connection; None for the defaults.
        codex_bin: the codex executable, in place of the one that `config` names.

    Raises:
        BinaryNotFoundError: there is no executable to run; the message says where one was looked for.
        StartTimeoutError: it was not ready in time.
        ConnectionClosedError: it ended; the message has what it wrote to stderr.
        IncompatibleServerError: it is none that this SDK can talk to.
    """

    def __init__(self, config: AppServerConfig | None = None, *, codex_bin: str | PathLike[str] | None = None) -> None:
        config = config or AppServerConfig()
        self._client = AppServerClient(config if codex_bin is None else replace(config, codex_bin=codex_bin))
        self._client.__enter__()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def client(self) -> AppServerClient:
        """The connection below, for every method of the wire."""
        return self._client

    @property
    def metadata(self) -> ServerMetadata:
        """The server's version, platform and home."""
        return ServerMetadata.of(self._client.initialized, self._client.config.client_name)

    def close(self) -> None:
        """End the server; repeatable, never raises."""
        self._client.close()

    def thread(self, thread_id: str) -> Thread:
        """A handle on a thread that exists; nothing is sent."""
        return Thread(self._client, thread_id)

    def thread_start(self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadStartKeywords]) -> Thread:
        """Start a new thread."""
        answer = self._client.ask(m.THREAD_START, options, timeout_seconds)
        return self.thread(answer.thread.id)

    def thread_resume(
        self, thread_id: str, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadResumeKeywords]
    ) -> Thread:
        """Load a thread from its record, with changed settings if any are given."""
        answer = self._client.ask(m.THREAD_RESUME, options, timeout_seconds, thread_id=thread_id)
        return self.thread(answer.thread.id)

    def thread_fork(
        self, thread_id: str, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadForkKeywords]
    ) -> Thread:
        """Start a new thread from what another has said so far."""
        answer = self._client.ask(m.THREAD_FORK, options, timeout_seconds, thread_id=thread_id)
        return self.thread(answer.thread.id)

    def thread_list(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadListKeywords]
    ) -> t.ThreadListResponse:
        """One page of the recorded threads; `next_cursor` of the answer leads to the next."""
        return self._client.ask(m.THREAD_LIST, options, timeout_seconds)

    def thread_archive(self, thread_id: str, *, timeout_seconds: Deadline = ...) -> None:
        """Put a thread away, out of the list."""
        self._client.ask(m.THREAD_ARCHIVE, {}, timeout_seconds, thread_id=thread_id)

    def thread_unarchive(self, thread_id: str, *, timeout_seconds: Deadline = ...) -> Thread:
        """Bring a thread back into the list."""
        answer = self._client.ask(m.THREAD_UNARCHIVE, {}, timeout_seconds, thread_id=thread_id)
        return self.thread(answer.thread.id)

    def models(self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ModelListKeywords]) -> t.ModelListResponse:
        """One page of the models that can be chosen."""
        return self._client.ask(m.MODEL_LIST, options, timeout_seconds)
