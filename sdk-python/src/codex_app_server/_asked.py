"""Requests of the server's that wait for an answer: whom they are about, and how long. No I/O; the shells lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._protocol import Call, Event, RequestId
    from ._turns import OpenTurn

RESOLVED = "serverRequest/resolved"


class _Names(msgspec.Struct, gc=False):
    """What the params of all requests have in common; `conversationId` is the older word for the thread."""

    thread_id: str | None = msgspec.field(default=None, name="threadId")
    conversation_id: str | None = msgspec.field(default=None, name="conversationId")
    turn_id: str | None = msgspec.field(default=None, name="turnId")
    item_id: str | None = msgspec.field(default=None, name="itemId")
    request_id: int | str | None = msgspec.field(default=None, name="requestId")


class _Line(msgspec.Struct, gc=False):
    params: _Names | None = None


_decode = msgspec.json.Decoder(_Line).decode


class Stop(Protocol):
    """What the shell does when the server no longer waits."""

    def __call__(self, *, answered: bool) -> None:
        """Do it."""


class Asked:
    """A request of the server's, from its arrival until the server no longer waits.

    Attributes:
        resolved: whether the server no longer waits.
        started: the newest beginnings of items in its turn, one of which it may be about.
        stop: called when the server no longer waits, told whether it has its answer; for the shell to set.
    """

    __slots__ = ("call", "item_id", "resolved", "started", "stop", "thread_id", "turn", "turn_id")

    def __init__(self, call: Call) -> None:
        names = _names(call.line)
        self.call = call
        self.thread_id = names.thread_id or names.conversation_id
        self.turn_id = names.turn_id
        self.item_id = names.item_id
        self.resolved = False
        self.started: tuple[Event, ...] = ()
        self.stop: Stop | None = None
        self.turn: OpenTurn | None = None

    def join(self, turn: OpenTurn) -> None:
        """It is asked in this turn, which waits with the server."""
        self.started = tuple(turn.started)
        if not self.resolved:
            self.turn = turn
            turn.unanswered += 1

    def end(self, now: float, *, answered: bool) -> None:
        """The server no longer waits, as of `now` on the shell's clock."""
        self.resolved = True
        if self.turn is not None:
            self.turn.unanswered -= 1
            self.turn.last_event_at = max(self.turn.last_event_at, now)
        if self.stop is not None:
            self.stop(answered=answered)


class OpenRequests:
    """Those of one connection that still wait."""

    def __init__(self) -> None:
        self._open: dict[RequestId, Asked] = {}

    def open(self, call: Call, now: float) -> Asked:
        """One more; an older one with the same id is given up."""
        self.settle(call.id, now)
        asked = self._open[call.id] = Asked(call)
        return asked

    def settle(self, request_id: RequestId, now: float, *, answered: bool = False) -> bool:
        """It has its answer, or needs none; whether it was still waiting."""
        asked = self._open.pop(request_id, None)
        if asked is not None:
            asked.end(now, answered=answered)
        return asked is not None

    def resolve(self, events: Iterable[Event], now: float) -> None:
        """Settle those of which the server says among `events` that it no longer waits."""
        for event in events:
            if event.method == RESOLVED:
                request_id = _names(event.line).request_id
                if request_id is not None:
                    self.settle(request_id, now)

    def end_turn(self, turn_id: str, now: float) -> None:
        """Settle all of a turn that is over."""
        for asked in [asked for asked in self._open.values() if asked.turn_id == turn_id]:
            self.settle(asked.call.id, now)

    def close(self) -> None:
        """The connection is lost: settle all."""
        for request_id in list(self._open):
            self.settle(request_id, 0.0)  # when no longer matters


def _names(line: bytes) -> _Names:
    try:
        return _decode(line).params or _Names()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _Names()  # of an unknown shape; its handler will see
