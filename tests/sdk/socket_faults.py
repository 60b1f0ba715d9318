"""What a server on a socket may do wrong, as data for both test modules."""

import json
import socket
import sys
import threading
from contextlib import contextmanager

from codex_app_server import ConnectionClosedError, IncompatibleServerError, UsageError
from socket_server import BINARY, CLOSE, TEXT, frame

TRANSPORTS = ["ws"] if sys.platform == "win32" else ["unix", "ws"]
PATIENCE_SECONDS = 0.5
"""How long a good server may be silent, and how long its pong may take: a loaded machine is no fault of its."""
LARGE = "x" * (3 * 1024 * 1024)
EVENT = json.dumps({"method": "x/y", "params": {"a": "é"}}, ensure_ascii=False).encode()


def _says(data):
    """A server that answers the request to upgrade with that, whatever it is."""
    return lambda peer: peer.hears_request() and peer.write(data)


# What a server does with the request to upgrade, and the error.
REFUSALS = {
    "401": (lambda peer: peer.refuse(401), UsageError, "auth_token is wrong or missing: 401 No: told so"),
    "403": (lambda peer: peer.refuse(403, ""), UsageError, "auth_token is wrong or missing: 403 No$"),
    "404": (lambda peer: peer.refuse(404), IncompatibleServerError, "no app-server at .*: 404 No: told so"),
    "503": (lambda peer: peer.refuse(503), ConnectionClosedError, "is in trouble: 503"),
    "200": (
        lambda peer: peer.refuse(200, "x" * 10_000),
        IncompatibleServerError,
        "no app-server at .*: 200 No: x{190}",
    ),
    "no http": (_says(b"SSH-2.0-x\r\n\r\n"), IncompatibleServerError, "no app-server at"),
    "endless line": (_says(b"x" * 100_000), IncompatibleServerError, "no app-server at"),
    "hangs up": (lambda peer: peer.hears_request(), ConnectionClosedError, "hung up before it answered"),
}


def _breaks(data):
    """A server that hears two requests, answers the first, and then writes that and hangs up."""

    def script(peer):
        peer.accept().serve(1).serve(1)
        peer.write(data)

    return script


# What a server does in the middle, and how the error tells of it.
FAULTS = {
    "drops": (_breaks(b""), "gone without a word"),
    "drops in a frame": (_breaks(frame(TEXT, b"{", length=100)), "gone without a word"),
    "drops between pieces": (_breaks(frame(TEXT, b"{", fin=False)), "gone without a word"),
    "no such frame": (_breaks(frame(5, b"x")), "what WebSocket does not allow: invalid opcode"),
    "garbage": (_breaks(b"\xff" * 100), "what WebSocket does not allow"),
    "too large": (_breaks(frame(TEXT, b"{", length=1 << 40)), "what WebSocket does not allow: .*1099511627776"),
    "closes": (_breaks(frame(CLOSE, b"\x03\xe9bye\x00")), r"closed the connection, code 1001: bye\?"),
    "closes without a code": (_breaks(frame(CLOSE)), "closed the connection, code 1005"),
}


# How a server says in the middle of a request that it is leaving; from then on it reads nothing.
GOODBYES = {
    "closes": (lambda peer: peer.write(frame(CLOSE)), "closed the connection"),
    "garbage": (lambda peer: peer.write(b"\xff" * 100), "what WebSocket does not allow"),
    "hangs up half": (lambda peer: peer.socket.shutdown(socket.SHUT_WR), "gone without a word"),
}


def leaves(peer, goodbye):
    """Hear that a request begins, and say goodbye."""
    peer.accept().serve(1).hear()  # the second message is the notification that ends the handshake
    peer.reader.peek(1)
    goodbye(peer)
    return peer


def says_in_pieces(peer):
    """A message in frames, which come in single bytes."""
    peer.accept().serve(1)
    for byte in frame(TEXT, EVENT[:20], fin=False) + frame(0, EVENT[20:-3], fin=False) + frame(0, EVENT[-3:]):
        peer.write(bytes([byte]))
    peer.serve()


def says_after_pings(peer):
    """Nothing until two pings were answered: the second tells that the first answer was heard."""
    peer.accept().serve(1).answer_pings(2).say(method="x/y", params={})
    peer.serve()


def says_nonsense(peer):
    """Messages that are none, and one that is."""
    peer.accept().serve(1)
    for opcode, message in (
        (BINARY, b"\xff\xfe"),
        (TEXT, b"\xff"),
        (TEXT, b"[]"),
        (BINARY, b'{"method":"x/y","params":{}}'),
    ):
        peer.write(frame(opcode, message))
    peer.serve()


@contextmanager
def bridged():
    """An event that is set at the end in any case, for scripts that do nothing until then."""
    event = threading.Event()
    try:
        yield event
    finally:
        event.set()
