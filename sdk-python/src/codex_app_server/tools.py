"""Tools that a model can call: typed functions of the caller's own.

For `codex.thread_start(tools=[weather])`:

    @tool
    def weather(city: str, days: int = 1) -> str:
        "Tell the weather of a city."
        return f"{days} days of sun over {city}"
"""

from __future__ import annotations

import inspect
import logging
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from ._signature import Signature, signature_of, summary_of
from ._tool_results import failure, success
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from ._requests import Request
    from .generated import v2_all as t

    ToolRequest = Request[t.DynamicToolCallParams, t.DynamicToolCallResponse]

P = ParamSpec("P")
R = TypeVar("R")

_NAME = re.compile(r"(?!mcp$|mcp__)[a-zA-Z0-9_-]{1,128}")

_logger = logging.getLogger("codex_app_server")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The call that a tool answers; a parameter of this type gets it, and the model does not see that parameter."""

    thread_id: str
    turn_id: str
    call_id: str
    _request: ToolRequest = field(repr=False)

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the result any more, since the turn was interrupted or the connection lost."""
        return self._request.resolved


@dataclass(frozen=True, slots=True)
class Tool(Generic[P, R]):
    """A function that a model can call; for callers of the program's own it is still that function.

    Attributes:
        name: what the model calls it.
        description: what the model is told of it.
        function: what runs.
        signature: what it takes.
    """

    name: str
    description: str
    function: Callable[P, R]
    signature: Signature = field(repr=False)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function, as if it were no tool."""
        return self.function(*args, **kwargs)

    @property
    def is_async(self) -> bool:
        """Whether it is a coroutine function, for the asynchronous half alone."""
        return inspect.iscoroutinefunction(self.function)


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...
@overload
def tool(*, name: str | None = None, description: str | None = None) -> Callable[[Callable[P, R]], Tool[P, R]]: ...
def tool(
    function: Callable[P, R] | None = None, /, *, name: str | None = None, description: str | None = None
) -> Tool[P, R] | Callable[[Callable[P, R]], Tool[P, R]]:
    """Make a tool of a function; its annotations become the schema of its arguments.

    What it returns reaches the model: a text as it is, `ImageInput` as an image, a list of texts and images with
    at least one of these classes as such, None as nothing, all else as JSON. What it raises reaches it as a failure.

    Args:
        function: plain, or a coroutine function for the asynchronous half.
        name: in place of the function's own. One of the server's own tools, such as `exec_command`, hides yours.
        description: in place of the first paragraph of its docstring; its `Args:` describe the arguments.

    Raises:
        UsageError: a model cannot call it so; the message names the parameter and what to do.
    """
    if function is None:
        return lambda given: _made(given, name, description)
    return _made(function, name, description)


def tool_specs(tools: Sequence[Tool[..., Any]], *, experimental_api: bool = True) -> list[dict[str, Any]]:
    """What `thread/start` is told of the tools, as its `dynamicTools`.

    Raises:
        UsageError: two have one name, one is no tool, or the connection may not use the experimental interface.
    """
    named = _by_name(tools)
    if named and not experimental_api:
        raise UsageError("tools are experimental on the wire; leave AppServerConfig.experimental_api at True")
    return [
        {"type": "function", "name": each.name, "description": each.description, "inputSchema": each.signature.schema}
        for each in named.values()
    ]


def tool_handler(tools: Sequence[Tool[..., Any]]) -> Callable[[ToolRequest], Any]:
    """What answers `item/tool/call` with the tools; a tool that fails is the model's to know, and logged.

    Raises:
        UsageError: one is a coroutine function, which nothing would await, or see `tool_specs`.
    """
    for each in tools:
        if isinstance(each, Tool) and each.is_async:
            raise UsageError(f"tool {each.name!r} is a coroutine function; write a plain one, or use AsyncCodex")
    return async_tool_handler(tools)


def async_tool_handler(tools: Sequence[Tool[..., Any]]) -> Callable[[ToolRequest], Any]:
    """The same with coroutine functions as well: for their calls it returns what has to be awaited.

    Raises:
        UsageError: see `tool_specs`.
    """
    named = _by_name(tools)

    def answer(request: ToolRequest) -> Any:  # noqa: ANN401 - an answer, or an awaitable of one
        try:
            chosen, call = _call(named, request)
            return _Pending(request, call) if chosen.is_async else success(call())
        except Exception as error:  # noqa: BLE001 - whatever the tool raises is its answer
            return _failed(request, error)

    return answer


class _Pending:
    """A call of a coroutine function that begins when it is awaited: it never is when the turn ends before."""

    def __init__(self, request: ToolRequest, call: Callable[[], Any]) -> None:
        self._request = request
        self._call = call

    def __await__(self) -> Generator[Any, Any, dict[str, Any]]:
        return self._answer().__await__()

    async def _answer(self) -> dict[str, Any]:
        try:
            return success(await self._call())
        except Exception as error:  # noqa: BLE001 - whatever the tool raises is its answer
            return _failed(self._request, error)


def _made(function: Callable[P, R], name: str | None, description: str | None) -> Tool[P, R]:
    if not inspect.isroutine(function):
        raise UsageError(f"tool() takes a function, not {function!r}; write @tool or @tool(name=...)")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise UsageError(f"tool {function.__name__!r} is a generator; return the result as one value")
    chosen = function.__name__ if name is None else name
    if not _NAME.fullmatch(chosen):
        raise UsageError(
            f"{chosen!r} cannot be a tool's name; write up to 128 of a-z A-Z 0-9 _ -, but not 'mcp' or 'mcp__...'"
        )
    told = summary_of(function) if description is None else description
    return Tool(chosen, told, function, signature_of(function, ToolCall))


def _by_name(tools: Sequence[Tool[..., Any]]) -> dict[str, Tool[..., Any]]:
    named: dict[str, Tool[..., Any]] = {}
    for each in tools:
        if not isinstance(each, Tool):
            raise UsageError(f"{each!r} is no tool; decorate the function with @tool")
        if each.name in named:
            raise UsageError(f"two tools are named {each.name!r}; give one another with @tool(name=...)")
        named[each.name] = each
    return named


def _call(named: dict[str, Tool[..., Any]], request: ToolRequest) -> tuple[Tool[..., Any], Callable[[], Any]]:
    params = request.params
    if params.tool not in named or params.namespace is not None:
        raise LookupError(f"there is no tool {params.tool!r}; there are {sorted(named)}")
    chosen = named[params.tool]
    arguments = chosen.signature.arguments(params.arguments)
    if chosen.signature.context is not None:
        arguments[chosen.signature.context] = ToolCall(params.thread_id, params.turn_id, params.call_id, request)
    return chosen, partial(chosen.function, **arguments)


def _failed(request: ToolRequest, error: Exception) -> dict[str, Any]:
    _logger.warning("the tool %r failed: %s", request.params.tool, type(error).__name__)
    _logger.debug("the tool %r failed", request.params.tool, exc_info=error)
    return failure(error)
