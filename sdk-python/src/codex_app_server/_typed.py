"""Lines with types: what a notification or an answer says, once somebody asks."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec

from . import _wire
from ._methods import NotificationMethod
from .errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._methods import Method, ServerRequest
    from ._protocol import Event

P = TypeVar("P")
R = TypeVar("R")


class Notification(msgspec.Struct, Generic[P], frozen=True, gc=False):
    """What the server tells.

    Attributes:
        method: such as "item/agentMessage/delta".
        params: the generated type of that method; `Unknown` for a method that this version does not know.
    """

    method: str
    params: P


class _Params(msgspec.Struct, gc=False):
    params: msgspec.Raw = msgspec.Raw(b"null")


class _Result(msgspec.Struct, gc=False):
    result: msgspec.Raw = msgspec.Raw(b"null")


_read_params = msgspec.json.Decoder(_Params).decode
_read_result = msgspec.json.Decoder(_Result).decode


def notification(event: Event) -> Notification[Any]:
    """The notification with its params typed; never fails, for what does not fit is kept."""
    try:
        return _reader(event.method)(event.line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _keep(event)


def result(method: Method[P, R], line: bytes) -> R:
    """The result of an answer.

    Raises:
        ProtocolError: it is nothing like what the method answers.
    """
    with suppress(RecursionError):
        value = _wire.decode(method.result, _read_result(line).result)
        if not isinstance(value, _wire.Unknown):
            return value
    raise ProtocolError(f"{method.name}: the answer, of {len(line)} bytes, has another shape than it should")


def params(method: ServerRequest[P, Any], line: bytes) -> P:
    """The params of a request; never fails, for what does not fit is kept."""
    try:
        return _wire.decode(method.params, _read_params(line).params)
    except RecursionError:  # see `_keep`
        return cast("P", _wire.Unknown(method.name, line))


def mistake(method: ServerRequest[Any, R], line: bytes) -> str | None:
    """What keeps the result in `line` from being one of `method`, None when it is one."""
    try:
        _wire.reader(method.result)(_read_result(line).result)
    except (msgspec.DecodeError, RecursionError) as error:
        return str(error)
    return None


@lru_cache(maxsize=1024)  # a server could go on inventing methods
def _reader(method: str) -> Callable[[bytes], Notification[Any]]:
    """Reads a whole line at once, as long as it is exactly what this version knows."""
    known = _notification_types().get(method)
    return _refuse if known is None else _wire.reader(Notification[known.params])  # type: ignore[name-defined]


def _refuse(_line: bytes) -> Notification[Any]:
    raise msgspec.DecodeError


def _keep(event: Event) -> Notification[Any]:
    known = _notification_types().get(event.method)
    try:
        params = _read_params(event.line).params
    except RecursionError:  # how deep JSON may be nested depends on the caller's stack, so the receiver could read it
        return Notification(event.method, _wire.Unknown(event.method, event.line))
    if known is not None:
        return Notification(event.method, _wire.decode(known.params, params))
    return Notification(event.method, _wire.Unknown(event.method, _wire.decode(object, params)))


@cache
def _notification_types() -> dict[str, NotificationMethod[Any]]:
    from .generated import methods  # noqa: PLC0415 - a server can be started while this is being imported

    return {each.name: each for each in vars(methods).values() if isinstance(each, NotificationMethod)}
