"""A model on loopback: the OpenAI Responses API with scripted replies, for the real server to talk to.

    with LoopbackModel() as model:
        gate = Gate()
        model.replies(calls("exec_command", cmd="ls"), says("One ", gate, "moment"), refuses(429))

Each request of the server's takes the next reply; without any left it is `answers_all`'s, or an echo of the last user's
text. Nothing here sleeps: a `Gate` in a reply announces that the server has got that far, and holds the rest back.
"""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from model_replies import Gate, Reply, Request, echoes, refuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from typing_extensions import Self

    from model_replies import Piece

CHUNK_EVENTS = 500


class LoopbackModel:
    """The model's server, in threads of its own; a context manager.

    Attributes:
        answers_all: what to do with a request when no reply is left.
        requests: those that came, in order.
    """

    def __init__(self) -> None:
        self.answers_all: Callable[[Request], Reply] = echoes
        self.requests: list[Request] = []
        self._script: SimpleQueue[Reply] = SimpleQueue()
        self._gates: list[Gate] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.model = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="loopback-model")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for gate in self._gates:
            gate.open()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The base URL of its API."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def replies(self, *replies: Reply) -> None:
        """Give the next requests these replies, one each."""
        for reply in replies:
            self._script.put(reply)

    def take(self, request: Request) -> Reply:
        """The reply to `request`; for the handler."""
        self.requests.append(request)
        try:
            reply = self._script.get_nowait()
        except Empty:
            reply = self.answers_all(request)
        self._gates += [piece for piece in reply.pieces if isinstance(piece, Gate)]
        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for them
    request_queue_size = 128
    model: LoopbackModel


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride] - no other makes one

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.server.model.take(Request(json.loads(body)))
        with suppress(ConnectionError):  # the turn was interrupted, or its server killed: many tests are about that
            self._answer(reply) if reply.status == 200 else self._refuse(reply)

    def do_GET(self) -> None:
        self._refuse(refuses(404))

    def _answer(self, reply: Reply) -> None:
        self._start(reply.status, "text/event-stream")
        for piece in _in_chunks(reply.pieces):
            if isinstance(piece, Gate):
                piece.pass_through()
            else:
                self.wfile.write(piece)

    def _refuse(self, reply: Reply) -> None:
        self._start(reply.status, "application/json")
        error = {"message": "on purpose", "type": reply.code, "code": reply.code}
        self.wfile.write(json.dumps({"error": error}).encode())

    def _start(self, status: int, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
        """Say nothing: `requests` has it all."""


def _in_chunks(pieces: Iterable[Piece]) -> Iterator[bytes | Gate]:
    """The stream's text, many events at a time, with the gates where they belong."""
    lines: list[str] = []
    for piece in pieces:
        if isinstance(piece, Gate) or len(lines) == CHUNK_EVENTS:
            yield "".join(lines).encode()
            lines.clear()
        if isinstance(piece, Gate):
            yield piece
        else:
            lines.append(f"event: {piece['type']}\ndata: {json.dumps(piece)}\n\n")
    yield "".join(lines).encode()
