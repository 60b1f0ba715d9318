"""WebSocket framing: bytes in, lines out; lines in, bytes out. No I/O, no clock; the shells lock.

* After each call, write `data_to_send()`.
* Once it is `over`, close the connection; `why_over()` says why.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from ._protocol import LONGEST_LINE_BYTES
from .errors import AppServerError, ConnectionClosedError, IncompatibleServerError, UsageError

if TYPE_CHECKING:
    from websockets.client import ClientProtocol
    from websockets.frames import Frame
    from websockets.http11 import Response
    from websockets.typing import BytesLike

    from ._endpoint import Endpoint

FRAGMENT_BYTES = 1024 * 1024
"""The server takes no frame of more than 16 MiB; a message may have several."""
TOLD_CHARACTERS = 200
CONTROL = 8
"""The first opcode that is no part of a message."""

# It would tell headers, and they a token, so it must not be one that anybody can configure.
_silent = logging.Logger("codex_app_server.websocket", logging.CRITICAL + 1)  # noqa: LOG001 - see above


class WebSocket:
    """One connection's framing, from the request to upgrade on.

    Args:
        endpoint: whom to ask for.
        token: who asks, if that matters.

    Attributes:
        opened: whether the server has agreed.

    Raises:
        UsageError: `websockets` is not installed.
    """

    def __init__(self, endpoint: Endpoint, token: str | None) -> None:
        self.opened = False
        self._url = endpoint.url
        self._parts: list[BytesLike] = []
        self._pinged = False
        self._broken = ""
        self._protocol = _make_protocol(endpoint.uri)
        request = self._protocol.connect()
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
        self._protocol.send_request(request)

    @property
    def over(self) -> bool:
        """Whether the server will say nothing more."""
        protocol = self._protocol
        ends = (protocol.close_rcvd, protocol.parser_exc, protocol.handshake_exc, self._broken or None)
        return any(end is not None for end in ends) or protocol.state.name == "CLOSED"

    def receive(self, data: bytes) -> bytes:
        """The lines of all messages that `data` completes; without data, it is the end of the stream."""
        self._pinged = False
        lines: list[BytesLike] = []
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if not hasattr(event, "opcode"):  # the answer to the request to upgrade
                self.opened = self._protocol.handshake_exc is None
                continue
            frame = cast("Frame", event)
            if frame.opcode < CONTROL:
                self._parts.append(frame.data)
                if frame.fin:
                    lines += (*self._parts, b"\n")
                    self._parts.clear()
        return b"".join(lines)

    def send(self, lines: bytes) -> None:
        """Send a message for each line, unless the connection is ending."""
        for line in lines.split(b"\n"):
            if line and self._protocol.state.name == "OPEN":
                self._protocol.send_text(line[:FRAGMENT_BYTES], fin=len(line) <= FRAGMENT_BYTES)
                for start in range(FRAGMENT_BYTES, len(line), FRAGMENT_BYTES):
                    end = start + FRAGMENT_BYTES
                    self._protocol.send_continuation(line[start:end], fin=end >= len(line))

    def close(self) -> None:
        """Say that this is the end; the server then closes the connection."""
        if self._protocol.state.name == "OPEN":
            self._protocol.send_close(1000)

    def be_patient(self, seconds: float | None) -> None:
        """Nothing came for `seconds`: ask whether somebody is there, and the next time take it that nobody is."""
        if self._pinged:
            self.break_off(f"the server has not answered a ping within {seconds:g} s")
        elif self._protocol.state.name == "OPEN":
            self._protocol.send_ping(b"")
            self._pinged = True

    def break_off(self, why: object) -> None:
        """The connection has failed; only the first reason counts."""
        self._broken = self._broken or str(why)

    @property
    def has_data_to_send(self) -> bool:
        """Whether something has to be written now."""
        return bool(self._protocol.writes)

    def data_to_send(self) -> bytes:
        """What has to be written now; often nothing."""
        return b"".join(self._protocol.data_to_send())

    def why_over(self) -> AppServerError:
        """Why there is no connection: a ConnectionClosedError once there was one."""
        protocol = self._protocol
        if isinstance(fault := protocol.handshake_exc, Exception):
            return _why_refused(self._url, fault)
        if (told := protocol.close_rcvd) is not None:
            reason = f": {_plain(told.reason)}" if told.reason else ""
            return ConnectionClosedError(f"the server at {self._url} closed the connection, code {told.code}{reason}")
        if protocol.parser_exc is not None and not isinstance(protocol.parser_exc, EOFError):
            text = f"the server at {self._url} sent what WebSocket does not allow"
            return ConnectionClosedError(f"{text}: {_plain(str(protocol.parser_exc))}")
        if self._broken:
            return ConnectionClosedError(f"the connection to {self._url} broke: {self._broken}")
        return ConnectionClosedError(f"the server at {self._url} is gone without a word")


def _make_protocol(uri: str) -> ClientProtocol:
    try:
        from websockets.client import ClientProtocol  # noqa: PLC0415 - an extra, and only for who connects to a server
        from websockets.uri import parse_uri  # noqa: PLC0415 - as above
    except ImportError as error:
        text = "a url takes the package websockets; `pip install 'codex-app-server-sdk[ws]'` installs it"
        raise UsageError(text) from error
    return ClientProtocol(parse_uri(uri), max_size=LONGEST_LINE_BYTES, logger=_silent)


def _why_refused(url: str, fault: Exception) -> AppServerError:
    response: Response | None = getattr(fault, "response", None)
    if response is not None:
        said = _plain(
            f"{response.status_code} {response.reason_phrase}: {bytes(response.body or b'').decode('latin-1')}"
        )
        if response.status_code in {401, 403}:
            return UsageError(
                f"the server at {url} does not let this client in; auth_token is wrong or missing: {said}"
            )
        if response.status_code >= 500:  # noqa: PLR2004 - the server's or a proxy's own trouble
            return ConnectionClosedError(f"the server at {url} is in trouble: {said}")
        return IncompatibleServerError(f"there is no app-server at {url}: {said}")
    if isinstance(fault.__cause__, EOFError):
        return ConnectionClosedError(f"the server at {url} hung up before it answered")
    return IncompatibleServerError(f"there is no app-server at {url}: {_plain(str(fault))}")


def _plain(text: str) -> str:
    """What a server said, fit for a line of a log."""
    return "".join(character if character.isprintable() else "?" for character in text[:TOLD_CHARACTERS]).rstrip(": ")
