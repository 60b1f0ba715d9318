"""A look at the processes of this machine, in Linux' own words."""

import os
import select
import sys
from contextlib import suppress
from pathlib import Path

from model_replies import DEADLINE_SECONDS

ONLY_LINUX = "it looks into /proc, and uses pidfd" if sys.platform != "linux" else ""


def children(pid: int | str = "self") -> list[int]:
    """The processes that this one, or another, has started and that still run."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # the thread has just ended
            found += map(int, (task / "children").read_text().split())
    return found


def read_pid(pipe: Path) -> int:
    """The number that a process writes to a named pipe."""
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert select.select([descriptor], [], [], DEADLINE_SECONDS)[0], "nobody wrote to the pipe"
        return int(os.read(descriptor, 100))
    finally:
        os.close(descriptor)
