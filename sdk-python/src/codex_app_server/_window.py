"""Our requests on their way: a window of them is in flight, the rest queue. No I/O, no clock; the shells lock."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _protocol
from ._mailbox import Waiter, settle

if TYPE_CHECKING:
    from ._protocol import RequestId
    from ._sequel import Sequel
    from ._turns import OpenTurn
    from .errors import AppServerError


class Reply(NamedTuple):
    """The line of an answer, and the turn that it tells of."""

    line: bytes
    turn: OpenTurn | None


class Outgoing(NamedTuple):
    """A request that waits for its answer, or to be sent."""

    method: str
    line: bytes
    waiter: Waiter
    sequel: Sequel[Any] | None


class Window:
    """The requests of one session; while it is held, for a lost connection, only urgent ones are sent.

    Args:
        size: how many are in flight at most.
        lines: where those go that are to be written.

    Attributes:
        held: why it is held, None while it is not.
    """

    def __init__(self, size: int, lines: list[bytes]) -> None:
        self.held: AppServerError | None = None
        self._size = size
        self._lines = lines
        self._next_id = 1
        self._in_flight: dict[RequestId, Outgoing] = {}
        self._queued: dict[RequestId, Outgoing] = {}

    @property
    def busy(self) -> bool:
        """Whether a request is in flight."""
        return bool(self._in_flight)

    def add(
        self,
        method: str,
        params: object,
        waiter: Waiter,
        sequel: Sequel[Any] | None = None,
        *,
        urgent: AppServerError | None = None,
    ) -> int:
        """One more; an urgent one is sent at once, to make good the loss that it names, and that one only.

        Raises:
            UsageError: `params` cannot be sent.
            AppServerError: another loss has come after the one that it names.
        """
        if urgent is not None and urgent is not self.held:
            self.check()
        request_id = self._next_id
        request = Outgoing(method, _protocol.encode_request(request_id, method, params), waiter, sequel)
        self._next_id += 1
        if urgent is not None:
            self._send(request_id, request)
        else:
            self._queued[request_id] = request
            self._fill()
        return request_id

    def take(self, request_id: RequestId) -> Outgoing | None:
        """The request that has been answered, None when nobody waits for it; its slot is free."""
        request = self._in_flight.pop(request_id, None)
        self._fill()
        return request

    def forget(self, request_id: int) -> Outgoing | None:
        """Free the request's slot; while it is queued, it is not sent at all. The request, if it is in flight."""
        return None if self._queued.pop(request_id, None) else self.take(request_id)

    def was_made(self, request_id: RequestId) -> bool:
        """Whether there has ever been such a request."""
        return isinstance(request_id, int) and 0 < request_id < self._next_id

    def hold(self, reason: AppServerError) -> bool:
        """Nothing can be sent for a while; what is in flight fails with `reason`. Whether it is news."""
        news, self.held = self.held is None, reason
        self._fail(self._in_flight, reason)
        return news

    def release(self) -> None:
        """Send again, those first that waited."""
        self.held = None
        self._fill()

    def close(self, reason: AppServerError) -> None:
        """Fail all with `reason`."""
        self._fail(self._in_flight, reason)
        self._fail(self._queued, reason)

    def check(self) -> None:
        """Raise why it is held, if it is."""
        if self.held is not None:
            raise copy.copy(self.held)

    def _fill(self) -> None:
        while self._queued and self.held is None and len(self._in_flight) < self._size:
            request_id = next(iter(self._queued))
            self._send(request_id, self._queued.pop(request_id))

    def _send(self, request_id: RequestId, request: Outgoing) -> None:
        self._in_flight[request_id] = request
        self._lines.append(request.line)

    @staticmethod
    def _fail(requests: dict[RequestId, Outgoing], reason: AppServerError) -> None:
        settle([request.waiter for request in requests.values()], reason)
        requests.clear()
