"""A server as a child process, served by the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from typing import TYPE_CHECKING, TypeVar, cast

from ._stderr import Tail
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._launch import Launch

C = TypeVar("C", bound="AsyncChild")

DRAIN_SECONDS = 0.5
"""How long what a dead server has written is awaited: its own children may hold its pipes open."""
STDIN, STDOUT, STDERR = 0, 1, 2


class AsyncChild(asyncio.SubprocessProtocol):
    """A running server; see `Child`, its twin. Made by `start`."""

    def __init__(self, receive: Callable[[bytes], float], ended: Callable[[int | None, str], None]) -> None:
        self._receive = receive
        self._ended = ended
        self._tail = Tail()
        self._loop = asyncio.get_running_loop()
        self._exited: asyncio.Future[None] = self._loop.create_future()
        self._finished: asyncio.Future[None] = self._loop.create_future()
        self._timers: list[asyncio.TimerHandle] = []
        self._transport: asyncio.SubprocessTransport
        self._stdin: asyncio.WriteTransport
        self._stdout: asyncio.ReadTransport

    @classmethod
    async def start(
        cls, launch: Launch, receive: Callable[[bytes], float], ended: Callable[[int | None, str], None]
    ) -> AsyncChild:
        """Start the server.

        Raises:
            UsageError: it cannot be started.
        """
        windows = os.name == "nt"
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW if windows else 0  # type: ignore[attr-defined]
        spawning = asyncio.ensure_future(
            asyncio.get_running_loop().subprocess_exec(
                lambda: cls(receive, ended),
                *launch.argv,
                env=launch.env,
                cwd=launch.cwd,
                start_new_session=not windows,
                creationflags=flags,
            )
        )
        try:
            _, child = await asyncio.shield(spawning)
        except NotImplementedError as error:
            what = type(asyncio.get_running_loop()).__name__
            raise UsageError(f"{what} starts no processes; on Windows asyncio.ProactorEventLoop does") from error
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(f"{launch.argv[0]} (from {launch.origin}) cannot be started: {error}") from error
        except asyncio.CancelledError:
            # Not every loop cleans up after a start that is cancelled halfway, so it is brought to its end, and undone:
            # in a task of its own, for this one may be cancelled a second time.
            await asyncio.shield(asyncio.ensure_future(_undo(spawning)))
            raise
        return child

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the pipes."""
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self._stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(STDIN))
        self._stdout = cast("asyncio.ReadTransport", self._transport.get_pipe_transport(STDOUT))

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Hand on what the server writes."""
        if fd == STDERR:
            self._tail.add(data)
            return
        pause_seconds = self._receive(bytes(data))  # Windows' loop gives its own buffer, and bytes are not copied
        if pause_seconds:
            self._stdout.pause_reading()
            self._loop.call_later(pause_seconds, self._stdout.resume_reading)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell of a server that closes its output and runs on; on uvloop this comes only once the server has ended."""
        if fd == STDOUT and not self._exited.done():
            self._timers.append(self._loop.call_later(DRAIN_SECONDS, self._tell))

    def process_exited(self) -> None:
        """Wait for what it has still written, but not for long."""
        self._exited.set_result(None)
        self._timers.append(self._loop.call_later(DRAIN_SECONDS, self._clean_up))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The process is reaped, and its pipes are closed."""
        for timer in self._timers:
            timer.cancel()
        self._tell()
        self._finished.set_result(None)

    def write(self, data: bytes) -> None:
        """Have `data` written; never blocks."""
        self._stdin.write(data)

    async def stop(self, grace_seconds: float | None) -> None:
        """End the server: end of input, SIGTERM after half of the grace, SIGKILL after all of it; then clean up."""
        half = None if grace_seconds is None else grace_seconds / 2
        self._stdin.close()
        try:
            await asyncio.wait({self._exited}, timeout=half)
            if not self._exited.done():
                with contextlib.suppress(ProcessLookupError):  # it has just ended, and nobody has been told yet
                    self._transport.terminate()
                await asyncio.wait({self._exited}, timeout=half)
        finally:  # also when the wait is cancelled
            if not self._exited.done():
                self._kill()
            await asyncio.wait({self._finished}, timeout=2 * DRAIN_SECONDS)
            self._clean_up()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS calls a zombie forbidden
            if os.name == "nt":
                self._transport.kill()
            else:
                os.killpg(self._transport.get_pid(), signal.SIGKILL)

    def _clean_up(self) -> None:
        """Close the pipes, whoever else may hold them."""
        if self._stdin.get_write_buffer_size():  # else it would wait for somebody to read that
            self._stdin.abort()
        self._transport.close()

    def _tell(self) -> None:
        self._ended(self._transport.get_returncode(), str(self._tail))


async def _undo(spawning: asyncio.Future[tuple[asyncio.SubprocessTransport, C]]) -> None:
    await asyncio.wait({spawning})
    if not spawning.exception():
        await spawning.result()[1].stop(0)
