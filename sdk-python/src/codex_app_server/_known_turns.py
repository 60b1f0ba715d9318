"""The turns that a connection knows of, in bounded memory. No I/O, no clock; the shells lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._turns import OpenTurn

if TYPE_CHECKING:
    from .errors import AppServerError

MIB = 1024 * 1024
UNREAD_TURN_BYTES = 16 * MIB
UNCLAIMED_TURNS, UNCLAIMED_TURN_BYTES = 32, MIB // 2
FINISHED_TURNS, FINISHED_BYTES = 64, 16 * MIB


class KnownTurns:
    """Those that run, and the newest that are over.

    Attributes:
        running: by their ids.
    """

    def __init__(self) -> None:
        self.running: dict[str, OpenTurn] = {}
        self._finished: dict[str, OpenTurn] = {}
        self._adrift: set[str] = set()
        self._closed: AppServerError | None = None

    @property
    def adrift(self) -> bool:
        """Whether any is."""
        return bool(self._adrift & self.running.keys())

    def claim(self, turn_id: str) -> OpenTurn:
        """The turn, whether it has been heard of or not; the caller's to hold."""
        turn = self.find(turn_id)
        turn.claim(UNREAD_TURN_BYTES)
        return turn

    def find(self, turn_id: str) -> OpenTurn:
        """The turn, whether it has been heard of or not."""
        turn = self.running.get(turn_id) or self._finished.get(turn_id)
        if turn is None:
            turn = self.running[turn_id] = OpenTurn(turn_id, UNCLAIMED_TURN_BYTES)
            if self._closed is not None:
                turn.close(self._closed)
            self._trim_unclaimed()
        return turn

    def settle(self, turn: OpenTurn) -> bool:
        """Put the turn away if it is over; whether it has only just ended."""
        if not turn.over or self.running.pop(turn.turn_id, None) is None:
            return False
        self._finished[turn.turn_id] = turn
        self._trim_finished()
        return True

    def set_adrift(self) -> None:
        """The connection is lost: who knows what becomes of those that run?"""
        self._adrift |= self.running.keys()

    def find_again(self, turn_id: str) -> None:
        """The new connection tells of this one."""
        self._adrift.discard(turn_id)

    def give_up_adrift(self, reason: AppServerError) -> None:
        """Those that the new connection does not tell of are lost."""
        for turn_id in self._adrift & self.running.keys():
            self.running.pop(turn_id).close(reason)
        self._adrift.clear()

    def close(self, reason: AppServerError) -> None:
        """No end will come any more, of none."""
        self._closed = reason
        for turn in self.running.values():
            turn.close(reason)

    def _trim_unclaimed(self) -> None:
        unclaimed = [turn_id for turn_id, turn in self.running.items() if not turn.claimed]
        for turn_id in unclaimed[:-UNCLAIMED_TURNS]:
            del self.running[turn_id]

    def _trim_finished(self) -> None:
        size = sum(turn.size_bytes for turn in self._finished.values())
        while len(self._finished) > FINISHED_TURNS or (size > FINISHED_BYTES and len(self._finished) > 1):
            size -= self._finished.pop(next(iter(self._finished))).size_bytes
