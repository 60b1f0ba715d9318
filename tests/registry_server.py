"""An npm registry on loopback that behaves, except where a test tells it how to misbehave.

A fault is a function that answers one request in place of the honest answer; `faults` of a path are used up one by one.
"""

import base64
import gzip
import hashlib
import json
import re
import ssl
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

_GONE = (BrokenPipeError, ConnectionResetError)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came in."""

    path: str
    headers: Message


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer; `body` is what an honest registry would send."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    @property
    def body(self) -> bytes:
        return self.server.registry.bodies[self.path]

    def start(self, status: int, headers: Mapping[str, object]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def send(self, status: int, body: bytes, headers: Mapping[str, object] | None = None) -> None:
        self.start(status, {"Content-Length": len(body), **(headers or {})})
        self.wfile.write(body)

    def honest(self) -> None:
        if self.path not in self.server.registry.bodies:
            self.send(404, b'{"error": "not found"}')
            return
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        whole = len(self.body)
        if not asked:
            self.send(200, self.body)
        elif (start := int(asked[1])) >= whole:
            self.send(416, b"", {"Content-Range": f"bytes */{whole}"})
        else:
            self.send(206, self.body[start:], {"Content-Range": f"bytes {start}-{whole - 1}/{whole}"})

    def do_GET(self) -> None:
        registry = self.server.registry
        self.path = self.path.removeprefix(registry.url)  # a proxy is asked for the whole address
        with registry.lock:
            registry.seen.append(Seen(self.path, self.headers))
            fault = registry.faults[self.path].popleft() if registry.faults[self.path] else Exchange.honest
        with suppress(*_GONE):  # the client may hang up on what it refuses
            fault(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep stderr for the tests."""


Fault = Callable[[Exchange], None]


class Registry:
    """What the server has, what it was asked, and how it is to misbehave."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bodies: dict[str, bytes] = {}
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.seen: list[Seen] = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.held = threading.Event()

    def publish(self, package: str, version: str, archive: bytes, **dist: object) -> str:
        """Offer `archive`; `dist` replaces what the metadata says. Returns the archive's path."""
        path = f"/{package}/-/{package.rpartition('/')[2]}-{version}.tgz"
        integrity = f"sha512-{base64.b64encode(hashlib.sha512(archive).digest()).decode()}"
        document = {"version": version, "dist": {"tarball": self.url + path, "integrity": integrity, **dist}}
        self.bodies[path] = archive
        self.bodies[metadata_path(package, version)] = json.dumps(document).encode()
        packument = json.loads(self.bodies.get(metadata_path(package), b'{"versions": {}}'))
        packument["versions"][version] = document
        self.bodies[metadata_path(package)] = json.dumps(packument).encode()
        return path

    def misbehave(self, path: str, *faults: Fault) -> None:
        """Answer the next requests for `path` with these, one each."""
        self.faults[path].extend(faults)

    def asked(self, path: str) -> list[Seen]:
        """The requests for `path` so far."""
        return [seen for seen in self.seen if unquote(seen.path) == unquote(path)]

    @property
    def downloads(self) -> list[Seen]:
        """The requests for archives so far."""
        return [seen for seen in self.seen if seen.path.endswith(".tgz")]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    registry: Registry

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up, also in mid-handshake; anything else is a bug of a test's."""
        if not isinstance(sys.exception(), (*_GONE, ssl.SSLError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # socketserver's own types


@contextmanager
def running_registry(tls: ssl.SSLContext | None = None) -> Iterator[Registry]:
    """A registry until the context ends; with `tls` by https, under the name localhost."""
    with _Server(("127.0.0.1", 0), Exchange) as server:
        server.registry = Registry(f"http://127.0.0.1:{server.server_port}")
        if tls:
            server.registry = Registry(f"https://localhost:{server.server_port}")
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.registry
        finally:
            server.registry.released.set()
            server.shutdown()
            thread.join()


def metadata_path(package: str, version: str | None = None) -> str:
    """Where the metadata of a package, or of one version, is asked for."""
    path = f"/{package.replace('/', '%2F')}"
    return path if version is None else f"{path}/{version}"


def cut(at: int, *, resumable: bool = True) -> Fault:
    """Promise everything (from the asked-for place on, if `resumable`), send `at` bytes of it, hang up."""

    def fault(exchange: Exchange) -> None:
        start = _start_of(exchange) if resumable else 0
        body = exchange.body[start:]
        status, headers = (206, _content_range(start, exchange.body)) if start else (200, {})
        exchange.start(status, {"Content-Length": len(body), **headers})
        exchange.wfile.write(body[:at])

    return fault


def hold(at: int) -> Fault:
    """Promise everything, send `at` bytes, say so by `registry.held`, and send the rest when `registry.released`."""

    def fault(exchange: Exchange) -> None:
        registry = exchange.server.registry
        exchange.start(200, {"Content-Length": len(exchange.body)})
        exchange.wfile.write(exchange.body[:at])
        registry.held.set()
        registry.released.wait()
        exchange.wfile.write(exchange.body[at:])

    return fault


def status(code: int, **headers: object) -> Fault:
    """Answer with a status and no body; `retry_after="7"` becomes the header Retry-After."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return lambda exchange: exchange.send(code, b"", named)


def redirect(to: str) -> Fault:
    """Answer 302."""
    return status(302, location=to)


def sends(body: bytes, *, compressed: bool = False) -> Fault:
    """Answer 200 with other bytes."""
    if compressed:
        return lambda exchange: exchange.send(200, gzip.compress(body, 1), {"Content-Encoding": "gzip"})
    return lambda exchange: exchange.send(200, body)


def ignores_range(exchange: Exchange) -> None:
    """Answer 200 with everything, whatever was asked."""
    exchange.send(200, exchange.body)


def wrong_range(exchange: Exchange) -> None:
    """Answer 206 with another piece than the one that was asked for."""
    exchange.send(206, exchange.body[1:], _content_range(1, exchange.body))


def sends_without_length(body: bytes) -> Fault:
    """Answer 200 with a body that ends where the connection ends."""

    def fault(exchange: Exchange) -> None:
        exchange.start(200, {})
        exchange.wfile.write(body)

    return fault


def endless(exchange: Exchange) -> None:
    """Send zeros until the client hangs up."""
    exchange.start(200, {})
    while True:
        exchange.wfile.write(bytes(1 << 20))


def drips(exchange: Exchange) -> None:
    """Send a byte at a time, without end."""
    exchange.start(200, {})
    while True:
        exchange.wfile.write(b" ")


def _start_of(exchange: Exchange) -> int:
    asked = re.fullmatch(r"bytes=(\d+)-", exchange.headers.get("Range", ""))
    return int(asked[1]) if asked else 0


def _content_range(start: int, body: bytes) -> dict[str, object]:
    return {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
