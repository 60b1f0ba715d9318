"""Writing to a pipe, without ever keeping the caller waiting."""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue
from typing import IO

WAITS = os.name == "nt"
"""Whether every write may wait: Windows has no pipes that say instead that they are full."""


class PipeWriter:
    """Writes in the order of the calls: at once what the pipe takes, the rest on the thread that runs `run`.

    To wake that thread for each request costs more than to write it.

    Args:
        pipe: the end to write to; unbuffered, and closed by `run`.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._queued = 0  # pieces, and the end, that `run` has not seen to
        self._lock = threading.Lock()  # for the pipe's closing as well; nothing that waits happens under it
        if not WAITS:
            os.set_blocking(pipe.fileno(), False)

    def write(self, data: bytes) -> None:
        """Have `data` written; when nobody reads any more, it is lost."""
        with self._lock:
            if self._queued or WAITS:
                self._queue_up(data)
                return
            try:
                written = self._pipe.write(data) or 0
            except OSError:
                return  # nobody reads any more, which is told by whoever awaits that end
            if written < len(data):
                self._queue_up(data[written:])

    def end(self) -> None:
        """Write nothing more after what was given, and close the pipe; repeatable."""
        with self._lock:
            self._queue_up(None)

    def run(self) -> None:
        """Write what did not fit, until the end or until nobody reads any more."""
        try:
            while (data := self._queue.get()) is not None:
                view = memoryview(data)
                while view:
                    view = view[self._pipe.write(view) or self._wait() :]
                with self._lock:
                    self._queued -= 1
        except OSError:
            pass  # as in `write`
        finally:
            with self._lock:
                self._queued += 1  # for good: nothing is written to a closed pipe
                self._pipe.close()

    def _queue_up(self, data: bytes | None) -> None:
        self._queued += 1
        self._queue.put(data)

    def _wait(self) -> int:
        """Return once the pipe takes more, or nobody reads any more: how much was written, which is nothing."""
        import select  # noqa: PLC0415 - few pipes are ever full

        poll = select.poll()
        poll.register(self._pipe, select.POLLOUT)
        poll.poll()
        return 0
