"""Waiting for what another thread settles, in a way that Ctrl-C ends everywhere."""

from __future__ import annotations

import threading
from time import monotonic
from typing import Generic, TypeVar

R = TypeVar("R")

SLICE_SECONDS = 0.5
"""The longest single wait: Ctrl-C does not end one on Windows, nor anywhere when it comes in the instant before."""


def happens(event: threading.Event, seconds: float | None) -> bool:
    """Wait until `event` has happened, or for `seconds`; whether it has."""
    deadline = None if seconds is None else monotonic() + seconds
    while True:
        left = SLICE_SECONDS if deadline is None else deadline - monotonic()
        if event.wait(max(0.0, min(left, SLICE_SECONDS))) or left <= 0:
            return event.is_set()


class Pending(Generic[R]):
    """What one thread waits for, and another settles, once: a lock that opens, at a third of a Future's price."""

    __slots__ = ("_error", "_gate", "_settled", "_value")

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._gate.acquire()
        self._settled = False
        self._error: BaseException | None = None
        self._value: R

    def done(self) -> bool:
        """Whether it has been settled."""
        return self._settled

    def set_result(self, result: R) -> None:
        """Settle it with a value."""
        self._value = result
        self._settle()

    def set_exception(self, exception: BaseException) -> None:
        """Settle it with an error."""
        self._error = exception
        self._settle()

    def wait(self, seconds: float | None) -> None:
        """Return when it has been settled, or after `seconds`."""
        deadline = None if seconds is None else monotonic() + seconds
        while not self._settled:
            left = SLICE_SECONDS if deadline is None else deadline - monotonic()
            self._gate.acquire(timeout=max(0.0, min(left, SLICE_SECONDS)))
            if left <= 0:
                return

    def result(self) -> R:
        """What it has been settled with; raises that when it is an error."""
        if self._error is not None:
            raise self._error
        return self._value

    def _settle(self) -> None:
        self._settled = True
        self._gate.release()
