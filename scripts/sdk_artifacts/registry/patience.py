"""Patience with a server that fails: how often to ask again, and how long to wait before."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

Outcome = TypeVar("Outcome")

_WORTHWHILE_BYTES = 1 << 20


class TryAgain(Exception):
    """This attempt failed in a way that may pass."""

    def __init__(self, reason: str, *, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on with a server that fails.

    Attributes:
        attempts: tries in a row that bring nothing (less than 1 MiB) before giving up.
        stall_seconds: how long a server may send no byte.
        document_seconds: how long one whole small document may take.
        longest_wait_seconds: the cap of a wait between tries, also of one that the server asks for.
        sleep: waits.
        now: seconds since the epoch.
    """

    attempts: int = 5
    stall_seconds: float = 30
    document_seconds: float = 120
    longest_wait_seconds: float = 60
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time

    def wait_seconds(self, failures: int, trouble: TryAgain) -> float:
        """How long to wait after the given number of failures in a row: what the server asked for, else back-off."""
        if trouble.after_seconds is not None:
            return min(trouble.after_seconds, self.longest_wait_seconds)
        backoff = min(2.0 ** (failures - 2), self.longest_wait_seconds)
        return backoff * random.uniform(0.5, 1)  # noqa: S311 - spreads clients, keeps no secret


def patiently(
    attempt: Callable[[], Outcome],
    *,
    patience: Patience,
    note: Callable[[str], None],
    got_bytes: Callable[[], int] = lambda: 0,
) -> Outcome:
    """Call `attempt` until it does not raise TryAgain; the last TryAgain comes through when patience ends."""
    failures, high_water = 0, got_bytes()
    while True:
        try:
            return attempt()
        except TryAgain as trouble:  # noqa: PERF203 - the loop is here to catch
            if got_bytes() - high_water >= _WORTHWHILE_BYTES:
                failures, high_water = 0, got_bytes()
            failures += 1
            if failures >= patience.attempts:
                raise
            wait_seconds = patience.wait_seconds(failures, trouble)
            note(f"{trouble}; trying again in {wait_seconds:.1f} s")
            patience.sleep(wait_seconds)


def retry_after_seconds(value: str | None, now: float) -> float | None:
    """What a Retry-After header asks for, in either of its forms; None when there is none that makes sense."""
    if value is None:
        return None
    if value.isascii() and value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None
