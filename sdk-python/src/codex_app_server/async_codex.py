"""AsyncCodex: an app-server and its threads, for asyncio."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from ._metadata import ServerMetadata
from .async_client import AsyncAppServerClient
from .async_thread import AsyncThread
from .config import AppServerConfig
from .generated import methods as m

if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from .config import Deadline
    from .generated import v2_all as t


class AsyncCodex:
    """An app-server that is started when it is entered or first used; a context manager that closes it.

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
        self._config = config if codex_bin is None else replace(config, codex_bin=codex_bin)
        self._client = AsyncAppServerClient(self._config)
        self._starting = asyncio.Lock()
        self._ready = False
        self._closed = False

    async def __aenter__(self) -> Self:
        await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def client(self) -> AsyncAppServerClient:
        """The connection below, for every method of the wire."""
        return self._client

    @property
    def metadata(self) -> ServerMetadata:
        """The server's version, platform and home."""
        return ServerMetadata.of(self._client.initialized, self._config.client_name)

    async def close(self) -> None:
        """End the server; repeatable, never raises."""
        self._closed = True
        await self._client.close()

    def thread(self, thread_id: str) -> AsyncThread:
        """A handle on a thread that exists; nothing is sent."""
        return AsyncThread(self._connect, thread_id)

    async def thread_start(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadStartKeywords]
    ) -> AsyncThread:
        """Start a new thread."""
        answer = await (await self._connect()).ask(m.THREAD_START, options, timeout_seconds)
        return self.thread(answer.thread.id)

    async def thread_resume(
        self, thread_id: str, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadResumeKeywords]
    ) -> AsyncThread:
        """Load a thread from its record, with changed settings if any are given."""
        answer = await (await self._connect()).ask(m.THREAD_RESUME, options, timeout_seconds, thread_id=thread_id)
        return self.thread(answer.thread.id)

    async def thread_fork(
        self, thread_id: str, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadForkKeywords]
    ) -> AsyncThread:
        """Start a new thread from what another has said so far."""
        answer = await (await self._connect()).ask(m.THREAD_FORK, options, timeout_seconds, thread_id=thread_id)
        return self.thread(answer.thread.id)

    async def thread_list(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadListKeywords]
    ) -> t.ThreadListResponse:
        """One page of the recorded threads; `next_cursor` of the answer leads to the next."""
        return await (await self._connect()).ask(m.THREAD_LIST, options, timeout_seconds)

    async def thread_archive(self, thread_id: str, *, timeout_seconds: Deadline = ...) -> None:
        """Put a thread away, out of the list."""
        await (await self._connect()).ask(m.THREAD_ARCHIVE, {}, timeout_seconds, thread_id=thread_id)

    async def thread_unarchive(self, thread_id: str, *, timeout_seconds: Deadline = ...) -> AsyncThread:
        """Bring a thread back into the list."""
        answer = await (await self._connect()).ask(m.THREAD_UNARCHIVE, {}, timeout_seconds, thread_id=thread_id)
        return self.thread(answer.thread.id)

    async def models(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ModelListKeywords]
    ) -> t.ModelListResponse:
        """One page of the models that can be chosen."""
        return await (await self._connect()).ask(m.MODEL_LIST, options, timeout_seconds)

    async def _connect(self) -> AsyncAppServerClient:
        if not self._ready:
            async with self._starting:
                await self._enter_once()
        return self._client

    async def _enter_once(self) -> None:
        if not self._ready:
            try:
                await self._client.__aenter__()
            except BaseException:  # cancellation above all
                if not self._closed:  # whoever comes next shall not suffer from this one's cancellation
                    self._client = AsyncAppServerClient(self._config)
                raise
            self._ready = True
