"""A small app-server on a socket that misbehaves on request: each connection plays the next script.

    with SocketServer(path) as server:
        server.plays(lambda peer: peer.accept().serve(), lambda peer: peer.refuse(401))

Without a script left, a connection is served well. Frames are written by hand, so that they can be wrong. It never
sleeps: `asked` tells what has come, and a script may wait for the test's events.
"""

import contextlib
import json
import os
import socket
import struct
import threading
from base64 import b64encode
from collections import deque
from hashlib import sha1
from queue import Queue

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
AGENT = {"userAgent": "x/1.2.3 (fake)", "codexHome": "/h", "platformFamily": "unix", "platformOs": "linux"}
DEADLINE_SECONDS = 60


def frame(opcode, payload=b"", *, fin=True, length=None):
    """A frame as a server writes it; `length` is what it claims to be."""
    length = len(payload) if length is None else length
    head = bytes([fin << 7 | opcode])
    if length < 126:
        return head + bytes([length]) + payload
    if length < 1 << 16:
        return head + bytes([126]) + struct.pack(">H", length) + payload
    return head + bytes([127]) + struct.pack(">Q", length) + payload


class SocketServer:
    """Listens on a Unix socket, or on loopback when there is no path; a context manager.

    Attributes:
        asked: (method, params) of each request, in order, for the test to take.
        headers: of each request to upgrade.
        told: the client's own answers, and its notifications.
        pings: how many came.
        arrivals: of connections.
        frames: how many pieces each message had.
        answers: results by method, or functions of the params; None is no answer, a method that
            is missing is answered with its params.
    """

    def __init__(self, path=None):
        self.asked = Queue()
        self.headers = []
        self.told = Queue()
        self.frames = []
        self.pings = threading.Semaphore(0)
        self.arrivals = threading.Semaphore(0)
        self.answers = {"initialize": AGENT, "thread/start": {"thread": {"id": "h"}}, "fake/lose": None}
        self._scripts = deque()
        self._path = path
        self._listener = None
        self._peers = []
        self._threads = []

    def __enter__(self):
        self.listen()
        return self

    def __exit__(self, *_):
        self.vanish()
        for thread in self._threads:
            thread.join(DEADLINE_SECONDS)
            assert not thread.is_alive(), "a script has not ended"

    @property
    def url(self):
        """Where it listens."""
        return f"unix://{self._path}" if self._path else "ws://{}:{}".format(*self._address)

    def plays(self, *scripts):
        """Have the next connections played so."""
        self._scripts += scripts

    def listen(self):
        """Be there, again at the same place."""
        if self._path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)  # noqa: PTH108 - a text is what addresses take
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(self._path))
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self._address = self._listener.getsockname()
        self._listener.listen()
        self._start(self._accept, self._listener)

    def vanish(self):
        """End without a word, as a killed server does."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self):
        """Lose all connections, and go on listening."""
        peers, self._peers = self._peers, []
        for peer in peers:
            peer.drop()

    def drop_until_back(self):
        """Lose all connections, and wait for the first that is made again: then its client knows."""
        while self.arrivals.acquire(blocking=False):
            pass
        self.drop()
        assert self.arrivals.acquire(timeout=DEADLINE_SECONDS)

    def hears_of_ready(self):
        """Wait for the notification that ends the handshake: a connection that ends before it is read is reset."""
        assert self.told.get(timeout=DEADLINE_SECONDS)["method"] == "initialized"

    def next_of(self, method):
        """The params of the next request of that method; others before it are passed over."""
        while True:
            asked, params = self.asked.get(timeout=DEADLINE_SECONDS)
            if asked == method:
                return params

    def _start(self, work, *arguments):
        self._threads.append(threading.Thread(target=work, args=arguments, name="socket-server", daemon=True))
        self._threads[-1].start()

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                peer = Peer(self, listener.accept()[0])
                self._peers.append(peer)
                self.arrivals.release()
                self._start(self._play, peer, self._scripts.popleft() if self._scripts else serves)

    @staticmethod
    def _play(peer, script):
        with peer.socket, peer.reader, contextlib.suppress(OSError, EOFError):
            script(peer)


class Peer:
    """One connection, from the server's side."""

    def __init__(self, server, connection):
        self.server = server
        self.socket = connection
        self.reader = connection.makefile("rb")

    def drop(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def hears_request(self):
        """Read the request to upgrade; returns its headers."""
        if not self.reader.readline():
            raise EOFError
        lines = iter(lambda: self.reader.readline().strip().decode(), "")
        headers = dict(line.split(": ", 1) for line in lines)
        self.server.headers.append(headers)
        return headers

    def accept(self):
        """Agree to the upgrade."""
        key = self.hears_request()["Sec-WebSocket-Key"].encode()
        token = b64encode(sha1(key + GUID).digest()).decode()
        upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {token}"
        self.write(f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}\r\n\r\n".encode())
        return self

    def refuse(self, status, body="told so"):
        """Answer the request with another status."""
        self.hears_request()
        self.write(f"HTTP/1.1 {status} No\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    def write(self, data):
        self.socket.sendall(data)

    def say(self, **message):
        """Send a message."""
        self.write(frame(TEXT, json.dumps(message).encode()))

    def hear(self):
        """The next message; pings are answered."""
        pieces = []
        while True:
            opcode, fin, payload = self._hear_frame()
            if opcode < CLOSE:
                pieces.append(payload)
                if fin:
                    self.server.frames.append(len(pieces))
                    return json.loads(b"".join(pieces))

    def answer_pings(self, count):
        """Answer so many pings; messages between them are passed over."""
        while count > 0:
            count -= self._hear_frame()[0] == PING
        return self

    def serve(self, count=None):
        """Answer so many requests; without a number, all."""
        while count is None or count > 0:
            message = self.hear()
            if "method" not in message or "id" not in message:
                self.server.told.put(message)
                continue
            count = None if count is None else count - 1
            method, params = message["method"], message.get("params")
            self.server.asked.put((method, params))
            answer = self.server.answers.get(method, params)
            answer = answer(params) if callable(answer) else answer
            if isinstance(answer, Exception):
                self.say(id=message["id"], error={"code": -32600, "message": str(answer)})
            elif answer is not None:
                self.say(id=message["id"], result=answer)
        return self

    def _hear_frame(self):
        head, length = self._read(2)
        opcode, fin, length = head & 15, head >> 7, length & 127
        if length > 125:
            length = int.from_bytes(self._read(2 if length == 126 else 8), "big")
        mask, masked = self._read(4), self._read(length)
        if opcode == PING:
            self.server.pings.release()
            self.write(frame(PONG))
        elif opcode == CLOSE:
            raise EOFError
        repeated = (mask * (length // 4 + 1))[:length]
        return opcode, fin, (int.from_bytes(masked, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")

    def _read(self, count):
        data = self.reader.read(count)
        if len(data) < count:
            raise EOFError
        return data


def serves(peer):
    """What a good server does."""
    peer.accept().serve()
