"""Where a running server listens, out of a URL, and which token may be told to it there."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .errors import UsageError

if TYPE_CHECKING:
    from .config import AppServerConfig

FORMS = "write unix:///PATH or ws://HOST:PORT"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A place to connect to.

    Attributes:
        url: as it was given; it never holds a secret.
        path: of a Unix socket, None for TCP.
        host: empty for a Unix socket.
        port: 0 for a Unix socket.
    """

    url: str
    path: str | None
    host: str = ""
    port: int = 0

    @property
    def uri(self) -> str:
        """What the handshake asks for."""
        return self.url if self.path is None else "ws://localhost/"

    @property
    def is_local(self) -> bool:
        """Whether what is sent there stays on this machine."""
        if self.host in {"", "localhost"}:
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def find_endpoint(url: str) -> Endpoint:
    """The place that `url` names.

    Raises:
        UsageError: it names none, or one that cannot be reached from here.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "unix":
        if not rest:
            raise UsageError(f"url {url!r} names no socket; {FORMS}")
        return Endpoint(url, rest)
    if scheme == "wss":
        raise UsageError("url: TLS is not spoken here; forward a port (`ssh -L`), and write ws://127.0.0.1:PORT")
    try:
        parts, port = urlsplit(url), None
    except ValueError:  # which tells of a name and a password as well
        raise UsageError(f"url names no host; {FORMS}") from None
    if parts.username is not None or parts.password is not None:
        raise UsageError("url holds a user's name or password, and would be told in errors; use auth_token")
    try:
        port = parts.port
    except ValueError as error:
        raise UsageError(f"url {url!r}: {error}; {FORMS}") from None
    if scheme != "ws" or not parts.hostname or not port or parts.fragment:
        raise UsageError(f"url {url!r} names no server; {FORMS}")
    return Endpoint(url, None, parts.hostname, port)


def find_token(config: AppServerConfig, endpoint: Endpoint) -> str | None:
    """The token for this connection, None for none.

    Raises:
        UsageError: it may not be sent there, or no header can hold it.
    """
    if config.auth_token is None:
        return None
    if not (endpoint.is_local or config.allow_plain_token):
        text = f"auth_token is not sent to {endpoint.url}: anybody on the way could read it"
        raise UsageError(f"{text}; forward a port (`ssh -L`), or set allow_plain_token=True")
    token = config.auth_token() if callable(config.auth_token) else config.auth_token
    if not (isinstance(token, str) and token.isascii() and token.isprintable() and token and " " not in token):
        raise UsageError("auth_token is no text of visible ASCII characters; has it a line break at its end?")
    return token
