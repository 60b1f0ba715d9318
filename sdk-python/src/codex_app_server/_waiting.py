"""Waiting for a future in a way that Ctrl-C ends everywhere."""

from __future__ import annotations

import concurrent.futures
from time import monotonic
from typing import TypeVar

R = TypeVar("R")

SLICE_SECONDS = 0.5
"""The longest single wait: Ctrl-C does not end one on Windows, nor anywhere when it comes in the instant before."""


def result_of(waiter: concurrent.futures.Future[R], seconds: float | None) -> R:
    """What `waiter` is settled with, within `seconds`; raises concurrent.futures.TimeoutError."""
    deadline = None if seconds is None else monotonic() + seconds
    while True:
        left = SLICE_SECONDS if deadline is None else deadline - monotonic()
        try:
            return waiter.result(max(0.0, min(left, SLICE_SECONDS)))
        except concurrent.futures.TimeoutError:
            if left <= SLICE_SECONDS and deadline is not None:
                raise
