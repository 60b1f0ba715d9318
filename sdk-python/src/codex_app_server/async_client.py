"""AsyncAppServerClient: one connection to an app-server, for asyncio."""

from __future__ import annotations

import asyncio
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from . import _handshake, _typed
from ._asked import Asked
from ._async_answerer import AsyncAnswerer
from ._async_open import open_channel
from ._keywords import params_of
from ._leftovers import log_fault
from ._mailbox import settle
from ._pace import Pace
from ._patience import silence_left
from ._protocol import Fault, encode_notification
from ._session import Session
from .config import AppServerConfig, check_seconds, choose_seconds
from .errors import ConnectionClosedError, RequestTimeoutError, ServerError, StartTimeoutError, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from ._async_open import AsyncChannel
    from ._async_reconnect import AsyncReconnector
    from ._mailbox import Mailbox
    from ._methods import Method, NotificationMethod, ServerRequest
    from ._patience import Patience
    from ._requests import AsyncHandler
    from ._sequel import Sequel
    from ._turns import OpenTurn, TurnResult
    from ._typed import Notification
    from ._window import Reply
    from .config import Deadline
    from .errors import AppServerError
    from .generated.v2_all import InitializeResponse

P = TypeVar("P")
R = TypeVar("R")
S = TypeVar("S")


