"""Requests of the server's, with types: who answers them, and what becomes of an answer. No I/O; the shells lock.

Nothing is approved by itself, and nothing is left without an answer: the server would wait for it. What no handler
answers, and what a handler makes nonsense of, is declined.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from . import _typed
from ._protocol import METHOD_NOT_FOUND, encode_error, encode_result
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import TypeAlias

    from ._asked import Asked
    from ._methods import ServerRequest

P = TypeVar("P")
R = TypeVar("R")

HANDLER_FAILED = -32603

DECLINED: dict[str, dict[str, Any]] = {
    "item/commandExecution/requestApproval": {"decision": "decline"},
    "item/fileChange/requestApproval": {"decision": "decline"},
    "item/permissions/requestApproval": {"permissions": {}},  # grants none of them
    "mcpServer/elicitation/request": {"action": "decline"},
    "applyPatchApproval": {"decision": {"denied": {"rejection": "declined"}}},
    "execCommandApproval": {"decision": {"denied": {"rejection": "declined"}}},
}
SECRET = frozenset({"account/chatgptAuthTokens/refresh", "attestation/generate"})
"""Methods whose answers are secrets: not even what a handler raised is logged."""

_logger = logging.getLogger("codex_app_server")


class Request(Generic[P, R]):
    """A request that the server makes; it waits for one answer."""

    __slots__ = ("_asked", "_method", "_send", "_tell")

    def __init__(self, asked: Asked, method: ServerRequest[P, R], send: Callable[[Asked, bytes], None]) -> None:
        self._asked = asked
        self._method = method
        self._send = send
        self._tell: Callable[[object], None] | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.method!r}, thread_id={self.thread_id!r}, turn_id={self.turn_id!r})"

    @property
    def method(self) -> str:
        """Such as "item/tool/call"."""
        return self._method.name

    @property
    def params(self) -> P:
        """What is asked; never fails, for what does not fit the types is kept."""
        return _typed.params(self._method, self._asked.call.line)

    @property
    def thread_id(self) -> str | None:
        """The thread that it is about, if it is about one."""
        return self._asked.thread_id

    @property
    def turn_id(self) -> str | None:
        """The turn that it is about, if it is about one."""
        return self._asked.turn_id

    @property
    def item(self) -> Any:  # noqa: ANN401 - any type of item
        """The thread's item that it is about, as its beginning was told; None when that is not known."""
        for event in reversed(self._asked.started):
            item = getattr(_typed.notification(event).params, "item", None)
            if item is not None and getattr(item, "id", None) == self._asked.item_id:
                return item
        return None

    @property
    def resolved(self) -> bool:
        """Whether the server no longer waits: it has an answer, the turn ended, or the connection did."""
        return self._asked.resolved

    def respond(self, result: R | Mapping[str, Any]) -> None:
        """Answer, from any thread or task; once the server no longer waits, this does nothing.

        Args:
            result: typed, or as a mapping with the wire's names.

        Raises:
            UsageError: `result` is no answer to this method; the server still waits.
        """
        line = _encode(self._asked, self._method, result)
        if self._tell is not None:
            self._tell(result)
        self._send(self._asked, line)

    def decline(self) -> None:
        """Answer that it is not granted; as harmless as `respond`."""
        if self._tell is not None:
            self._tell(DECLINED.get(self.method))
        self._send(self._asked, refusal(self._asked))

    def watch(self, tell: Callable[[object], None]) -> None:
        """Have `tell` called with the answer before it is sent."""
        self._tell = tell


class Handlers:
    """Who answers which of the server's requests."""

    def __init__(self) -> None:
        self._handlers: dict[tuple[str, str | None], tuple[ServerRequest[Any, Any], Callable[..., Any]]] = {}
        self._warned = False

    def set(
        self, method: ServerRequest[P, R], handler: Callable[[Request[P, R]], Any] | None, thread_id: str | None
    ) -> None:
        """Have `handler` answer, or nobody when it is None.

        Raises:
            UsageError: it cannot be called.
        """
        if handler is None:
            self._handlers.pop((method.name, thread_id), None)
        elif callable(handler):
            self._handlers[method.name, thread_id] = (method, handler)
        else:
            raise UsageError(f"the handler of {method.name} is {handler!r}, which cannot be called")

    def find(self, asked: Asked) -> tuple[ServerRequest[Any, Any], Callable[..., Any]] | None:
        """The handler of the request's thread, else that of the connection."""
        of_thread = self._handlers.get((asked.call.method, asked.thread_id))
        return of_thread or self._handlers.get((asked.call.method, None))

    def forget(self, thread_id: str) -> None:
        """Nobody answers for that thread any more: it will not ask."""
        for key in [key for key in list(self._handlers) if key[1] == thread_id]:
            self._handlers.pop(key, None)

    def refuse(self, asked: Asked) -> bytes:
        """The answer to what nobody handles; the first one is told as a warning, with the way to allow it."""
        name = asked.call.method
        if name not in DECLINED:
            _logger.debug("refused %s: not supported", name)
        elif not self._warned:
            self._warned = True
            allow = "handlers={...: ...}" if name in _NO_APPROVALS else "approvals=..."
            _logger.warning(
                "declined %s: without a handler nothing is approved. To decide yourself, give one: Codex(%s). "
                "This is said once.",
                name,
                allow,
            )
        return refusal(asked)


_NO_APPROVALS = frozenset({"item/permissions/requestApproval", "mcpServer/elicitation/request"})


def is_async(handler: Callable[..., Any]) -> bool:
    """Whether calling it gives a coroutine."""
    from inspect import iscoroutinefunction  # noqa: PLC0415 - only who has handlers needs it

    return iscoroutinefunction(handler) or iscoroutinefunction(getattr(handler, "__call__", None))  # noqa: B004


def refuse_awaitable(result: Any, whose: str = "the handler") -> NoReturn:  # noqa: ANN401 - a coroutine, or whatever else can be awaited
    """Say that nobody awaits it."""
    getattr(result, "close", bool)()  # else Python warns of it as well
    raise UsageError(f"{whose} gave an awaitable; AsyncCodex awaits those")


def refusal(asked: Asked) -> bytes:
    """The line that declines, or says that there will be no answer."""
    call = asked.call
    if call.method in DECLINED:
        return encode_result(call.id, DECLINED[call.method])
    return encode_error(call.id, METHOD_NOT_FOUND, f"this client does not support {call.method}")


def failure(asked: Asked, reason: str, error: BaseException | None = None) -> bytes:
    """The line that declines what a handler did not manage to answer, which is logged.

    Args:
        asked: the request.
        reason: what happened, such as "its handler raised".
        error: what it raised; the server is not told.
    """
    call = asked.call
    told = f" {type(error).__name__}" if error is not None else ""
    _logger.error("declined %s: %s%s", call.method, reason, told, exc_info=None if call.method in SECRET else error)
    if call.method in DECLINED:
        return encode_result(call.id, DECLINED[call.method])
    return encode_error(call.id, HANDLER_FAILED, f"the client has no answer to {call.method}")


def _encode(asked: Asked, method: ServerRequest[P, R], result: object) -> bytes:
    line = encode_result(asked.call.id, result)
    mistake = _typed.mistake(method, line)
    if mistake:
        raise UsageError(f"{method.name}: {type(result).__name__} is no answer to it: {mistake}")
    return line


if TYPE_CHECKING:
    Handler: TypeAlias = Callable[[Request[P, R]], R | Mapping[str, Any] | None]
    AsyncHandler: TypeAlias = Callable[
        [Request[P, R]], R | Mapping[str, Any] | Awaitable[R | Mapping[str, Any] | None] | None
    ]
