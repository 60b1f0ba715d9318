"""`publish` in processes of its own, each of which ends itself with SIGKILL at the step of a given number.

    python publish_program.py DIST INDEX

Reads the number of a step (-1: none) from each line of stdin, publishes in a child, and prints how that ended: 0, or
the negative number of a signal. A step is anything that `publish` reports, each connection, and each file that it
writes or renames.
"""

import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import twine.package
import twine.settings  # noqa: F401 - loaded once here and not in each child

from index_server import PackageIndex
from publishing import publish_stubs
from sdk_artifacts.registry.patience import Patience
from sdk_artifacts.reporting import Advance

_AUDITED = {"socket.connect", "os.rename"}


class Fatal:
    """A reporter, and a watcher of the system's calls, that ends the process at one step."""

    def __init__(self, kill_at: int) -> None:
        self._steps_left = kill_at
        sys.addaudithook(self._heard)

    def _step(self) -> None:
        if self._steps_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._steps_left -= 1

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _AUDITED or (event == "open" and "w" in str(arguments[1])):
            self._step()

    def note(self, text: str) -> None:  # noqa: ARG002 - the protocol's names
        self._step()

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Iterator[Advance]:  # noqa: ARG002 - the protocol's names
        self._step()
        yield lambda _: self._step()
        self._step()


def published(directory: Path, url: str, kill_at: int) -> int:
    """Publish in a child; gives how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        index = PackageIndex(url, directory)
        publish_stubs(directory, index, patience=Patience(sleep=lambda _: None), reporter=Fatal(kill_at))
    except BaseException:  # noqa: BLE001 - told, and it must not go on as the parent
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    dist, address = sys.argv[1:]
    for line in sys.stdin:
        sys.stdout.write(f"{published(Path(dist), address, int(line))}\n")
        sys.stdout.flush()
