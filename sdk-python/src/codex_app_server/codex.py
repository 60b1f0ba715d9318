"""Codex: a running app-server and its threads, for threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ._keywords import params_of
from ._metadata import ServerMetadata
from ._pages import follow
from ._wiring import wiring, with_tools
from .accounts import login_api_key, start_login
from .client import AppServerClient
from .config import AppServerConfig
from .generated import methods as m
from .thread import Thread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from ._wiring import Handling, Tools
    from .accounts import LoginHandle
    from .approvals import Policy
    from .config import Deadline
    from .generated import v2_all as t


class Codex:
    """A running app-server, ready when the constructor returns; a context manager that closes it.

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
        approvals: Policy | None = None,
        handlers: Handling | None = None,
    ) -> None:
        config = config or AppServerConfig()
        self._client = AppServerClient(config if codex_bin is None else replace(config, codex_bin=codex_bin))
        for method, handler in wiring(approvals, handlers).items():
            self._client.handle(method, handler)
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

    def thread(
        self,
        thread_id: str,
        *,
        approvals: Policy | None = None,
        handlers: Handling | None = None,
        tools: Tools | None = None,
    ) -> Thread:
        """A handle on a thread that exists; nothing is sent.

        Args:
            thread_id: the thread.
            approvals: decides for this thread, in place of that of the constructor.
            handlers: answer for this thread, in place of those of the constructor.
            tools: functions that the thread was started with.
        """
        return self._bind(thread_id, wiring(approvals, handlers, tools))

    def thread_start(
        self,
        *,
        approvals: Policy | None = None,
        handlers: Handling | None = None,
        tools: Tools | None = None,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.ThreadStartKeywords],
    ) -> Thread:
        """Start a new thread; `thread` tells of `approvals`, `handlers` and `tools`."""
        wired = wiring(approvals, handlers, tools)
        told = with_tools(options, tools, experimental_api=self._client.config.experimental_api)
        answer = self._client.ask(m.THREAD_START, told, timeout_seconds)
        return self._bind(answer.thread.id, wired)

    def thread_resume(
        self,
        thread_id: str,
        *,
        approvals: Policy | None = None,
        handlers: Handling | None = None,
        tools: Tools | None = None,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.ThreadResumeKeywords],
    ) -> Thread:
        """Load a thread from its record, with changed settings if any are given."""
        wired = wiring(approvals, handlers, tools)
        self._bind(thread_id, wired)  # it may ask for something as soon as it is loaded
        answer = self._client.ask(m.THREAD_RESUME, options, timeout_seconds, thread_id=thread_id)
        return self._bind(answer.thread.id, wired)

    def thread_fork(
        self,
        thread_id: str,
        *,
        approvals: Policy | None = None,
        handlers: Handling | None = None,
        tools: Tools | None = None,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.ThreadForkKeywords],
    ) -> Thread:
        """Start a new thread from what another has said so far."""
        wired = wiring(approvals, handlers, tools)
        answer = self._client.ask(m.THREAD_FORK, options, timeout_seconds, thread_id=thread_id)
        return self._bind(answer.thread.id, wired)

    def thread_list(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadListKeywords]
    ) -> t.ThreadListResponse:
        """One page of the recorded threads; `next_cursor` of the answer leads to the next."""
        return self._client.ask(m.THREAD_LIST, options, timeout_seconds)

    def thread_archive(self, thread_id: str, *, timeout_seconds: Deadline = ...) -> None:
        """Put a thread away, out of the list; its own approvals, handlers and tools are forgotten."""
        self._client.ask(m.THREAD_ARCHIVE, {}, timeout_seconds, thread_id=thread_id)

    def thread_unarchive(self, thread_id: str, *, timeout_seconds: Deadline = ...) -> Thread:
        """Bring a thread back into the list."""
        answer = self._client.ask(m.THREAD_UNARCHIVE, {}, timeout_seconds, thread_id=thread_id)
        return self.thread(answer.thread.id)

    def models(self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ModelListKeywords]) -> t.ModelListResponse:
        """One page of the models that can be chosen."""
        return self._client.ask(m.MODEL_LIST, options, timeout_seconds)

    def all_models(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ModelListKeywords]
    ) -> Iterator[t.Model]:
        """All models that can be chosen, over all pages; the options say how long a page is and where to begin."""
        return follow(self._client, m.MODEL_LIST, params_of(m.MODEL_LIST, options), timeout_seconds)

    def threads(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadListKeywords]
    ) -> Iterator[t.Thread]:
        """All recorded threads, over all pages; the options choose some, and say how long a page is.

        Args:
            timeout_seconds: for each page.
            options: as for `thread_list`.

        Raises:
            ProtocolError: the server leads round in a circle.
        """
        return follow(self._client, m.THREAD_LIST, params_of(m.THREAD_LIST, options), timeout_seconds)

    def account(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.GetAccountKeywords]
    ) -> t.GetAccountResponse:
        """Who is signed in: `account` of the answer, None for nobody."""
        return self._client.ask(m.ACCOUNT_READ, options, timeout_seconds)

    def logout(self, *, timeout_seconds: Deadline = ...) -> None:
        """Sign out, and have the server forget the key or tokens."""
        self._client.request(m.ACCOUNT_LOGOUT, timeout_seconds=timeout_seconds)

    def login_api_key(self, key: str, *, timeout_seconds: Deadline = ...) -> None:
        """Sign in with an API key, which the server keeps in its home; nothing here shows or logs it."""
        login_api_key(self._client, key, timeout_seconds)

    def login_chatgpt(self, *, timeout_seconds: Deadline = ...) -> LoginHandle:
        """Sign in with ChatGPT in a browser on the server's machine: open `auth_url`, then `wait`."""
        return start_login(self._client, "chatgpt", timeout_seconds)

    def login_chatgpt_device_code(self, *, timeout_seconds: Deadline = ...) -> LoginHandle:
        """Sign in with ChatGPT in a browser anywhere: open `auth_url` and type `user_code`, then `wait`."""
        return start_login(self._client, "chatgptDeviceCode", timeout_seconds)

    def _bind(self, thread_id: str, wired: Handling) -> Thread:
        for method, handler in wired.items():
            self._client.handle(method, handler, thread_id=thread_id)
        return Thread(self._client, thread_id)
