"""A server that runs already, reached through a socket and served by threads: one to read, one to write."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
import time
from math import inf
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING

from ._endpoint import find_endpoint, find_token
from ._websocket import WebSocket
from .errors import ConnectionClosedError, StartTimeoutError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._endpoint import Endpoint
    from .config import AppServerConfig
    from .errors import AppServerError

READ_BYTES = 256 * 1024
DRAIN_SECONDS = 0.5
"""How long a thread may take to notice the end."""
LEAVE_SECONDS = 1.0
"""How long the server may take to say goodbye: it runs on, so nothing depends on it."""
SLICE_SECONDS = DRAIN_SECONDS / 2 if os.name == "nt" else inf
"""The longest single wait: on Windows neither Ctrl-C ends one, nor that this side hangs up."""


class Socket:
    """A connection to a running server, once `open` has made it.

    Args:
        config: where to connect.
        receive: is given the lines that the server sends, on the reader's thread; returns how many
            seconds to pause before the next read.
        ended: is called once, with the reason, when a connection that was made ends.

    Raises:
        UsageError: the configuration must change, or its token.
    """

    def __init__(
        self, config: AppServerConfig, receive: Callable[[bytes], float], ended: Callable[[AppServerError], None]
    ) -> None:
        self._receive = receive
        self._ended = ended
        self._keepalive_seconds = config.keepalive_seconds
        self._endpoint = find_endpoint(config.url or "")
        self._websocket = WebSocket(self._endpoint, find_token(config, self._endpoint))
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._lock = threading.Lock()  # for the framing
        self._stopping = threading.Lock()
        self._stopped = False
        self._hung_up = False
        self._threads: list[threading.Thread] = []
        self._socket: socket.socket

    def open(self, timeout_seconds: float | None) -> None:
        """Connect, within that time; `stop` on another thread ends that, too.

        Raises:
            UsageError: the server does not accept the token.
            StartTimeoutError: the server has not answered in time.
            ConnectionClosedError: nobody is there, or this was stopped.
            IncompatibleServerError: what is there is no app-server.
        """
        deadline = None if timeout_seconds is None else monotonic() + timeout_seconds
        self._socket = _connect(self._endpoint, timeout_seconds)
        try:
            self._socket.settimeout(None)
            self._shake_hands(deadline)
            with self._stopping:
                self._check_wanted()
                self._threads = [
                    threading.Thread(target=work, name=f"codex-app-server{work.__name__}", daemon=True)
                    for work in (self._read, self._write)
                ]
                for thread in self._threads:
                    thread.start()
        except BaseException:  # Ctrl-C as well
            self._hang_up()
            self._socket.close()
            raise

    def write(self, data: bytes) -> None:
        """Have `data` written, in the order of the calls; never blocks."""
        self._outgoing.put(data)

    def stop(self, grace_seconds: float | None) -> None:
        """Take leave, give the server the grace to hang up, then do so; it runs on."""
        self._stopped = True
        self._outgoing.put(None)
        try:
            for thread in self._threads[:1]:
                if thread is not threading.current_thread():
                    thread.join(LEAVE_SECONDS if grace_seconds is None else min(grace_seconds, LEAVE_SECONDS))
        finally:  # also when somebody interrupts the wait
            self._hang_up()
        with self._stopping:
            for thread in self._threads:
                if thread is not threading.current_thread():
                    thread.join(DRAIN_SECONDS)
            if self._threads:
                self._socket.close()

    def _check_wanted(self) -> None:
        if self._stopped:
            raise ConnectionClosedError(f"{self._endpoint.url}: given up before it answered")

    def _shake_hands(self, deadline: float | None) -> None:
        websocket = self._websocket
        try:
            self._socket.sendall(websocket.data_to_send())
            while not websocket.opened and not websocket.over:
                self._check_wanted()
                left = None if deadline is None else deadline - monotonic()
                if (left is not None and left <= 0) or not self._is_readable(left):
                    raise StartTimeoutError(f"{self._endpoint.url}: no answer in time to the request for a WebSocket")
                lines = websocket.receive(self._socket.recv(READ_BYTES))
                if lines:
                    self._receive(lines)
        except OSError as error:
            if isinstance(error, StartTimeoutError):
                raise
            websocket.break_off(error)
        if not websocket.opened:
            raise websocket.why_over()

    def _read(self) -> None:
        buffer = bytearray(READ_BYTES)
        view = memoryview(buffer)
        try:
            while not self._websocket.over:
                if not self._is_readable(self._keepalive_seconds):
                    with self._lock:
                        self._websocket.be_patient(self._keepalive_seconds)
                    self._outgoing.put(b"")
                    continue
                count = self._socket.recv_into(buffer)
                with self._lock:
                    lines = self._websocket.receive(bytes(view[:count]))
                    if self._websocket.has_data_to_send:  # a pong
                        self._outgoing.put(b"")
                pause_seconds = self._receive(lines) if lines else 0
                if pause_seconds:
                    time.sleep(pause_seconds)
        except OSError as error:
            with self._lock:
                self._websocket.break_off(error.strerror or error)
        finally:
            self._outgoing.put(None)
            self._ended(self._websocket.why_over())

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # the connection is gone, and the reader tells of it
            leaving = False
            while not leaving:
                data = self._outgoing.get()
                leaving = data is None
                with self._lock:
                    self._websocket.close() if data is None else self._websocket.send(data)
                    frames = self._websocket.data_to_send()
                if frames:
                    self._socket.sendall(frames)

    def _is_readable(self, seconds: float | None) -> bool:
        """Whether a read would not have to wait, within `seconds`."""
        until = monotonic() + (inf if seconds is None else seconds)
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            while True:
                left = max(0.0, until - monotonic())
                wait = min(left, SLICE_SECONDS)
                if selector.select(None if wait == inf else wait) or self._hung_up:
                    return True
                if left <= wait:
                    return False

    def _hang_up(self) -> None:
        self._hung_up = True
        with contextlib.suppress(OSError, AttributeError):  # it may be gone, or not be there yet
            self._socket.shutdown(socket.SHUT_RDWR)


def _connect(endpoint: Endpoint, seconds: float | None) -> socket.socket:
    try:
        if endpoint.path is None:
            connection = socket.create_connection((endpoint.host, endpoint.port), seconds)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        if not hasattr(socket, "AF_UNIX"):
            raise UsageError(f"{endpoint.url}: this system has no Unix sockets for Python; use ws://HOST:PORT")
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(seconds)
            connection.connect(endpoint.path)
        except BaseException:  # nobody is there, or somebody interrupts
            connection.close()
            raise
    except TimeoutError:
        raise StartTimeoutError(f"{endpoint.url}: no connection within {seconds:g} s") from None
    except OSError as error:
        text = f"nobody answers at {endpoint.url}: {error.strerror or error}"
        raise ConnectionClosedError(f"{text}; start one with `codex app-server --listen {endpoint.url}`") from error
    return connection
