"""Whose notifications come through a connection: the threads that were started, resumed or forked on it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ._protocol import UNDECODABLE
from .errors import ConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .errors import AppServerError

JOINS = frozenset({"thread/start", "thread/resume", "thread/fork"})
LEAVES = frozenset({"thread/unsubscribe", "thread/archive", "thread/delete"})
ENDS = frozenset({"thread/archive", "thread/delete"})
NEEDS = frozenset({"turn/start", "review/start", "thread/compact/start"})
"""Methods of a thread whose work is told with notifications: without those, nobody would learn of its end."""


class _Named(msgspec.Struct):
    id: str | None = None


class _Content(msgspec.Struct):
    thread_id: str | None = msgspec.field(default=None, name="threadId")
    thread: _Named | None = None


class _Line(msgspec.Struct):
    params: _Content | None = None
    result: _Content | None = None


_decode = msgspec.json.Decoder(_Line).decode


class Subscriptions:
    """The threads of one connection, and those that were lost with an earlier one.

    Attributes:
        ended: called with the id of a thread that has been put away, and will ask for nothing any more; for the shell
            to set.
    """

    def __init__(self) -> None:
        self.ended: Callable[[str], None] = _ignore
        self._joined: dict[str, None] = {}
        self._lost: dict[str, str] = {}

    def __iter__(self) -> Iterator[str]:
        return iter([*self._joined])

    def note(self, method: str, request: bytes, answer: bytes) -> None:
        """A request has been answered, by these lines."""
        if method in JOINS:
            result = _read(answer).result
            if result is not None and result.thread is not None and result.thread.id is not None:
                self._joined[result.thread.id] = None
                self._lost.pop(result.thread.id, None)
        elif method in LEAVES:
            params = _read(request).params
            if params is not None and params.thread_id is not None:
                self._joined.pop(params.thread_id, None)
                if method in ENDS:
                    self.ended(params.thread_id)

    def lose(self, thread_id: str, reason: AppServerError) -> None:
        """The server does not resume the thread, for that reason."""
        self._joined.pop(thread_id, None)
        self._lost[thread_id] = str(reason)

    def check(self, method: str, params: Any) -> None:  # noqa: ANN401 - typed params or a mapping
        """Raise ConnectionClosedError for a request whose work would go unheard."""
        if self._lost and method in NEEDS:
            thread_id = thread_of(params)
            if thread_id in self._lost:
                text = f"thread {thread_id} was lost with an earlier connection: {self._lost[thread_id]}"
                raise ConnectionClosedError(f"{text}; resume it, or start another")


def thread_of(params: Any) -> str | None:  # noqa: ANN401 - typed params or a mapping
    """The thread that a request is about, if it names one."""
    found = params.get("threadId") if isinstance(params, Mapping) else getattr(params, "thread_id", None)
    return found if isinstance(found, str) else None


def _ignore(_thread_id: str) -> None:
    """Nobody wants to know."""


def _read(line: bytes) -> _Line:
    try:
        return _decode(line)
    except UNDECODABLE:
        return _Line()
