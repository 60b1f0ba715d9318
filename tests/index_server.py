"""A package index on loopback that behaves, except where a test tells it how to misbehave.

It speaks PEP 503, 691, 700 and 658 and takes uploads as the legacy API has them. As a program,
`python index_server.py DIRECTORY`, it prints its address and serves until it is ended.

A fault is a function that handles one exchange in place of the honest answer; those for "page" and for "upload" are
used up one by one.
"""

import base64
import hashlib
import html
import json
import sys
import threading
import zipfile
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

USER, PASSWORD = "__token__", "index-AgEIcGFzc3dvcmQ"
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
_BLOCK_BYTES = 1 << 20
_GONE = (BrokenPipeError, ConnectionResetError)


@dataclass
class Held:
    """A file that the index has."""

    path: Path
    project: str
    sha256: str
    size: int
    uploaded: str
    yanked: str | None = None
    metadata: bytes | None = None
    provenance: bytes | None = None


@dataclass
class PackageIndex:
    """What the server has and was asked; `log` holds (what, name): page, upload, refused, download, metadata."""

    url: str
    directory: Path
    guarded: bool = False
    now: str = "2026-11-25T12:00:00.000000Z"
    files: dict[str, Held] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    faults: defaultdict[str, deque["Fault"]] = field(default_factory=lambda: defaultdict(deque))
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)
    bytes_taken: int = 0

    @property
    def simple(self) -> str:
        return f"{self.url}/simple/"

    @property
    def upload_url(self) -> str:
        return f"{self.url}/legacy/"

    def misbehave(self, what: str, *faults: "Fault") -> None:
        self.faults[what].extend(faults)

    def add(self, name: str, data: bytes, **more: object) -> Held:
        """Have a file from the start."""
        path = self.directory / name
        path.write_bytes(data)
        return self.keep(name, path, hashlib.sha256(data).hexdigest(), **more)

    def keep(self, name: str, path: Path, sha256: str, **more: object) -> Held:
        project = name.partition("-")[0].replace("_", "-")
        held = Held(path, project, sha256, path.stat().st_size, self.now, metadata=_metadata(path))
        for key, value in more.items():
            setattr(held, key, value)
        self.files[name] = held
        return held

    def uploads(self) -> list[str]:
        """The names of the files that were taken, in order."""
        return [name for what, name in self.log if what == "upload"]


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    @property
    def index(self) -> PackageIndex:
        return self.server.index

    def send(self, status: int, body: bytes, headers: Mapping[str, object] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": len(body), "Connection": "close"} | dict(headers or {})).items():
            self.send_header(name, str(value))
        self.end_headers()
        self.close_connection = True
        self.wfile.write(body)

    def take(self) -> None:
        """Take an upload: the digest that was promised, no other bytes under a name that is there."""
        fields, name, path, sha256 = receive(self)
        held = self.index.files.get(name)
        with self.index.lock:
            if fields.get("sha256_digest", sha256) != sha256 or (held and held.sha256 != sha256):
                self.index.log.append(("refused", name))
                raise_status = 400
            else:
                self.index.log.append(("upload", name))
                self.index.keep(name, path, sha256)
                raise_status = 200
        self.answer = raise_status

    def do_POST(self) -> None:
        self.answer = 200
        if not self._admitted(always=True):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.index.log.append(("refused", "credentials"))
            self.send(403, b"Invalid or non-existent authentication information.")
            return
        with suppress(*_GONE):
            self._fault("upload", Exchange.honest_upload)(self)

    def honest_upload(self) -> None:
        self.take()
        self.send(self.answer, b"" if self.answer == 200 else b"File already exists, with other bytes.")

    def do_GET(self) -> None:
        kind, _, name = unquote(urlsplit(self.path).path).strip("/").partition("/")
        with suppress(*_GONE):
            if not self._admitted(always=False):
                self.send(401, b"", {"WWW-Authenticate": "Basic"})
            elif kind == "simple":
                self.index.log.append(("page", name))
                self._fault("page", Exchange.honest_page)(self)
            elif kind == "files" and name.removesuffix(".provenance") != name:
                self.send(200, self.index.files[name.removesuffix(".provenance")].provenance or b"")
            elif kind == "files" and name.removesuffix(".metadata") in self.index.files:
                self._file(name)
            else:
                self.send(404, b"")

    def honest_page(self) -> None:
        self.page(self.index.files)

    def page(self, files: Mapping[str, Held]) -> None:
        """The project's page in the form that is asked for."""
        project = self.path.strip("/").partition("/")[2]
        files = {name: held for name, held in files.items() if held.project == project}
        if not files:
            self.send(404, b"")
        elif SIMPLE_JSON in self.headers.get("Accept", ""):
            page = {"meta": {"api-version": "1.1"}, "name": project, "files": [_json(n, h) for n, h in files.items()]}
            self.send(200, json.dumps(page).encode(), {"Content-Type": SIMPLE_JSON})
        else:
            links = "".join(_link(name, held) for name, held in files.items())
            self.send(200, f"<!DOCTYPE html><body>{links}</body>".encode(), {"Content-Type": "text/html"})

    def _file(self, name: str) -> None:
        held = self.index.files[name.removesuffix(".metadata")]
        if name.endswith(".metadata"):
            self.index.log.append(("metadata", name))
            self.send(200, held.metadata or b"")
            return
        self.index.log.append(("download", name))
        self.send_response(200)
        self.send_header("Content-Length", str(held.size))
        self.end_headers()
        with held.path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                self.wfile.write(block)

    def _admitted(self, *, always: bool) -> bool:
        given = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return not (self.index.guarded or always) or self.headers.get("Authorization") == f"Basic {given}"

    def _fault(self, what: str, honest: "Fault") -> "Fault":
        with self.index.lock:
            return self.index.faults[what].popleft() if self.index.faults[what] else honest

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep stderr for the tests."""


Fault = Callable[[Exchange], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    index: PackageIndex

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up."""
        if not isinstance(sys.exception(), (*_GONE, EOFError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # socketserver's own types


@contextmanager
def running_index(directory: Path, *, guarded: bool = False) -> Iterator[PackageIndex]:
    """An index until the context ends; with `guarded` its pages take credentials, too."""
    directory.mkdir(parents=True, exist_ok=True)
    with _Server(("127.0.0.1", 0), Exchange) as server:
        server.index = PackageIndex(f"http://127.0.0.1:{server.server_port}", directory, guarded)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.index
        finally:
            server.index.released.set()
            server.shutdown()
            thread.join()


def receive(exchange: Exchange) -> tuple[dict[str, str], str, Path, str]:
    """The form of an upload: its fields, and the name, place and digest of the file, which comes last."""
    left = int(exchange.headers["Content-Length"])
    boundary = b"--" + exchange.headers["Content-Type"].partition("boundary=")[2].strip('"').encode()
    head = bytearray()
    while b'name="content"' not in head or b"\r\n\r\n" not in head[head.index(b'name="content"') :]:
        head += _read(exchange, min(64 << 10, left - len(head)))
    start = head.index(b"\r\n\r\n", head.index(b'name="content"')) + 4
    fields = dict(map(_field, bytes(head[:start]).split(boundary)[1:-1]))
    name = bytes(head[:start]).rpartition(b'filename="')[2].partition(b'"')[0].decode()
    size = left - start - len(b"\r\n" + boundary + b"--\r\n")
    path = exchange.index.directory / f".{threading.get_ident()}-{name}"
    digest = hashlib.sha256(head[start : start + size])
    with path.open("wb") as file:
        file.write(head[start : start + size])
        done = len(head) - start
        while done < size:
            block = _read(exchange, min(_BLOCK_BYTES, size - done))
            digest.update(block)
            file.write(block)
            done += len(block)
    _read(exchange, left - start - max(done, size))
    final = exchange.index.directory / name
    if name not in exchange.index.files:
        path.replace(final)
    return fields, name, final, digest.hexdigest()


def _read(exchange: Exchange, size: int) -> bytes:
    data = exchange.rfile.read(size) if size > 0 else b""
    if len(data) < size:
        raise EOFError
    exchange.index.bytes_taken += len(data)
    return data


def _field(part: bytes) -> tuple[str, str]:
    header, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
    return header.partition(b'name="')[2].partition(b'"')[0].decode(), value.decode("utf-8", "replace")


def _json(name: str, held: Held) -> dict[str, object]:
    return {
        "filename": name, "url": f"../../files/{name}", "hashes": {"sha256": held.sha256}, "size": held.size,
        "upload-time": held.uploaded, "yanked": False if held.yanked is None else held.yanked or True,
        "provenance": None if held.provenance is None else f"../../files/{name}.provenance",
        "core-metadata": held.metadata is not None and {"sha256": hashlib.sha256(held.metadata).hexdigest()},
    }  # fmt: skip


def _link(name: str, held: Held) -> str:
    yanked = "" if held.yanked is None else f' data-yanked="{html.escape(held.yanked)}"'
    return f'<a href="../../files/{name}#sha256={held.sha256}"{yanked}>{name}</a>\n'


def _metadata(path: Path) -> bytes | None:
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as wheel:
        return next((wheel.read(name) for name in wheel.namelist() if name.endswith(".dist-info/METADATA")), None)


if __name__ == "__main__":
    with running_index(Path(sys.argv[1])) as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
