"""The handlers of an asynchronous client's: coroutine functions as tasks, plain functions on threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeVar

from ._answerer import MOMENT_SECONDS, Workers
from ._requests import Handlers, Request, failure, is_async

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._asked import Asked
    from ._methods import ServerRequest

P = TypeVar("P")
R = TypeVar("R")


class AsyncAnswerer:
    """Answers the server's requests for one client.

    Args:
        send: sends the answer to a request, if the server still waits; in the event loop.
        timeout_seconds: until a handled request is declined; None for never.
    """

    def __init__(self, send: Callable[[Asked, bytes], None], timeout_seconds: float | None) -> None:
        self._send = send
        self._timeout_seconds = timeout_seconds
        self._handlers = Handlers()
        self._workers = Workers()
        self._tasks: set[asyncio.Task[None]] = set()

    def handle(
        self, method: ServerRequest[P, R], handler: Callable[[Request[P, R]], Any] | None, thread_id: str | None
    ) -> None:
        """Have `handler` answer; see `AsyncAppServerClient.handle`."""
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
        loop = asyncio.get_running_loop()
        request = Request(asked, method, partial(self._send_from_anywhere, loop))
        task = loop.create_task(self._run(asked, request, handler))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._stop_in_time(asked, task)

    async def close(self) -> None:
        """Begin nothing more; what runs has been cancelled."""
        tasks = self._tasks - {asyncio.current_task()}
        if tasks:
            await asyncio.wait(tasks, timeout=MOMENT_SECONDS)
        self._workers.close()

    async def _run(self, asked: Asked, request: Request[P, R], handler: Callable[[Request[P, R]], Any]) -> None:
        if asked.resolved:
            return
        try:
            result = await self._call(handler, request)
            if result is not None:
                request.respond(result)
        except BaseException as error:  # whatever it raises: the server waits for an answer
            self._fail(asked, "its handler raised", error)
            if not isinstance(error, Exception):
                raise

    async def _call(self, handler: Callable[[Request[P, R]], Any], request: Request[P, R]) -> Any:  # noqa: ANN401 - any result
        if is_async(handler):
            return await handler(request)
        outcome: concurrent.futures.Future[tuple[Any, BaseException | None]] = concurrent.futures.Future()
        self._workers.run(partial(_work, handler, request, outcome))
        result, error = await asyncio.wrap_future(outcome)
        if error is not None:
            raise error
        return await result if isawaitable(result) else result

    def _stop_in_time(self, asked: Asked, task: asyncio.Task[None]) -> None:
        """Cancel the task when the server no longer waits, and decline when the deadline has come."""
        seconds = self._timeout_seconds
        timer = None if seconds is None else task.get_loop().call_later(seconds, self._expire, asked, task)

        def stop(*, answered: bool) -> None:
            if timer is not None:
                timer.cancel()
            if not answered and task is not asyncio.current_task():
                task.cancel()

        asked.stop = stop
        if asked.resolved:
            stop(answered=False)

    def _expire(self, asked: Asked, task: asyncio.Task[None]) -> None:
        self._fail(asked, f"its handler gave no answer within {self._timeout_seconds} s")
        task.cancel()

    def _fail(self, asked: Asked, reason: str, error: BaseException | None = None) -> None:
        if not asked.resolved:
            self._send(asked, failure(asked, reason, error))

    def _send_from_anywhere(self, loop: asyncio.AbstractEventLoop, asked: Asked, line: bytes) -> None:
        try:
            here = asyncio.get_running_loop() is loop
        except RuntimeError:
            here = False
        if here:
            self._send(asked, line)
        else:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._send, asked, line)


def _work(
    handler: Callable[[Request[P, R]], Any],
    request: Request[P, R],
    outcome: concurrent.futures.Future[tuple[Any, BaseException | None]],
) -> None:
    if outcome.set_running_or_notify_cancel():
        try:
            outcome.set_result((handler(request), None))
        except BaseException as error:  # noqa: BLE001 - it is raised where the handler is awaited
            outcome.set_result((None, error))
