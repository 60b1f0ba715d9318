"""Events of one turn -> TurnResult. No I/O, no clock; the shells lock.

A turn records its authoritative events as they come, whether anybody reads or not, so its result can be had at any time
after its end and from any number of handles.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Generic

import msgspec

from . import _typed
from ._mailbox import Mailbox, Waiter, settle, wake
from ._shown import hide
from .errors import OutputMismatch, ProtocolError, TurnFailedError, TurnInterruptedError

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from ._protocol import Event
    from .errors import AppServerError

    T = TypeVar("T", default=Any)  # a type checker takes it for a turn without an `output_type`
else:
    from typing import TypeVar

    T = TypeVar("T")

USAGE = "thread/tokenUsage/updated"
ERROR = "error"
ITEM = "item/completed"
BEGINNING = "item/started"
END = "turn/completed"
NOTED = frozenset({"turn/started", BEGINNING, ITEM, USAGE, ERROR, END})
BEGINNINGS = 32
"""How many of the newest beginnings of items are kept: an approval names its item, and only its beginning says more."""


class OpenTurn:
    """A turn as the connection sees it: its record, who reads its events, who waits for its end.

    Attributes:
        last_event_at: when its newest event came, or the server got the newest answer that it waited for, on the
            shell's clock; 0 when nothing has.
        unanswered: for how many answers of ours the server waits in it.
        over: whether `turn/completed` has come.
        claimed: how many callers know of it.
        started: the newest beginnings of items.
    """

    def __init__(self, turn_id: str, limit_bytes: int) -> None:
        self.turn_id = turn_id
        self.last_event_at = 0.0
        self.unanswered = 0
        self.over = False
        self.claimed = 0
        self.started: deque[Event] = deque(maxlen=BEGINNINGS)
        self._limit_bytes = limit_bytes
        self._record: list[Event] = []
        self._backlog: Mailbox | None = Mailbox(limit_bytes)
        self._readers: list[Mailbox] = [self._backlog]
        self._waiters: list[Waiter] = []
        self._reason: AppServerError | None = None

    @property
    def record(self) -> tuple[Event, ...]:
        """Its authoritative events so far."""
        return tuple(self._record)

    @property
    def size_bytes(self) -> int:
        """Roughly what it holds in memory."""
        lines = sum(len(event.line) for event in (*self._record, *self.started))
        return lines + sum(reader.size_bytes for reader in self._readers)

    @property
    def pressed(self) -> bool:
        """Whether one of its readers has just fallen behind."""
        return any(reader.pressed for reader in self._readers)

    def claim(self, limit_bytes: int) -> None:
        """Somebody knows of it now: keep up to `limit_bytes` for each reader."""
        self.claimed += 1
        self._limit_bytes = limit_bytes
        if self._backlog is not None:
            self._backlog.limit_bytes = limit_bytes

    def receive(self, events: list[Event], now: float) -> list[Event]:
        """Record and hand on `events`; returns those that came after the end."""
        late: list[Event] = []
        for index, event in enumerate(events):
            if self.over:
                events, late = events[:index], events[index:]
                break
            if event.method in NOTED:
                self._note(event)
        self.last_event_at = now
        for reader in self._readers:
            reader.put(events)
        if self.over and events:
            self._end(None)
        return late

    def read(self) -> Mailbox:
        """A mailbox of its events: for the first reader from the very first event, for others from the record on."""
        mailbox, self._backlog = self._backlog, None
        if mailbox is None:
            mailbox = Mailbox(self._limit_bytes)
            mailbox.put(self._record)
            if self.over or self._reason:
                mailbox.close(self._reason)
            else:
                self._readers.append(mailbox)
        return mailbox

    def stop_reading(self, mailbox: Mailbox) -> None:
        """Keep no more events for `mailbox`."""
        if mailbox in self._readers:
            self._readers.remove(mailbox)

    def wait(self, waiter: Waiter) -> None:
        """Settle `waiter` when the turn begins and when it ends, with an error when the connection is lost before."""
        if self.over or self._reason is not None:
            settle([waiter], None if self.over else self._reason)
        else:
            self._waiters.append(waiter)

    def forget(self, waiter: Waiter) -> None:
        """Let `waiter` be: it has given up."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def close(self, reason: AppServerError) -> None:
        """The connection is lost: an end will not come."""
        if not self.over:
            self._reason = reason
            self._end(reason)

    def result(self) -> TurnResult:
        """What the turn came to, once it is over."""
        return collect(self._record)

    def _note(self, event: Event) -> None:
        if event.method == BEGINNING:
            self.started.append(event)
            return
        if event.method == USAGE:  # only the newest counts
            self._record = [earlier for earlier in self._record if earlier.method != USAGE]
        self._record.append(event)
        if len(self._record) == 1:
            wake(self._waiters)
        self.over = event.method == END

    def _end(self, reason: AppServerError | None) -> None:
        self.started.clear()
        wake(self._waiters, reason)
        for reader in self._readers:
            reader.close(reason)


