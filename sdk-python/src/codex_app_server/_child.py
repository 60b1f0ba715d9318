"""A server as a child process, served by threads: one each to read, to write, to keep stderr, to await its end."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import threading
import time
from typing import IO, TYPE_CHECKING

from ._pipe import PipeWriter
from ._stderr import KEPT_BYTES, Tail
from ._waiting import happens
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._launch import Launch

READ_BYTES = 256 * 1024
DRAIN_SECONDS = 0.5
"""How long what a dead server has written is awaited: its own children may hold its pipes open."""

_logger = logging.getLogger("codex_app_server")


class Child:
    """A running server.

    Args:
        launch: what to start.
        receive: is given what the server writes, on the reader's thread; returns how many
            seconds to pause before the next read.
        ended: is called once or twice, with the return code (None: it closed its output and runs on) and the end of
            stderr.

    Raises:
        UsageError: it cannot be started.
    """

    def __init__(
        self, launch: Launch, receive: Callable[[bytes], float], ended: Callable[[int | None, str], None]
    ) -> None:
        self._receive = receive
        self._ended = ended
        self._tail = Tail()
        self._stopping = threading.Lock()
        self._exited = threading.Event()
        self._process = _spawn(launch)
        self._writer = PipeWriter(self._process.stdin)  # type: ignore[arg-type]  # it was asked for
        self._threads = [
            threading.Thread(target=work, args=pipes, name=f"codex-app-server{work.__name__}", daemon=True)
            for work, *pipes in (
                (self._read, self._process.stdout),
                (self._write,),
                (self._keep, self._process.stderr),
                (self._await_end,),
            )
        ]
        try:
            for thread in self._threads:
                thread.start()
        except BaseException:  # no thread can be started, or somebody interrupts
            with self._process:
                _kill(self._process)
            raise

    def write(self, data: bytes) -> None:
        """Have `data` written, in the order of the calls; never blocks."""
        self._writer.write(data)

    def stop(self, grace_seconds: float | None) -> None:
        """End the server: end of input, SIGTERM after half of the grace, SIGKILL after all of it; then clean up."""
        half = None if grace_seconds is None else grace_seconds / 2
        with self._stopping:
            self._writer.end()
            try:
                if not happens(self._exited, half):
                    self._process.terminate()
                    happens(self._exited, half)
            finally:  # also when somebody interrupts the wait
                if not self._exited.is_set():
                    _kill(self._process)
            for thread in self._threads:
                if thread is not threading.current_thread():
                    thread.join(2 * DRAIN_SECONDS)
                    if thread.is_alive():
                        _logger.warning("%s still waits: who holds the server's pipes?", thread.name)

    def _read(self, stdout: IO[bytes]) -> None:
        buffer = bytearray(READ_BYTES)
        view = memoryview(buffer)
        try:
            with stdout:
                while count := stdout.readinto(buffer):  # type: ignore[attr-defined]
                    pause_seconds = self._receive(bytes(view[:count]))
                    if pause_seconds:
                        time.sleep(pause_seconds)
        finally:
            if not self._exited.wait(DRAIN_SECONDS):
                self._ended(None, str(self._tail))

    def _write(self) -> None:
        self._writer.run()

    def _keep(self, stderr: IO[bytes]) -> None:
        with stderr:
            while data := stderr.read(KEPT_BYTES):
                self._tail.add(data)

    def _await_end(self) -> None:
        return_code = self._process.wait()
        self._exited.set()
        reader, _, keeper, _ = self._threads
        for thread in (reader, keeper):
            thread.join(DRAIN_SECONDS)
        self._ended(return_code, str(self._tail))


def _spawn(launch: Launch) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C on the terminal is the caller's to handle, and what is killed is killed as a whole.
    windows = os.name == "nt"
    flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW if windows else 0  # type: ignore[attr-defined]
    try:
        return subprocess.Popen(
            launch.argv,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=launch.env,
            cwd=launch.cwd,
            start_new_session=not windows,
            creationflags=flags,
        )
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{launch.argv[0]} (from {launch.origin}) cannot be started: {error}") from error


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS calls a zombie forbidden
            os.killpg(process.pid, signal.SIGKILL)
