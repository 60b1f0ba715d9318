"""Ways in which an index misbehaves, each once: given to `PackageIndex.misbehave`."""

from index_server import Exchange, Fault


def status(code: int, body: bytes = b"", **headers: object) -> Fault:
    """Read everything, keep nothing, answer with a status; `retry_after="7"` becomes the header Retry-After."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}

    def fault(exchange: Exchange) -> None:
        exchange.rfile.read(int(exchange.headers.get("Content-Length", 0)))
        exchange.send(code, body, named)

    return fault


def dropped_at(size: int) -> Fault:
    """Hang up after `size` bytes of the request, half of it at most."""

    def fault(exchange: Exchange) -> None:
        exchange.rfile.read(min(size, int(exchange.headers["Content-Length"]) // 2))
        exchange.close_connection = True

    return fault


def accepted_but(code: int) -> Fault:
    """Keep the file, and answer as if not."""

    def fault(exchange: Exchange) -> None:
        exchange.take()
        exchange.send(code, b"")

    return fault


def accepted_then_silent(exchange: Exchange) -> None:
    """Keep the file, and hang up without an answer."""
    exchange.take()
    exchange.close_connection = True


def accepted_and_held(exchange: Exchange) -> None:
    """Keep the file, say so by `index.held`, and answer only when `index.released`."""
    exchange.take()
    exchange.index.held.set()
    exchange.index.released.wait()
    exchange.send(200, b"")


def echoes_credentials(exchange: Exchange) -> None:
    """Refuse, and quote what was sent to prove who asks."""
    import base64

    exchange.rfile.read(int(exchange.headers["Content-Length"]))
    given = exchange.headers["Authorization"].partition(" ")[2]
    exchange.send(400, f"no: {given} {base64.b64decode(given).decode()}".encode())


def stale(exchange: Exchange) -> None:
    """A page as it was before anything was uploaded."""
    exchange.page({})


def page(body: bytes, content_type: str) -> Fault:
    """Any page at all."""
    return lambda exchange: exchange.send(200, body, {"Content-Type": content_type})