class TurnResult(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What a turn came to.

    Attributes:
        status: `completed`, `interrupted` or `failed`.
        error: why it failed, with `codex_error_info`; None when it did not.
        items: every item that was completed, in order.
        final_response: the text of the last message that is not mere commentary, None when there is none.
        usage: the newest token usage, None when none came.
        started_at: Unix time in seconds, if known.
        completed_at: Unix time in seconds, if known.
        duration_seconds: if known.
    """

    id: str
    thread_id: str
    status: str
    error: Any | None
    items: list[Any]
    final_response: str | None
    usage: Any | None
    started_at: int | None
    completed_at: int | None
    duration_seconds: float | None
    _outcome: Any = None

    __repr__, __rich_repr__ = hide("_outcome")

    @property
    def output(self) -> T:
        """The last message as `output_type`, or as plain JSON after an `output_schema`; None when neither was given.

        Raises:
            OutputMismatch: the message does not fit.
            TurnInterruptedError: the turn was interrupted.
            TurnFailedError: it has any other status.
        """
        self.raise_for_status()
        if isinstance(self._outcome, OutputMismatch):
            raise self._outcome.with_traceback(None)  # else each access would lengthen it
        return self._outcome  # type: ignore[no-any-return] # `_output.filled` put it there

    def raise_for_status(self) -> TurnResult[T]:
        """This result, when the turn completed.

        Raises:
            TurnInterruptedError: it was interrupted.
            TurnFailedError: it has any other status.
        """
        if self.status == "completed":
            return self
        if self.status == "interrupted":
            raise TurnInterruptedError(f"turn {self.id} was interrupted", turn_id=self.id, error=self.error)
        reason = getattr(self.error, "message", "the server gave no reason")
        raise TurnFailedError(f"turn {self.id} {self.status}: {reason}", turn_id=self.id, error=self.error)


def collect(record: list[Event]) -> TurnResult:
    """The result that the recorded events of a finished turn add up to."""
    told: dict[str, Any] = {}
    items: list[Any] = []
    for event in dict.fromkeys(record):  # what the server repeats counts once
        params = _typed.notification(event).params
        told[event.method] = params
        if event.method == ITEM:
            items.append(getattr(params, "item", params))  # the whole when it is nested more deeply than can be read
    turn: Any = getattr(told.get(END), "turn", None)
    if not hasattr(turn, "status"):
        raise ProtocolError(f"turn {record[-1].turn_id} ended with something else than a turn")
    error = turn.error or (getattr(told.get(ERROR), "error", None) if turn.status == "failed" else None)
    return TurnResult(
        id=turn.id,
        thread_id=told[END].thread_id,
        status=turn.status,
        error=error,
        items=items,
        final_response=_final_response(items),
        usage=getattr(told.get(USAGE), "token_usage", None),
        started_at=turn.started_at,
        completed_at=turn.completed_at,
        duration_seconds=turn.duration_ms / 1000 if isinstance(turn.duration_ms, (int, float)) else None,
    )


def _final_response(items: list[Any]) -> str | None:
    said = (item for item in reversed(items) if getattr(item, "type", None) == "agentMessage")
    whole = (each for each in said if each.phase not in ("commentary", "partial_answer"))
    return next((each.text for each in whole if isinstance(each.text, str)), None)
