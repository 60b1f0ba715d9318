"""Turn: one run of the model, for threads."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._item_views import ItemViews
from ._output import filled
from ._patience import Patience, silence_left
from ._requests import refuse_awaitable
from ._turns import T
from .config import choose_seconds
from .errors import AppServerError, InvalidRequestError
from .generated import methods as m
from .inputs import to_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from typing_extensions import Unpack

    from ._item_views import ItemView
    from ._mailbox import Mailbox
    from ._methods import Method
    from ._output import Expected
    from ._turns import OpenTurn, TurnResult
    from ._typed import Notification
    from .client import AppServerClient
    from .config import Deadline
    from .generated import v2_all as t
    from .inputs import TurnInput

P = TypeVar("P")

INTERRUPT_SECONDS = 1.0
"""How long giving up a turn may take: the caller wants to go on."""


class Turn(Generic[T]):
    """One run of the model within a thread; several handles on the same turn do not disturb each other."""

    def __init__(
        self, client: AppServerClient, thread_id: str, turn: OpenTurn, expected: Expected[T] | None = None
    ) -> None:
        self._client = client
        self._turn = turn
        self._expected = expected
        self._mailbox: Mailbox | None = None
        self._unread = [client.open_mailbox(turn)]  # whoever pops it has it: a reader, or `run` to let go of it
        self._views = ItemViews()
        self.thread_id = thread_id
        self.id = turn.turn_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    def run(
        self,
        *,
        on_event: Callable[[Notification[Any]], object] | None = None,
        turn_timeout_seconds: Deadline = ...,
        idle_timeout_seconds: Deadline = ...,
    ) -> TurnResult[T]:
        """Wait for the end and collect the result, whatever its status; see `TurnResult.raise_for_status`.

        A caller that stops waiting, at a deadline or because it is interrupted, interrupts the turn.

        Args:
            on_event: is called with each notification as it comes, where `run` was called; on the asynchronous half it
                may be a coroutine function, which is awaited. What it raises ends the wait.
            turn_timeout_seconds: for the rest of the turn.
            idle_timeout_seconds: for the silence between two events.

        Raises:
            TurnTimeoutError: a deadline passed.
            ConnectionClosedError: the server ended before the turn did.
        """
        if on_event is None and (unread := self._take_unread()) is not None:
            self._client.close_mailbox(self._turn, unread)
        try:
            patience = self._patience(turn_timeout_seconds, idle_timeout_seconds)
            if on_event is not None:
                self._tell(on_event, patience)
            return filled(self._client.wait_for_turn(self._turn, patience), self._expected)
        except BaseException:  # Ctrl-C as well: nobody waits for the turn any more
            if not self._turn.over:
                with suppress(AppServerError):
                    self.interrupt(timeout_seconds=INTERRUPT_SECONDS)
            raise

    def stream(
        self, *, turn_timeout_seconds: Deadline = ..., idle_timeout_seconds: Deadline = ...
    ) -> Iterator[Notification[Any]]:
        """The turn's notifications as they come, from its very first to `turn/completed`.

        Leaving early is fine: the turn goes on, and another call continues where this one stopped. After a `run` that
        nobody followed it is told as it is recorded: its finished items and its end, without deltas.

        Args:
            turn_timeout_seconds: for the rest of the turn.
            idle_timeout_seconds: for the silence between two events.

        Raises:
            TurnTimeoutError: a deadline passed; the turn may still be running.
            ConnectionClosedError: the server ended before the turn did.
        """
        patience = self._patience(turn_timeout_seconds, idle_timeout_seconds)
        return self._client.read(self._follow(), partial(patience.left, self._turn))

    def text(self, *, turn_timeout_seconds: Deadline = ..., idle_timeout_seconds: Deadline = ...) -> Iterator[str]:
        """What the agent says, piece by piece: of all its messages, comments on its work included.

        An empty line is put before each message but the first. For one message only see `events`, and for the last
        one `TurnResult.final_response`. Deadlines, errors and leaving early are those of `stream`.
        """
        events = self.stream(turn_timeout_seconds=turn_timeout_seconds, idle_timeout_seconds=idle_timeout_seconds)
        return (piece for each in events if (piece := self._views.take_text(each)))

    def events(
        self, *, turn_timeout_seconds: Deadline = ..., idle_timeout_seconds: Deadline = ...
    ) -> Iterator[ItemView]:
        """The turn's items as they grow: one view for each item, given again at each of its steps.

        Deadlines, errors and leaving early are those of `stream`.
        """
        events = self.stream(turn_timeout_seconds=turn_timeout_seconds, idle_timeout_seconds=idle_timeout_seconds)
        return (view for each in events if (view := self._views.take(each)) is not None)

    @property
    def dropped_notifications(self) -> int:
        """How many notifications `stream` had to give up because they were not read in time: deltas first."""
        mailbox = self._mailbox or next(iter(self._unread), None)
        return 0 if mailbox is None else mailbox.dropped

    def steer(
        self,
        input: TurnInput,  # noqa: A002 - the wire's word
        *,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.TurnSteerKeywords],
    ) -> None:
        """Say something to the running turn."""
        self._ask(m.TURN_STEER, options, timeout_seconds, expected_turn_id=self.id, input=to_wire(input))

    def interrupt(self, *, timeout_seconds: Deadline = ...) -> None:
        """Stop the turn, which then ends with the status `interrupted`; one that is over is let be."""
        if not self._turn.over:
            try:
                self._ask(m.TURN_INTERRUPT, {}, timeout_seconds, turn_id=self.id)
            except InvalidRequestError:
                if not self._turn.over:  # it may have ended meanwhile
                    raise

    def _ask(
        self, method: Method[P, Any], options: Mapping[str, Any], timeout_seconds: Deadline, **required: object
    ) -> None:
        """Ask for something to be done to the turn; again, if it is refused because the turn has not begun yet."""
        seconds, since = choose_seconds(timeout_seconds, self._client.config.request_timeout_seconds), monotonic()
        begun = bool(self._turn.record)
        try:
            self._client.ask(method, options, seconds, thread_id=self.thread_id, **required)
        except InvalidRequestError:
            if begun:
                raise
            left = partial(silence_left, seconds, since, what=f"{method.name}: the turn has not begun")
            self._client.wait_for_beginning(self._turn, left)
            self._client.ask(method, options, left(monotonic()), thread_id=self.thread_id, **required)

    def _follow(self) -> Mailbox:
        """Where the notifications come; from now on `run` does not let go of it."""
        self._mailbox = mailbox = self._mailbox or self._take_unread() or self._client.open_mailbox(self._turn)
        return mailbox

    def _take_unread(self) -> Mailbox | None:
        try:
            return self._unread.pop()  # one step, whatever other threads do
        except IndexError:
            return None

    def _tell(self, on_event: Callable[[Notification[Any]], object], patience: Patience) -> None:
        for each in self._client.read(self._follow(), partial(patience.left, self._turn)):
            answer = on_event(each)
            if hasattr(answer, "__await__"):
                refuse_awaitable(answer, "on_event")

    def _patience(self, turn_timeout: Deadline, idle_timeout: Deadline) -> Patience:
        config = self._client.config
        return Patience(
            choose_seconds(turn_timeout, config.turn_timeout_seconds),
            choose_seconds(idle_timeout, config.idle_timeout_seconds),
            monotonic(),
        )
