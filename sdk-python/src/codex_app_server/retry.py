"""Trying again when the server is overloaded, and only then."""

from __future__ import annotations

import random
import time
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from .errors import ServerBusyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

T = TypeVar("T")


def is_retryable_error(error: BaseException) -> bool:
    """Whether the same call may succeed later without anything being changed: only when the server was too busy."""
    return isinstance(error, ServerBusyError)


@overload
def retry_on_overload(
    operation: Callable[[], Awaitable[T]],
    *,
    deadline_seconds: float | None = ...,
    max_attempts: int | None = ...,
    first_delay_seconds: float = ...,
    longest_delay_seconds: float = ...,
) -> Awaitable[T]: ...
@overload
def retry_on_overload(
    operation: Callable[[], T],
    *,
    deadline_seconds: float | None = ...,
    max_attempts: int | None = ...,
    first_delay_seconds: float = ...,
    longest_delay_seconds: float = ...,
) -> T: ...
def retry_on_overload(
    operation: Callable[[], Any],
    *,
    deadline_seconds: float | None = 30.0,
    max_attempts: int | None = None,
    first_delay_seconds: float = 0.1,
    longest_delay_seconds: float = 5.0,
) -> Any:
    """Call `operation` until it returns, or fails with anything but an overloaded server.

    Args:
        operation: a callable without arguments; when it gives an awaitable, so does this function.
        deadline_seconds: no attempt begins later than this after the first; None for no limit.
        max_attempts: how often to call it at most; None for no limit.
        first_delay_seconds: the pause after the first attempt; each further pause is about twice the one before.
        longest_delay_seconds: no pause is longer.

    Raises:
        ServerBusyError: the last one, when time or attempts are used up.
    """
    deadline = None if deadline_seconds is None else time.monotonic() + deadline_seconds
    pauses = _pauses(first_delay_seconds, longest_delay_seconds, max_attempts, deadline)
    while True:
        try:
            outcome = operation()
        except ServerBusyError:  # noqa: PERF203 - each attempt takes a round trip
            pause = next(pauses, None)
            if pause is None:
                raise
            time.sleep(pause)
        else:
            return _retry_async(outcome, operation, pauses) if isawaitable(outcome) else outcome


def backoff(first_delay_seconds: float, longest_delay_seconds: float) -> Iterator[float]:
    """Pauses that double, each shortened at random by up to half so that clients do not come back together."""
    longest_now = first_delay_seconds
    while True:
        longest_now = min(longest_now, longest_delay_seconds)
        yield longest_now * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing
        longest_now *= 2


async def _retry_async(outcome: Awaitable[T], operation: Callable[[], Any], pauses: Iterator[float]) -> T:
    from asyncio import sleep  # noqa: PLC0415 - programs without a loop need not import it

    while True:
        try:
            return await outcome
        except ServerBusyError:  # noqa: PERF203 - as above
            pause = next(pauses, None)
            if pause is None:
                raise
            await sleep(pause)
            outcome = cast("Awaitable[T]", operation())


def _pauses(first: float, longest: float, max_attempts: int | None, deadline: float | None) -> Iterator[float]:
    """The pauses that are still worth waiting."""
    for attempt, pause in enumerate(backoff(first, longest), start=1):
        if attempt == max_attempts or (deadline is not None and time.monotonic() + pause > deadline):
            return
        yield pause
