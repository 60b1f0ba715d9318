"""The client's side of tests that download: an archive, what a lock says of it, a reporter that records."""

import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sdk_artifacts.lock import LockedTarget
from sdk_artifacts.paths import CACHE_VARIABLE
from sdk_artifacts.registry.patience import Patience
from sdk_artifacts.reporting import Advance

PACKAGE = "@openai/codex"
VERSION = "0.5.0-linux-x64"
ARCHIVE = random.Random(7).randbytes(300_000)


@dataclass
class Recorder:
    """A reporter that keeps what it was told."""

    notes: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def note(self, text: str) -> None:
        self.notes.append(text)

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Iterator[Advance]:  # noqa: ARG002 - the protocol's names
        def advance(amount: int) -> None:
            self.done[label] = self.done.get(label, 0) + amount

        yield advance


@dataclass
class Waits:
    """Every wait that was asked for, in seconds."""

    seconds: list[float] = field(default_factory=list)

    def patience(self) -> Patience:
        """As patient as usual, in no time: now is always the 25th of November 2026, 12:00 UTC."""
        return Patience(stall_seconds=5, sleep=self.seconds.append, now=lambda: 1795608000.0)


@dataclass(frozen=True)
class Offer:
    """An archive that the registry has: its path there, and what a lock says of it."""

    path: str
    locked: LockedTarget

    @property
    def cached(self) -> Path:
        return Path(os.environ[CACHE_VARIABLE], "archives", "sha512", f"{self.locked.archive_sha512}.tgz")

    @property
    def partial(self) -> Path:
        return self.cached.with_suffix(".partial")


class Fetch(Protocol):
    """`fetch_archive` from the test's registry."""

    def __call__(self, locked: LockedTarget, *, registry: str | None = None, offline: bool = False) -> Path: ...


def locked(archive: bytes, version: str = VERSION) -> LockedTarget:
    """What a lock says of `archive`."""
    return LockedTarget(PACKAGE, version, len(archive), hashlib.sha512(archive).hexdigest(), {})
