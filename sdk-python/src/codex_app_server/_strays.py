"""Turns that nobody will ever hold, for who asked for one gave up before being told its name. No I/O, no clock.

The server would work on, and take the thread's next input for theirs, so they are interrupted: when their name comes,
and once more when they begin, for before that the server refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from ._protocol import RequestId
    from ._window import Outgoing

K = TypeVar("K")

START, INTERRUPT, STARTED = "turn/start", "turn/interrupt", "turn/started"
KEPT = 128


class Nobody:
    """Waits for an answer that is of no interest."""

    def done(self) -> bool:
        """Settling it is in vain."""
        return True

    def set_result(self, result: object, /) -> None:
        """Never called."""

    def set_exception(self, exception: BaseException, /) -> None:
        """Never called."""


class Strays:
    """The newest of them, and the requests whose late answers will name more."""

    def __init__(self) -> None:
        self._asked: dict[RequestId, str] = {}
        self._threads: dict[str, str] = {}

    def give_up(self, request_id: RequestId, request: Outgoing | None) -> None:
        """Nobody waits for `request`, which is in flight, any more."""
        if request is not None and request.method == START:
            params = msgspec.json.decode(request.line).get("params")
            thread_id = params.get("threadId") if isinstance(params, dict) else None
            if isinstance(thread_id, str):
                _keep(self._asked, request_id, thread_id)

    def answered(self, request_id: RequestId, turn_id: str) -> bool:
        """Whether this late answer names one."""
        thread_id = self._asked.pop(request_id, None)
        if thread_id is not None:
            self.add(turn_id, thread_id)
        return thread_id is not None

    def add(self, turn_id: str, thread_id: str) -> None:
        """One more, whose name has come."""
        _keep(self._threads, turn_id, thread_id)

    def __contains__(self, turn_id: str) -> bool:
        return turn_id in self._threads

    def interruption(self, turn_id: str) -> dict[str, str]:
        """The params that interrupt one of them."""
        return {"threadId": self._threads[turn_id], "turnId": turn_id}


def _keep(among: dict[K, str], key: K, thread_id: str) -> None:
    if len(among) == KEPT:
        del among[next(iter(among))]
    among[key] = thread_id
