"""The handlers of a client's, each request on a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from ._requests import Handlers, Request, failure, is_async, refuse_awaitable
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._asked import Asked
    from ._methods import ServerRequest

P = TypeVar("P")
R = TypeVar("R")

HANDLERS_AT_ONCE = 64
"""A handler may itself run a turn whose requests need further ones; what is beyond this waits."""
MOMENT_SECONDS = 0.2
"""How long a client that closes awaits handlers that are about to end; the others are left to themselves."""


class Workers:
    """Threads for work that may block: one for each piece, up to a limit."""

    def __init__(self, limit: int = HANDLERS_AT_ONCE) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._threads: list[threading.Thread] = []
        self._busy = 0

    def run(self, work: Callable[[], None]) -> None:
        """Have `work`, which must not raise, done soon.

        Raises:
            RuntimeError: no thread can be started.
        """
        with self._lock:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            if self._busy == self._limit:
                self._waiting.append(work)
                return
            thread = threading.Thread(target=self._work, args=(work,), name="codex-app-server-handler", daemon=True)
            thread.start()
            self._threads.append(thread)
            self._busy += 1

    def close(self) -> None:
        """Begin nothing more, and give what runs a moment to end."""
        with self._lock:
            self._waiting.clear()
            threads = self._threads
        deadline = monotonic() + MOMENT_SECONDS
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - monotonic()))

    def _work(self, work: Callable[[], None] | None) -> None:
        while work is not None:
            work()
            with self._lock:
                work = self._waiting.popleft() if self._waiting else None
                if work is None:
                    self._busy -= 1


class Answerer:
    """Answers the server's requests for one client.

    Args:
        send: sends the answer to a request, if the server still waits; from any thread.
        timeout_seconds: until a handled request is declined; None for never.
    """

    def __init__(self, send: Callable[[Asked, bytes], None], timeout_seconds: float | None) -> None:
        self._send = send
        self._timeout_seconds = timeout_seconds
        self._handlers = Handlers()
        self._workers = Workers()
        self._deadlines: list[threading.Timer] = []

    def handle(
        self, method: ServerRequest[P, R], handler: Callable[[Request[P, R]], Any] | None, thread_id: str | None
    ) -> None:
        """Have `handler` answer; see `AppServerClient.handle`."""
        if handler is not None and is_async(handler):
            raise UsageError(f"the handler of {method.name} is a coroutine function; AsyncCodex runs those")
        self._handlers.set(method, handler, thread_id)

    def forget(self, thread_id: str) -> None:
        """Nobody answers for that thread any more."""
        self._handlers.forget(thread_id)

    def answer(self, asked: Asked) -> None:
        """Begin to answer; nothing here blocks."""
        found = self._handlers.find(asked)
        if found is None:
            self._send(asked, self._handlers.refuse(asked))
            return
        method, handler = found
        request = Request(asked, method, self._send)
        try:
            if self._timeout_seconds is not None:
                self._set_deadline(asked, self._timeout_seconds)
            self._workers.run(partial(self._run, asked, request, handler))
        except RuntimeError as error:
            self._fail(asked, "no thread can be started for its handler:", error)

    def close(self) -> None:
        """Begin nothing more, when nobody waits any more."""
        self._workers.close()
        for timer in self._deadlines:
            if timer is not threading.current_thread():
                timer.join(MOMENT_SECONDS)

    def _run(self, asked: Asked, request: Request[P, R], handler: Callable[[Request[P, R]], Any]) -> None:
        if asked.resolved:
            return
        try:
            result = handler(request)
            if hasattr(result, "__await__"):
                refuse_awaitable(result)
            if result is not None:
                request.respond(result)
        except BaseException as error:  # noqa: BLE001 - whatever it raises: the server waits for an answer
            self._fail(asked, "its handler raised", error)

    def _set_deadline(self, asked: Asked, seconds: float) -> None:
        late = f"its handler gave no answer within {seconds} s"
        timer = threading.Timer(seconds, self._fail, (asked, late))
        timer.daemon = True
        timer.name = "codex-app-server-deadline"
        timer.start()
        self._deadlines = [*filter(threading.Timer.is_alive, self._deadlines), timer]

        def stop(*, answered: bool) -> None:  # noqa: ARG001 - the seam's signature
            timer.cancel()

        asked.stop = stop
        if asked.resolved:
            timer.cancel()

    def _fail(self, asked: Asked, reason: str, error: BaseException | None = None) -> None:
        if not asked.resolved:
            self._send(asked, failure(asked, reason, error))
