"""Writing to a pipe, without ever keeping the caller waiting."""

from __future__ import annotations

import contextlib
import select
import threading
from queue import SimpleQueue
from typing import IO

SURE_BYTES = getattr(select, "PIPE_BUF", 0)
"""So much can be written to a pipe that is ready, for sure; there is no telling where pipes are never called ready."""


class PipeWriter:
    """Writes in the order of the calls: at once what the pipe is sure to take, the rest on the thread that runs `run`.

    To wake that thread for each request costs more than the request: both wait for the interpreter in turn.

    Args:
        pipe: the end to write to; unbuffered, and closed by `run`.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._poll = _poll(pipe)
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._queued = 0  # pieces, and the end, that `run` has not seen to
        self._lock = threading.Lock()  # for the pipe's closing as well; nothing that blocks happens under it

    def write(self, data: bytes) -> None:
        """Have `data` written; when nobody reads any more, it is lost."""
        with self._lock:
            if not (len(data) <= SURE_BYTES and self._is_ready()):
                self._queue_up(data)
                return
            with contextlib.suppress(OSError):  # nobody reads any more, which is told by whoever awaits that end
                self._pipe.write(data)

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
                    view = view[self._pipe.write(view) :]
                with self._lock:
                    self._queued -= 1
        except OSError:
            pass  # as in `write`
        finally:
            with self._lock:
                self._queued += 1  # for good: a closed pipe is never ready
                self._pipe.close()

    def _is_ready(self) -> bool:
        return not self._queued and self._poll is not None and bool(self._poll.poll(0))

    def _queue_up(self, data: bytes | None) -> None:
        self._queued += 1
        self._queue.put(data)


def _poll(pipe: IO[bytes]) -> select.poll | None:
    if not SURE_BYTES:
        return None
    poll = select.poll()
    poll.register(pipe, select.POLLOUT)
    return poll
