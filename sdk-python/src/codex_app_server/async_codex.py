"""AsyncCodex: an app-server and its threads, for asyncio."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ._keywords import params_of
from ._metadata import ServerMetadata
from ._pages import follow_async
from ._wiring import wiring, with_tools
from .async_accounts import login_api_key, start_login
from .async_client import AsyncAppServerClient
from .async_thread import AsyncThread
from .config import AppServerConfig
from .generated import methods as m

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from os import PathLike
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from ._wiring import Handling, Tools
    from .approvals import AsyncPolicy
    from .async_accounts import AsyncLoginHandle
    from .config import Deadline
    from .generated import v2_all as t


class AsyncCodex:
    """An app-server that is started when it is entered or first used; a context manager that closes it.

    Args:
        config: everything about the connection; None for the defaults.
        codex_bin: the codex executable, in place of the one that `config` names.
        approvals: decides on what the server wants to have approved; without it all is declined.
        handlers: who answers other requests of the server's, by constants of `codex_app_server.generated.methods`.

    Raises:
        BinaryNotFoundError: there is no executable to run; the message says where one was looked for.
        StartTimeoutError: it was not ready in time.
        ConnectionClosedError: it ended; the message has what it wrote to stderr.
        IncompatibleServerError: it is none that this SDK can talk to.
    """

    def __init__(
        self,
        config: AppServerConfig | None = None,
        *,
        codex_bin: str | PathLike[str] | None = None,
        approvals: AsyncPolicy | None = None,
        handlers: Handling | None = None,
    ) -> None:
        config = config or AppServerConfig()
        self._config = config if codex_bin is None else replace(config, codex_bin=codex_bin)
        self._client = AsyncAppServerClient(self._config)
        self._ready = False
        self._wired: list[tuple[str | None, Handling]] = []
        self._wire(None, wiring(approvals, handlers, asynchronous=True))
        self._starting = asyncio.Lock()
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

    def thread(
        self,
        thread_id: str,
        *,
        approvals: AsyncPolicy | None = None,
        handlers: Handling | None = None,
        tools: Tools | None = None,
    ) -> AsyncThread:
        """A handle on a thread that exists; nothing is sent.

        Args:
            thread_id: the thread.
            approvals: decides for this thread, in place of that of the constructor.
            handlers: answer for this thread, in place of those of the constructor.
            tools: functions that the thread was started with.
        """
        return self._bind(thread_id, wiring(approvals, handlers, tools, asynchronous=True))

    async def thread_start(
        self,
        *,
        approvals: AsyncPolicy | None = None,
        handlers: Handling | None = None,
        tools: Tools | None = None,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.ThreadStartKeywords],
    ) -> AsyncThread:
        """Start a new thread; `thread` tells of `approvals`, `handlers` and `tools`."""
        wired = wiring(approvals, handlers, tools, asynchronous=True)
        told = with_tools(options, tools, experimental_api=self._config.experimental_api)
        answer = await (await self._connect()).ask(m.THREAD_START, told, timeout_seconds)
        return self._bind(answer.thread.id, wired)

    async def thread_resume(
        self,
        thread_id: str,
        *,
        approvals: AsyncPolicy | None = None,
        handlers: Handling | None = None,
        tools: Tools | None = None,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.ThreadResumeKeywords],
    ) -> AsyncThread:
        """Load a thread from its record, with changed settings if any are given."""
        wired = wiring(approvals, handlers, tools, asynchronous=True)
        self._bind(thread_id, wired)  # it may ask for something as soon as it is loaded
        answer = await (await self._connect()).ask(m.THREAD_RESUME, options, timeout_seconds, thread_id=thread_id)
        return self._bind(answer.thread.id, wired)

    async def thread_fork(
        self,
        thread_id: str,
        *,
        approvals: AsyncPolicy | None = None,
        handlers: Handling | None = None,
        tools: Tools | None = None,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.ThreadForkKeywords],
    ) -> AsyncThread:
        """Start a new thread from what another has said so far."""
        wired = wiring(approvals, handlers, tools, asynchronous=True)
        answer = await (await self._connect()).ask(m.THREAD_FORK, options, timeout_seconds, thread_id=thread_id)
        return self._bind(answer.thread.id, wired)

    async def thread_list(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadListKeywords]
    ) -> t.ThreadListResponse:
        """One page of the recorded threads; `next_cursor` of the answer leads to the next."""
        return await (await self._connect()).ask(m.THREAD_LIST, options, timeout_seconds)

    async def thread_archive(self, thread_id: str, *, timeout_seconds: Deadline = ...) -> None:
        """Put a thread away, out of the list; its own approvals, handlers and tools are forgotten."""
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

    def all_models(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ModelListKeywords]
    ) -> AsyncIterator[t.Model]:
        """All models that can be chosen, over all pages; the options say how long a page is and where to begin."""
        return follow_async(self._connect, m.MODEL_LIST, params_of(m.MODEL_LIST, options), timeout_seconds)

    def threads(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadListKeywords]
    ) -> AsyncIterator[t.Thread]:
        """All recorded threads, over all pages; the options choose some, and say how long a page is.

        Args:
            timeout_seconds: for each page.
            options: as for `thread_list`.

        Raises:
            ProtocolError: the server leads round in a circle.
        """
        return follow_async(self._connect, m.THREAD_LIST, params_of(m.THREAD_LIST, options), timeout_seconds)

    async def account(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.GetAccountKeywords]
    ) -> t.GetAccountResponse:
        """Who is signed in: `account` of the answer, None for nobody."""
        return await (await self._connect()).ask(m.ACCOUNT_READ, options, timeout_seconds)

    async def logout(self, *, timeout_seconds: Deadline = ...) -> None:
        """Sign out, and have the server forget the key or tokens."""
        await (await self._connect()).request(m.ACCOUNT_LOGOUT, timeout_seconds=timeout_seconds)

    async def login_api_key(self, key: str, *, timeout_seconds: Deadline = ...) -> None:
        """Sign in with an API key, which the server keeps in its home; nothing here shows or logs it."""
        await login_api_key(await self._connect(), key, timeout_seconds)

    async def login_chatgpt(self, *, timeout_seconds: Deadline = ...) -> AsyncLoginHandle:
        """Sign in with ChatGPT in a browser on the server's machine: open `auth_url`, then `wait`."""
        return await start_login(await self._connect(), "chatgpt", timeout_seconds)

    async def login_chatgpt_device_code(self, *, timeout_seconds: Deadline = ...) -> AsyncLoginHandle:
        """Sign in with ChatGPT in a browser anywhere: open `auth_url` and type `user_code`, then `wait`."""
        return await start_login(await self._connect(), "chatgptDeviceCode", timeout_seconds)

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
                    for thread_id, wired in self._wired:
                        self._handle(thread_id, wired)
                raise
            self._ready = True

    def _bind(self, thread_id: str, wired: Handling) -> AsyncThread:
        self._wire(thread_id, wired)
        return AsyncThread(self._connect, thread_id)

    def _wire(self, thread_id: str | None, wired: Handling) -> None:
        if not self._ready:  # a connection that fails is replaced by one with the same handlers
            self._wired.append((thread_id, wired))
        self._handle(thread_id, wired)

    def _handle(self, thread_id: str | None, wired: Handling) -> None:
        for method, handler in wired.items():
            self._client.handle(method, handler, thread_id=thread_id)
