"""What callers give to have the server's requests answered -> one handler for each method. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ._methods import ServerRequest
from .errors import UsageError
from .generated import methods as m

if TYPE_CHECKING:
    from .approvals import AsyncPolicy
    from .tools import Tool

Handling: TypeAlias = Mapping[ServerRequest[Any, Any], Callable[[Any], Any]]
"""Constants of `codex_app_server.generated.methods`, each with what `handle` of a client takes for it."""
Tools: TypeAlias = "Sequence[Tool[..., Any]]"


def wiring(
    approvals: AsyncPolicy | None, handlers: Handling | None, tools: Tools | None = None, *, asynchronous: bool = False
) -> Handling:
    """The handlers that all of these amount to; the more exact one wins.

    Raises:
        UsageError: one of them is of the wrong kind; the message names it.
    """
    wired: dict[ServerRequest[Any, Any], Callable[[Any], Any]] = {}
    if approvals is not None:
        from .approvals import approval_handlers  # noqa: PLC0415 - only who wants it need load it

        wired |= approval_handlers(approvals, asynchronous=asynchronous)
    if tools:
        from .tools import async_tool_handler, tool_handler  # noqa: PLC0415 - the same

        wired[m.ITEM_TOOL_CALL] = (async_tool_handler if asynchronous else tool_handler)(tools)
    for method, handler in (handlers or {}).items():
        if not isinstance(method, ServerRequest):
            raise UsageError(f"handlers has the key {method!r}; use a constant such as methods.ITEM_TOOL_CALL")
        wired[method] = handler
    return wired


def with_tools(options: Mapping[str, Any], tools: Tools | None, *, experimental_api: bool) -> Mapping[str, Any]:
    """The options of `thread/start` with `tools` beside its own dynamic tools; raises what `tool_specs` raises."""
    if not tools:
        return options
    from .tools import tool_specs  # noqa: PLC0415 - only who wants it need load it

    own = options.get("dynamic_tools") or ()
    return {**options, "dynamic_tools": [*own, *tool_specs(tools, experimental_api=experimental_api)]}
