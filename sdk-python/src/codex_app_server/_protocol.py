"""JSON lines: bytes in, messages out; values in, bytes out. No I/O, no clock.

* Give what was read to `Receiver.receive`, in chunks of any size; it returns the
  messages of every line that is now whole.
* The `encode_...` functions give one line each, ready to be written.

A line is decoded here only as far as it takes to know whom it is for; what it says is decoded where somebody asks, out
of `line`, which is kept as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .errors import MethodNotFoundError, ServerError, UsageError

LONGEST_LINE_BYTES = 128 * 1024 * 1024
"""A longer line is cut while it comes in, so that a server which never ends one cannot take all memory."""

METHOD_NOT_FOUND = -32601

RequestId = int | str
_Struct = msgspec.Struct


class Event(_Struct, frozen=True, gc=False):
    """A notification; `turn_id` names the turn it belongs to, if any."""

    method: str
    line: bytes
    turn_id: str | None


class Call(_Struct, frozen=True, gc=False):
    """A request of the server's, which waits for an answer."""

    id: RequestId
    method: str
    line: bytes


class WireError(_Struct, frozen=True):
    """The error object of an answer."""

    code: int
    message: str
    data: Any = None

    def to_exception(self, method: str, versions: tuple[str | None, str | None]) -> ServerError:
        """The exception for it; `versions` are the server's and the one that this SDK was made for."""
        error = ServerError.from_wire(self.code, self.message, self.data, method=method)
        if isinstance(error, MethodNotFoundError):
            error.server_version, error.pinned_version = versions
        return error


class Answer(_Struct, frozen=True):
    """The answer to a request of ours; `turn_id` names the turn that its result tells of, if any."""

    id: RequestId
    line: bytes
    error: WireError | None = None
    turn_id: str | None = None


class Fault(_Struct, frozen=True, gc=False):
    """A line that is no message; only its size is kept, for it may hold secrets."""

    reason: str
    size: int


Message = Event | Call | Answer | Fault


class _TurnName(_Struct, gc=False):
    id: str | None = None


class _Content(_Struct, gc=False):
    turn_id: str | None = msgspec.field(default=None, name="turnId")
    turn: _TurnName | None = None


class _Envelope(_Struct, gc=False):
    id: RequestId | msgspec.UnsetType | None = msgspec.UNSET
    method: str | None = None
    params: _Content | None = None
    result: _Content | msgspec.UnsetType | None = msgspec.UNSET
    error: WireError | None = None


class _LooseEnvelope(_Struct, gc=False):
    id: RequestId | msgspec.UnsetType | None = msgspec.UNSET
    method: str | None = None
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_decode = msgspec.json.Decoder(_Envelope).decode
_decode_loosely = msgspec.json.Decoder(_LooseEnvelope).decode


def _unwrap(value: object) -> object:
    """Content that was kept because no type fits it (it has `raw`) goes back as it came; any mapping is an object."""
    raw: object = getattr(value, "raw", value)
    if raw is not value:
        return raw
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON can say")


_encode = msgspec.json.Encoder(enc_hook=_unwrap).encode