class AsyncAppServerClient:
    """One connection to an app-server, its own or that at `config.url`; any number of tasks of one loop may use it.

    A context manager: entering starts and initializes the server, leaving closes it.
    """

    def __init__(self, config: AppServerConfig | None = None) -> None:
        self.config = config or AppServerConfig()
        self._session = Session()
        self._pace = Pace()
        self._starting = asyncio.Lock()
        self._channel: AsyncChannel | None = None
        self._reconnector: AsyncReconnector | None = None
        if self.config.url is not None and self.config.reconnect_timeout_seconds is not None:
            from ._async_reconnect import AsyncReconnector  # noqa: PLC0415 - a server of our own is not reached again

            self._reconnector = AsyncReconnector(self, self._session, self.config.reconnect_timeout_seconds)
        self._metadata: InitializeResponse | None = None
        self._answerer = AsyncAnswerer(self._answer, self.config.handler_timeout_seconds)
        self._session.threads.ended = self._answerer.forget
        if self.config.tracing:
            from ._tracing import trace_async  # noqa: PLC0415 - an extra

            trace_async(self, provider=self.config.tracing)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
            await self.initialize()
        except BaseException:  # cancellation as well: without an entered context nobody would close it
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Start the server's process, or connect to `config.url`; once that is done, this does nothing.

        Raises:
            BinaryNotFoundError: there is none to start.
            StartTimeoutError: there was no connection in time.
            ConnectionClosedError: nobody is there, or this client has been closed.
        """
        async with self._starting:
            self._session.check_open()
            if self._channel is None:
                await self.open_channel(self.config.start_timeout_seconds)
        _handshake.get_ready()

    async def initialize(self, *, timeout_seconds: Deadline = ...) -> InitializeResponse:
        """Shake hands, once; what the server tells about itself. If that fails, the client is closed.

        Raises:
            StartTimeoutError: there was no answer in time.
            IncompatibleServerError: the server is none that this SDK can talk to.
            ConnectionClosedError: the server ended.
        """
        async with self._starting:
            if self._metadata is None:
                seconds = choose_seconds(timeout_seconds, self.config.start_timeout_seconds)
                self._metadata = await self._shake_hands(seconds)
        return self._metadata

    @property
    def initialized(self) -> InitializeResponse:
        """What the server told about itself.

        Raises:
            UsageError: it has not been initialized.
        """
        if self._metadata is None:
            raise UsageError("the server has not been initialized yet; enter the client or use it first")
        return self._metadata

    async def request(
        self, method: Method[P, R], params: P | Mapping[str, Any] | None = None, *, timeout_seconds: Deadline = ...
    ) -> R:
        """Make a request and wait for its result.

        Args:
            method: a constant of `codex_app_server.generated.methods`.
            params: its params, typed or as a mapping with the wire's names.
            timeout_seconds: for the answer; the time in the queue counts.

        Raises:
            ServerError: the server refused; the class tells how.
            RequestTimeoutError: there was no answer in time. The server may still do what was asked.
            ConnectionClosedError: the server ended, or the client was closed.
            UsageError: `params` cannot be sent.
        """
        # The server wants the key even where all in it is optional.
        reply = await self.exchange(method.name, {} if params is None else params, timeout_seconds)
        return _typed.result(method, reply.line)

    async def notify(self, method: NotificationMethod[P], params: P | Mapping[str, Any] | None = None) -> None:
        """Tell the server something that has no answer.

        Raises:
            ConnectionClosedError: the server ended, or the client was closed.
            UsageError: `params` cannot be sent.
        """
        self._send(encode_notification(method.name, params))

    def handle(
        self, method: ServerRequest[P, R], handler: AsyncHandler[P, R] | None, *, thread_id: str | None = None
    ) -> None:
        """Have `handler` answer a request of the server's, off the reader: it may take minutes, and use this client.

        What it returns is the answer; after None, `respond` of its argument must be called, from anywhere. When it
        raises, takes longer than `handler_timeout_seconds` or returns what is no answer, the request is declined.

        Args:
            method: a constant of `codex_app_server.generated.methods`.
            handler: in place of an earlier one; None for none.
            thread_id: for one thread only, before the handler for all.

        Raises:
            UsageError: `handler` cannot be called so.
        """
        self._answerer.handle(method, handler, thread_id)

    def notifications(self, *, timeout_seconds: float | None = None) -> AsyncIterator[Notification[Any]]:
        """What the server tells apart from turns, from the start on; ends when the client is closed.

        Up to 8 MiB wait to be read; `dropped_notifications` counts what did not fit.

        Args:
            timeout_seconds: how long to wait for each.

        Raises:
            RequestTimeoutError: none came in time.
            ConnectionClosedError: the server ended.
        """
        check_seconds("timeout_seconds", timeout_seconds)
        return self.read(self._session.notifications, partial(silence_left, timeout_seconds))

    @property
    def dropped_notifications(self) -> int:
        """How many notifications were given up because nobody read them in time."""
        return self._session.notifications.dropped

    async def close(self, *, timeout_seconds: Deadline = ...) -> None:
        """End the server and free everything; repeatable, never raises. Whoever waits gets a ConnectionClosedError.

        Args:
            timeout_seconds: for the server to end by itself; then it is killed.
        """
        seconds = choose_seconds(timeout_seconds, self.config.close_timeout_seconds)
        self._session.close(ConnectionClosedError("the client was closed"), orderly=True)
        if self._reconnector is not None:
            await self._reconnector.stop()
        await self.drop_channel(seconds)
        await self._answerer.close()

    # What follows is for `async_codex.py` and `_async_reconnect.py`.

    async def open_channel(self, timeout_seconds: float | None) -> None:
        """Reach the server, in place of an earlier connection; raises what `start` does."""
        channel = await open_channel(self.config, timeout_seconds, self._receive, self._ended)
        self._channel = channel
        if self._session.closed is not None:  # somebody closed it meanwhile, and found nothing to stop
            await channel.stop(0)
            self._session.check_open()

    async def drop_channel(self, grace_seconds: float | None = 0) -> None:
        """End the connection."""
        if self._channel is not None:
            await self._channel.stop(grace_seconds)

    def flush(self) -> None:
        """Write what has to be written; under the lock."""
        data = self._session.data_to_send()
        if data and self._channel is not None:
            self._channel.write(data)

    async def ask(
        self,
        method: Method[P, R],
        options: Mapping[str, Any],
        timeout_seconds: Deadline,
        **required: object,
    ) -> R:
        """Make a request with keywords for its params; raises what `request` raises, and TypeError for a wrong one."""
        params = params_of(method, options, **required)
        return await self.request(method, params, timeout_seconds=timeout_seconds)

    async def exchange(
        self,
        method: str,
        params: object,
        timeout_seconds: Deadline = ...,
        sequel: Sequel[Any] | None = None,
        *,
        urgent: AppServerError | None = None,
    ) -> Reply:
        """Make a request and wait for its answer, undecoded; raises what `request` does; `urgent` is a loss to mend."""
        seconds = choose_seconds(timeout_seconds, self.config.request_timeout_seconds)
        self._check_started()
        waiter: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        request_id = self._session.request(method, params, waiter, sequel, urgent=urgent)
        self.flush()
        late = RequestTimeoutError(f"{method}: no answer within {seconds} s")
        timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, settle, [waiter], late)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and not waiter.exception():  # answered in the same moment
                self._session.disown(waiter.result(), method, params)
            raise
        finally:  # also when the caller is cancelled
            if timer is not None:
                timer.cancel()
            self._session.forget(request_id)
            self.flush()

    def turn(self, turn_id: str) -> OpenTurn:
        """What the connection knows of a turn."""
        return self._session.turn(turn_id)

    def open_mailbox(self, turn: OpenTurn) -> Mailbox:
        """A mailbox for the events of a turn: from its very first for the first one, from its record on for others."""
        return turn.read()

    def close_mailbox(self, turn: OpenTurn, mailbox: Mailbox) -> None:
        """Keep no more events in `mailbox`."""
        turn.stop_reading(mailbox)

    async def read(
        self, mailbox: Mailbox, left: Callable[[float, float], float | None]
    ) -> AsyncIterator[Notification[Any]]:
        """What comes into `mailbox`, until its end.

        Args:
            mailbox: where it comes.
            left: given since when the caller waits, and the time now, tells how many seconds it may, or raises.
        """
        since, ready = monotonic(), mailbox.ready
        while mailbox.refill():
            now = monotonic()
            seconds = left(now if ready else since, now)
            if not ready:
                await self._wait(mailbox, seconds)
                continue
            while ready:
                yield _typed.notification(ready.pop())
            since = monotonic()  # the time that the caller took is no silence

    async def wait_for_turn(self, turn: OpenTurn, patience: Patience) -> TurnResult:
        """The result of the turn, at its end; raises what `patience` does, and ConnectionClosedError."""
        while not turn.over:
            await self._wait(turn, patience.left(turn, 0.0, monotonic()))
        return turn.result()

    async def wait_for_beginning(self, turn: OpenTurn, left: Callable[[float], float | None]) -> None:
        """Return once the turn has begun; raises what `left`, told the time, does, and ConnectionClosedError."""
        while not turn.record:
            await self._wait(turn, left(monotonic()))

    async def wait_for(self, sequel: Sequel[S], what: str, timeout_seconds: float | None) -> S:
        """What `sequel` finds; raises RequestTimeoutError, which says `what`, and ConnectionClosedError."""
        since = monotonic()
        while (found := sequel.found) is None:
            await self._wait(sequel, silence_left(timeout_seconds, since, monotonic(), what))
        return found

    async def _shake_hands(self, seconds: float | None) -> InitializeResponse:
        try:
            reply = await self.exchange(_handshake.METHOD, _handshake.params(self.config), seconds)
            metadata = _handshake.metadata(reply.line)
            self._session.versions = _handshake.note_versions(metadata, self.config)
            self._send(encode_notification(_handshake.DONE))
        except RequestTimeoutError:
            await self.close()
            raise StartTimeoutError(f"the server was not ready within {seconds} s") from None
        except ServerError as error:
            await self.close()
            raise _handshake.refused(error) from error
        except BaseException:  # cancellation as well: a connection that is half open is of no use
            await self.close()
            raise
        return metadata

    async def _wait(self, source: Mailbox | OpenTurn | Sequel[Any], seconds: float | None) -> None:
        """Return at the next change of `source` or after `seconds`, whichever is first."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        source.wait(waiter)
        timer = None if seconds is None else loop.call_later(seconds, settle, [waiter])
        try:
            await waiter
        finally:
            if timer is not None:
                timer.cancel()
            source.forget(waiter)

    def _send(self, line: bytes) -> None:
        self._check_started()
        self._session.send(line)
        self.flush()

    def _check_started(self) -> None:
        if self._channel is None and self._session.closed is None:
            raise UsageError("the client has not been started; call start() and initialize(), or use `async with`")

    def _receive(self, data: bytes) -> float:
        """In the loop's callback: settle and deliver, then see to the rest."""
        now = monotonic()
        left = self._session.receive(data, now)
        self.flush()
        for message in left:
            match message:
                case Asked():
                    self._answerer.answer(message)
                case Fault():
                    log_fault(message)
        hurried, pressed = self._session.hurried, self._session.pressed
        return self._pace.pause_seconds(len(data), now, hurried=hurried, pressed=pressed)

    def _answer(self, asked: Asked, line: bytes) -> None:
        self._session.answer(asked, line, monotonic())
        self.flush()

    def _ended(self, reason: AppServerError) -> None:
        if self._reconnector is None or self._metadata is None:
            self._session.close(reason)
        elif self._session.lose(reason):
            self._reconnector.begin()
