"""A real server that listens, and a relay before it that can be cut."""

import contextlib
import os
import re
import socket
import subprocess
import threading
from collections import deque

from model_replies import DEADLINE_SECONDS

ANNOUNCED = re.compile(r"listening on: (ws://\S+)")


def _is_there(url):
    with contextlib.suppress(OSError), contextlib.closing(_dial(url)):
        return True
    return False


def _dial(url):
    scheme, _, place = url.partition("://")
    if scheme == "ws":
        host, _, port = place.rpartition(":")
        return socket.create_connection((host, int(port)))
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(place)
    except BaseException:
        connection.close()
        raise
    return connection


class ListeningServer:
    """`codex app-server --listen`, ready when entered; a context manager that ends it.

    Attributes:
        url: where it listens.
    """

    def __init__(self, runtime, home, url, *options):
        self.url = url
        self._command = [runtime, "app-server", *options, "--listen"]
        env = {**os.environ, **home.env}
        self._options = {
            "env": {name: value for name, value in env.items() if value is not None},
            "cwd": home.work,
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.PIPE,
            "text": True,
        }

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        """Start it, and wait until it listens; again at the same place."""
        self._process = subprocess.Popen([*self._command, self.url], **self._options)
        self._announced = threading.Event()
        self._said = deque(maxlen=20)
        self._reader = threading.Thread(target=self._read, name="listening-server", daemon=True)
        self._reader.start()
        if self.url.startswith("ws:"):
            assert self._announced.wait(DEADLINE_SECONDS), self._said
        else:  # it announces nothing, so the tries are the only way to know
            tries = iter(range(DEADLINE_SECONDS * 50))
            while not _is_there(self.url):
                next(tries)
                assert not self._announced.wait(0.02), self._said

    def kill(self):
        """End it without a word."""
        self._process.kill()
        self._process.wait()
        self._reader.join(DEADLINE_SECONDS)

    def _read(self):
        with self._process.stderr as lines:
            for line in lines:
                self._said.append(line)
                if told := ANNOUNCED.search(line):
                    self.url = told[1]
                    self._announced.set()


class Relay:
    """Passes bytes between clients and a server until it is cut; a context manager.

    Attributes:
        url: where it listens: as the server does.
    """

    def __init__(self, target, path):
        self._target = target
        self._pairs = []
        self._threads = []
        self._open = threading.Event()
        self._open.set()
        self._arrivals = threading.Semaphore(0)
        if target.startswith("ws:"):
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.url = f"ws://127.0.0.1:{self._listener.getsockname()[1]}"
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(path))
            self._listener.listen()
            self.url = f"unix://{path}"

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.release()
        self.cut()
        for thread in self._threads:
            thread.join(DEADLINE_SECONDS)

    def cut_until_back(self):
        """Cut every connection, and wait for the first new one: then its client knows."""
        while self._arrivals.acquire(blocking=False):
            pass
        self.cut()
        assert self._arrivals.acquire(timeout=DEADLINE_SECONDS)

    def hold(self):
        """Cut every connection, and let none pass until `release`."""
        self._open.clear()
        self.cut()

    def release(self):
        """Let connections pass."""
        self._open.set()

    def cut(self):
        """Cut every connection, on both sides; new ones pass."""
        pairs, self._pairs = self._pairs, []
        for each in (side for pair in pairs for side in pair):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                self._arrivals.release()
                self._open.wait(DEADLINE_SECONDS)
                server = _dial(self._target)
                self._pairs.append((client, server))
                self._start(self._pass_on, client, server)

    def _pass_on(self, client, server):
        back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
        back.start()
        self._pump(client, server)
        back.join()
        client.close()
        server.close()

    @staticmethod
    def _pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _start(self, work, *arguments):
        self._threads.append(threading.Thread(target=work, args=arguments, name="relay", daemon=True))
        self._threads[-1].start()
