"""`release` in a process of its own that ends itself with SIGKILL at the step of the given number.

    python release_program.py LOCK OUT REGISTRY SDK_TEMPLATE KILL_AT TRIPLE...

A step is anything that `release` reports: the start, each advance and the end of a task, and a note.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sdk_artifacts import paths
from sdk_artifacts.commands.release import release
from sdk_artifacts.lock import load_lock
from sdk_artifacts.reporting import Advance
from sdk_artifacts.targets import select


class Fatal:
    """A reporter that ends the process at one step."""

    def __init__(self, kill_at: int) -> None:
        self._steps_left = kill_at

    def _step(self) -> None:
        if self._steps_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._steps_left -= 1

    def note(self, text: str) -> None:  # noqa: ARG002 - the protocol's names
        self._step()

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Iterator[Advance]:  # noqa: ARG002 - the protocol's names
        self._step()
        yield lambda _: self._step()
        self._step()


if __name__ == "__main__":
    lock, out, registry, sdk_template, kill_at, *triples = sys.argv[1:]
    paths.SDK_TEMPLATE = Path(sdk_template)
    release(
        select(triples),
        out=Path(out),
        lock=load_lock(Path(lock)),
        compression="fast",
        registry=registry,
        offline=False,
        jobs=1,
        reporter=Fatal(int(kill_at)),
    )
