"""What a request leads to once it is answered. No I/O, no clock; the shells lock.

A sequel looks at events as they pass and takes none away, so whoever reads notifications misses nothing.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakSet

from ._mailbox import Waiter, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._protocol import Event
    from .errors import AppServerError

T = TypeVar("T")

EARLY_EVENTS = 64
"""How many events are kept that come before the answer which tells what they mean."""


class Sequels:
    """All sequels of a connection, each as long as somebody holds it."""

    def __init__(self) -> None:
        self._open: WeakSet[Sequel[Any]] = WeakSet()

    def open(self, sequel: Sequel[Any] | None) -> None:
        """Show `sequel`, if there is one, the events from now on."""
        if sequel is not None:
            self._open.add(sequel)

    def receive(self, events: list[Event]) -> None:
        """Show them `events`."""
        for sequel in [*self._open]:
            sequel.receive(events)

    def close(self, reason: AppServerError) -> None:
        """The connection is lost."""
        for sequel in [*self._open]:
            sequel.close(reason)


class Sequel(Generic[T]):
    """One thing to be found among the events around and after an answer; any number may wait for it.

    Attributes:
        found: it, once it has come.
    """

    def __init__(self, methods: frozenset[str], find: Callable[[bytes, Event], T | None]) -> None:
        """Look for what `find` makes of the line of the answer and an event of one of `methods`; it must not raise."""
        self.found: T | None = None
        self._methods = methods
        self._find = find
        self._answer: bytes | None = None
        self._early: deque[Event] = deque(maxlen=EARLY_EVENTS)
        self._waiters: list[Waiter] = []
        self._reason: AppServerError | None = None

    def answered(self, line: bytes) -> None:
        """The request has been answered: what came before it has a meaning now."""
        self._answer = line
        self.receive([*self._early])
        self._early.clear()

    def receive(self, events: list[Event]) -> None:
        """Look at `events`."""
        for event in events:
            if self.found is not None:
                return
            if event.method in self._methods:
                self._look_at(event)

    def wait(self, waiter: Waiter) -> None:
        """Settle `waiter` when it is found, with an error when the connection is lost before."""
        if self.found is not None or self._reason is not None:
            settle([waiter], self._reason if self.found is None else None)
        else:
            self._waiters.append(waiter)

    def forget(self, waiter: Waiter) -> None:
        """Let `waiter` be: it has given up."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def close(self, reason: AppServerError) -> None:
        """The connection is lost: nothing will come any more."""
        self._reason = reason
        self._end(reason)

    def _look_at(self, event: Event) -> None:
        if self._answer is None:
            self._early.append(event)
            return
        self.found = self._find(self._answer, event)
        if self.found is not None:
            self._end(None)

    def _end(self, reason: AppServerError | None) -> None:
        waiters, self._waiters = self._waiters, []
        settle(waiters, reason)
