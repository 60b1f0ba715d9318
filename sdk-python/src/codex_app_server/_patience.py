"""How much longer to wait. The time now is given, never asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .errors import RequestTimeoutError, TurnTimeoutError

if TYPE_CHECKING:
    from ._turns import OpenTurn


def silence_left(
    timeout_seconds: float | None, since: float, now: float, what: str = "no notification"
) -> float | None:
    """Seconds that may still be waited for something after what came at `since`; None for ever.

    Raises:
        RequestTimeoutError: none.
    """
    if timeout_seconds is None:
        return None
    if now - since > timeout_seconds:
        raise RequestTimeoutError(f"{what} within {timeout_seconds:g} s")
    return timeout_seconds - (now - since)


def seconds_until(deadline: float, now: float, at_most: float | None) -> float:
    """Seconds that may be waited for one of several things that have a deadline together."""
    left = max(0.0, deadline - now)
    return left if at_most is None else min(at_most, left)


class Patience(msgspec.Struct, frozen=True):
    """How long somebody waits for a turn, counted from `since` on the shell's clock."""

    turn_timeout_seconds: float | None
    idle_timeout_seconds: float | None
    since: float

    def left(self, turn: OpenTurn, since: float, now: float) -> float | None:
        """Seconds that may still be waited; None for ever.

        Args:
            turn: the turn.
            since: when the caller last had something to read.
            now: the time.

        Raises:
            TurnTimeoutError: none.
        """
        lefts = []
        if self.turn_timeout_seconds is not None:
            lefts.append(self.since + self.turn_timeout_seconds - now)
            if lefts[-1] <= 0:
                raise self._impatient(turn, f"did not end within {self.turn_timeout_seconds:g} s")
        if self.idle_timeout_seconds is not None and not turn.over:
            # Nothing wakes the caller when the server has its answer; until then the caller therefore looks again.
            silent_since = now if turn.unanswered else max(self.since, turn.last_event_at, since)
            lefts.append(silent_since + self.idle_timeout_seconds - now)
            if lefts[-1] <= 0:
                raise self._impatient(turn, f"was silent for {self.idle_timeout_seconds:g} s")
        return min(lefts, default=None)

    @staticmethod
    def _impatient(turn: OpenTurn, what: str) -> TurnTimeoutError:
        return TurnTimeoutError(f"turn {turn.turn_id} {what}; it may still be running", turn_id=turn.turn_id)
