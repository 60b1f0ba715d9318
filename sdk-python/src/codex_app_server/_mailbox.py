"""Events that wait for their reader, in bounded memory. No I/O, no clock; the shells lock.

A reader that falls behind must not hold up the connection, so a full mailbox makes room instead: first it gives up the
oldest deltas, which `item/completed` repeats as a whole, and only when no delta is left the oldest events of any kind.
"""

from __future__ import annotations

import copy
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._protocol import Event
    from .errors import AppServerError

EVENT_OVERHEAD_BYTES = 240
"""What an event takes in memory beside its line; measured on CPython 3.11."""
PAUSES = 200
"""How often in a row a reader that has fallen behind may hold up the connection, for a moment each time."""


class Waiter(Protocol):
    """What `asyncio.Future` and `concurrent.futures.Future` have in common."""

    def done(self) -> bool:
        """Whether it has been settled or cancelled."""
        ...

    def set_result(self, result: Any, /) -> None:  # noqa: ANN401 - each future has its own type
        """Settle it with a value."""

    def set_exception(self, exception: BaseException, /) -> None:
        """Settle it with an error."""


def settle(waiters: Iterable[Waiter], error: AppServerError | None = None) -> None:
    """Wake all `waiters`, each with a copy of `error` when there is one: a raised error belongs to one thread."""
    for waiter in waiters:
        if not waiter.done():
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(copy.copy(error))


def wake(waiters: list[Waiter], error: AppServerError | None = None) -> None:
    """Settle all `waiters`, and forget them."""
    settled = waiters[:]
    waiters.clear()
    settle(settled, error)


class Mailbox:
    """A queue of events with a limit in bytes and a count of what it had to drop.

    Attributes:
        ready: what the reader may pop without a lock, the oldest at the end; `refill` brings more. It belongs to the
            mailbox, so a reader that leaves early loses nothing for the next.
        pressed: whether it is half full, and its reader has only just fallen behind: a short pause may spare it losses.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.dropped = 0
        self.ready: list[Event] = []
        self.pressed = False
        self._pauses_left = PAUSES
        self._ready_bytes = 0
        self._incoming: list[Event] = []
        self._incoming_bytes = 0
        self._waiters: list[Waiter] = []
        self._closed = False
        self._reason: AppServerError | None = None

    @property
    def size_bytes(self) -> int:
        """What it holds at most."""
        return self._ready_bytes + self._incoming_bytes

    def put(self, events: list[Event]) -> None:
        """Add `events` and wake whoever waits; never blocks, drops instead."""
        self._incoming += events
        self._incoming_bytes += _size(events)
        self.pressed = self._pauses_left > 0 and self.size_bytes > self.limit_bytes // 2
        self._pauses_left -= self.pressed
        if self.size_bytes > self.limit_bytes:
            self._make_room()
        self._wake()

    def refill(self) -> bool:
        """Move what has come to `ready`, when that is used up; False says that nothing will come any more.

        Raises:
            AppServerError: nothing will come, because the connection was lost.
        """
        if self.ready:
            return True
        self._pauses_left = PAUSES
        self.ready += self._incoming[::-1]
        self._ready_bytes, self._incoming_bytes = self._incoming_bytes, 0
        self._incoming = []
        if not self.ready and self._closed and self._reason is not None:
            raise copy.copy(self._reason)
        return bool(self.ready) or not self._closed

    def wait(self, waiter: Waiter) -> None:
        """Settle `waiter` at the next change, at once when there is something to take."""
        if self.ready or self._incoming or self._closed:
            settle([waiter])
        else:
            self._waiters.append(waiter)

    def forget(self, waiter: Waiter) -> None:
        """Let `waiter` be: it has given up."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def close(self, reason: AppServerError | None = None) -> None:
        """Nothing will come any more, because of `reason` or because this is the end."""
        if not self._closed:
            self._closed, self._reason = True, reason
            self._wake()

    def _wake(self) -> None:
        if self._waiters:
            wake(self._waiters)

    def _make_room(self) -> None:
        """Get down to half the limit, so that this is rare."""
        excess = self.size_bytes - self.limit_bytes // 2
        kept: deque[Event] = deque()
        for event in self._incoming:
            if excess > 0 and is_delta(event.method):
                excess -= len(event.line) + EVENT_OVERHEAD_BYTES
            else:
                kept.append(event)
        while excess > 0 and len(kept) > 1:  # the newest may be the end of a turn
            excess -= len(kept.popleft().line) + EVENT_OVERHEAD_BYTES
        self.dropped += len(self._incoming) - len(kept)
        self._incoming = list(kept)
        self._incoming_bytes = _size(kept)


def is_delta(method: str) -> bool:
    """Whether a later event repeats what notifications of `method` bring piece by piece."""
    return method.endswith(("/delta", "Delta"))


def _size(events: Iterable[Event]) -> int:
    lines = [len(event.line) for event in events]
    return sum(lines) + EVENT_OVERHEAD_BYTES * len(lines)
