"""Which message belongs to which waiter or turn. No I/O, no clock, no user code; the shells lock.

* After `receive`, write `data_to_send()` and handle the calls and faults that it returned.
* After any other method, write `data_to_send()`.

A waiter is a future of the shell's. The session settles it, with a `Reply` or an error, and never times out: a shell
that gives up calls `forget`. Closing is an event like others: `close(reason)` fails every waiter, and every later call
raises.

Memory: a turn that somebody holds keeps up to UNREAD_TURN_BYTES of events for each of its readers; the notifications of
the connection take UNREAD_BYTES; turns that nobody holds, 32 at most, half a MiB each; finished turns FINISHED_BYTES.
What is beyond that is dropped and counted, deltas first.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

from . import _protocol
from ._mailbox import Mailbox, Waiter, settle
from ._protocol import Answer, Call, Event, Fault
from ._turns import OpenTurn
from .errors import AppServerError, ServerError

if TYPE_CHECKING:
    from ._protocol import RequestId

MIB = 1024 * 1024
WINDOW = 128
"""Requests in flight; with more, the server drops some without an answer."""
UNREAD_BYTES = 8 * MIB
UNREAD_TURN_BYTES = 16 * MIB
UNCLAIMED_TURNS, UNCLAIMED_TURN_BYTES = 32, MIB // 2
FINISHED_TURNS, FINISHED_BYTES = 64, 16 * MIB


class Reply(NamedTuple):
    """The line of an answer, and the turn that it tells of."""

    line: bytes
    turn: OpenTurn | None


class _Request(NamedTuple):
    method: str
    line: bytes
    waiter: Waiter


class Session:
    """One connection's state between bytes and callers.

    Attributes:
        notifications: those of the connection.
        closed: why it is closed, None while it is open.
        pressed: whether a reader of what came last has just fallen behind.
    """

    def __init__(self, *, window: int = WINDOW) -> None:
        self.notifications = Mailbox(UNREAD_BYTES)
        self.closed: AppServerError | None = None
        self.pressed = False
        self._window = window
        self._receiver = _protocol.Receiver()
        self._next_id = 1
        self._in_flight: dict[RequestId, _Request] = {}
        self._queued: dict[RequestId, _Request] = {}
        self._outgoing: list[bytes] = []
        self._turns: dict[str, OpenTurn] = {}
        self._finished: dict[str, OpenTurn] = {}

    @property
    def expects_answers(self) -> bool:
        """Whether a request is in flight."""
        return bool(self._in_flight)

    def check_open(self) -> None:
        """Raise why the connection is closed, if it is."""
        if self.closed is not None:
            raise copy.copy(self.closed)

    def request(self, method: str, params: object, waiter: Waiter) -> int:
        """Send a request, or queue it when the window is full; the id is for `forget`.

        Raises:
            UsageError: `params` cannot be sent.
            AppServerError: why the connection is closed.
        """
        self.check_open()
        request_id = self._next_id
        request = _Request(method, _protocol.encode_request(request_id, method, params), waiter)
        self._next_id += 1
        self._queued[request_id] = request
        self._fill_window()
        return request_id

    def send(self, line: bytes) -> None:
        """Send a notification or an answer, which need no place in the window; raises why the connection is closed."""
        self.check_open()
        self._outgoing.append(line)

    def forget(self, request_id: int) -> None:
        """Free the request's slot: its answer is dropped when it comes, and while queued it is not sent at all."""
        if self._queued.pop(request_id, None) is None:
            self._in_flight.pop(request_id, None)
            self._fill_window()

    def data_to_send(self) -> bytes:
        """What has to be written now; often nothing."""
        if not self._outgoing:
            return b""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        return data

    def receive(self, data: bytes, now: float) -> list[Call | Fault]:
        """Settle and deliver everything in `data`; what is left is for the shell to answer and to log.

        Args:
            data: what was read.
            now: when, on the shell's clock.
        """
        left: list[Call | Fault] = []
        if self.closed is not None:  # the rest of a flood is not worth decoding
            return left
        batches: dict[str | None, list[Event]] = {}
        for message in self._receiver.receive(data):
            match message:
                case Event():
                    try:
                        batches[message.turn_id].append(message)
                    except KeyError:
                        batches[message.turn_id] = [message]
                case Answer():
                    left += self._settle(message)
                case _:
                    left.append(message)
        self.pressed = False
        for turn_id, events in batches.items():
            self._deliver(turn_id, events, now)
        return left

    def turn(self, turn_id: str) -> OpenTurn:
        """The turn, whether it has been heard of or not; the caller's to hold."""
        turn = self._find(turn_id)
        turn.claim(UNREAD_TURN_BYTES)
        return turn

    def close(self, reason: AppServerError, *, orderly: bool = False) -> None:
        """End the session: all who wait get (a copy of) `reason`. Only the first call counts.

        Args:
            reason: what they get.
            orderly: whether the caller closed it: then `notifications` just end.
        """
        if self.closed is not None:
            return
        self.closed = reason
        settle([request.waiter for request in (*self._in_flight.values(), *self._queued.values())], reason)
        self._in_flight.clear()
        self._queued.clear()
        self._outgoing.clear()
        self.notifications.close(None if orderly else reason)
        for turn in self._turns.values():
            turn.close(reason)

    def _fill_window(self) -> None:
        while self._queued and len(self._in_flight) < self._window:
            request_id = next(iter(self._queued))
            self._in_flight[request_id] = request = self._queued.pop(request_id)
            self._outgoing.append(request.line)

    def _settle(self, answer: Answer) -> list[Fault]:
        request = self._in_flight.pop(answer.id, None)
        if request is None:
            late = isinstance(answer.id, int) and 0 < answer.id < self._next_id
            reason = "a late or second answer" if late else "an answer to a request that was never made"
            return [Fault(reason, len(answer.line))]
        self._fill_window()
        if request.waiter.done():
            return []
        if answer.error is None:
            turn = self.turn(answer.turn_id) if answer.turn_id else None
            request.waiter.set_result(Reply(answer.line, turn))
        else:
            code, message, data = answer.error.code, answer.error.message, answer.error.data
            request.waiter.set_exception(ServerError.from_wire(code, message, data, method=request.method))
        return []

    def _deliver(self, turn_id: str | None, events: list[Event], now: float) -> None:
        if turn_id is None:
            self.notifications.put(events)
            self.pressed |= self.notifications.pressed
            return
        turn = self._find(turn_id)
        late = turn.receive(events, now)
        self.pressed |= turn.pressed
        if late:
            self.notifications.put(late)
        if turn.over and turn_id in self._turns:
            del self._turns[turn_id]
            self._finished[turn_id] = turn
            self._trim_finished()

    def _find(self, turn_id: str) -> OpenTurn:
        turn = self._turns.get(turn_id) or self._finished.get(turn_id)
        if turn is None:
            turn = self._turns[turn_id] = OpenTurn(turn_id, UNCLAIMED_TURN_BYTES)
            if self.closed is not None:
                turn.close(self.closed)
            self._trim_unclaimed()
        return turn

    def _trim_unclaimed(self) -> None:
        unclaimed = [turn_id for turn_id, turn in self._turns.items() if not turn.claimed]
        for turn_id in unclaimed[:-UNCLAIMED_TURNS]:
            del self._turns[turn_id]

    def _trim_finished(self) -> None:
        size = sum(turn.size_bytes for turn in self._finished.values())
        while len(self._finished) > FINISHED_TURNS or (size > FINISHED_BYTES and len(self._finished) > 1):
            size -= self._finished.pop(next(iter(self._finished))).size_bytes
