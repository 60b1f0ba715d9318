"""A process that fetches one archive and tells on stdout, line by line, what it was told: `FETCH_PROGRAM LOCKED URL`.

Lines: `note TEXT`, `got BYTES`, and at last the archive's path.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from sdk_artifacts.lock import LockedTarget
from sdk_artifacts.registry import fetch_archive
from sdk_artifacts.reporting import Advance


class Telling:
    """A reporter on stdout."""

    def note(self, text: str) -> None:
        print(f"note {text}", flush=True)  # noqa: T201 - what it is for

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Iterator[Advance]:  # noqa: ARG002 - the protocol's names
        got = 0

        def advance(amount: int) -> None:
            nonlocal got
            got += amount
            print(f"got {got}", flush=True)  # noqa: T201 - what it is for

        yield advance


def main() -> None:
    locked = msgspec.json.decode(sys.argv[1], type=LockedTarget)
    print(fetch_archive(locked, registry=sys.argv[2], offline=False, reporter=Telling()))  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
