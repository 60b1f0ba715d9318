"""The seam between long work and whoever watches it; `terminal.py` draws it, tests record it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]
"""Call with the number of units (bytes, unless the task says otherwise) done since the last call."""


class Reporter(Protocol):
    """Tells a person what goes on. Implementations may be called from several threads at once."""

    def note(self, text: str) -> None:
        """Say one line that stays."""

    def task(self, label: str, total: int | None = None) -> AbstractContextManager[Advance]:
        """Show work of `total` bytes (None: unknown) until the context ends."""
        raise NotImplementedError


class Silent:
    """A reporter that says nothing."""

    def note(self, text: str) -> None:
        """Drop the line."""

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Iterator[Advance]:  # noqa: ARG002 - the protocol's names
        """Show nothing."""
        yield lambda _: None