_NAMELESS = "neither a method nor an id"
_HOLLOW = "an answer with neither a result nor an error"
UNDECODABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""What decoding raises on bytes that are not what they should be."""


class Receiver:
    """Turns a stream of bytes into messages, whatever the chunks are."""

    def __init__(self, longest_line_bytes: int = LONGEST_LINE_BYTES) -> None:
        self._longest_line_bytes = longest_line_bytes
        self._partial: list[bytes] = []
        self._room = longest_line_bytes

    def receive(self, data: bytes) -> list[Message]:
        """The messages of every line that `data` completes, in order."""
        messages: list[Message] = []
        append, unset = messages.append, msgspec.UNSET
        for line in self._lines(data):
            try:
                envelope = _decode(line)
            except UNDECODABLE as error:
                append(_read_loosely(line, error))
                continue
            if envelope.id is unset and envelope.method is not None:
                content = envelope.params
                turn_id = None if content is None else content.turn_id or _turn_id(content)
                append(Event(envelope.method, line, turn_id))
            else:
                append(_classify(envelope, line))
        return messages

    def _lines(self, data: bytes) -> list[bytes]:
        *lines, rest = data.split(b"\n")
        if lines and self._partial:
            lines[0] = b"".join([*self._partial, lines[0][: self._room]])
            self._partial, self._room = [], self._longest_line_bytes
        if rest and self._room:
            # What is cut off here leaves a line that is no JSON, and such lines are faults.
            self._partial.append(rest[: self._room])
            self._room -= len(self._partial[-1])
        return lines


def encode_request(request_id: RequestId, method: str, params: object = None) -> bytes:
    """The line of a request.

    Raises:
        UsageError: `params` is not JSON, or has a text that is not valid Unicode.
    """
    return _line({"id": request_id, "method": method} | _params(params), method)


def encode_notification(method: str, params: object = None) -> bytes:
    """The line of a notification; raises what `encode_request` raises."""
    return _line({"method": method} | _params(params), method)


def encode_result(request_id: RequestId, result: object) -> bytes:
    """The line that answers a request of the server's; raises what `encode_request` raises."""
    return _line({"id": request_id, "result": result}, "result")


def encode_error(request_id: RequestId, code: int, message: str) -> bytes:
    """The line that refuses a request of the server's."""
    return _line({"id": request_id, "error": {"code": code, "message": message}}, "error")


def _params(params: object) -> dict[str, object]:
    return {} if params is None else {"params": params}


def _line(message: dict[str, object], what: str) -> bytes:
    try:
        line = _encode(message)
        if b"\\ud" in line or b"\\uD" in line:  # ready-made JSON may hide one; the decoder refuses it
            msgspec.json.decode(line)
    except UnicodeEncodeError as error:
        # The server never answers a message with one, so it would look like a server that hangs.
        text = f"{what}: a text has the lone surrogate {error.object[error.start]!r}, which is not valid Unicode"
        raise UsageError(f"{text}; was it decoded with errors='surrogateescape'?") from None
    except (TypeError, ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise UsageError(f"{what}: cannot be sent as JSON: {error}") from None
    return (
        line.replace(b"\n", b" ") + b"\n"
    )  # ready-made JSON may be spread over lines; a text never holds a raw newline


def _turn_id(content: _Content | msgspec.UnsetType | None) -> str | None:
    if content is None or content is msgspec.UNSET:
        return None
    return content.turn_id or (content.turn.id if content.turn else None)


def _classify(envelope: _Envelope, line: bytes) -> Message:
    if envelope.id is msgspec.UNSET or envelope.id is None:
        return Fault(_NAMELESS, len(line))
    if envelope.method is not None:
        return Call(envelope.id, envelope.method, line)
    if envelope.error is not None:
        return Answer(envelope.id, line, envelope.error)
    if envelope.result is msgspec.UNSET:
        return Fault(_HOLLOW, len(line))
    return Answer(envelope.id, line, None, _turn_id(envelope.result))


def _read_loosely(line: bytes, error: Exception) -> Message:
    """What can be known of a line whose content has another shape than usual: the id and the method still count."""
    if not line.strip():
        return Fault("a blank line", len(line))
    try:
        loose = _decode_loosely(line)
    except UNDECODABLE:
        return Fault(f"no JSON object of the protocol: {type(error).__name__}", len(line))
    if loose.id is msgspec.UNSET or loose.id is None:
        return Event(loose.method, line, None) if loose.method else Fault(_NAMELESS, len(line))
    if loose.method is not None:
        return Call(loose.id, loose.method, line)
    if loose.error is not msgspec.UNSET and loose.error != msgspec.Raw(b"null"):
        return Answer(loose.id, line, WireError(0, "an error of an unknown shape"))
    return Fault(_HOLLOW, len(line)) if loose.result is msgspec.UNSET else Answer(loose.id, line)
