"""Threads and turns of `codex app-server` from Python, sync and async.

Every name is imported when it is first used: a program that only needs the sync half never loads asyncio.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._decisions import Decision
    from ._item_views import ItemView
    from ._metadata import ServerMetadata
    from ._methods import Method, NotificationMethod, ServerRequest
    from ._requests import Request
    from ._turns import TurnResult
    from ._typed import Notification
    from ._version import VERSION as __version__  # noqa: N811 - the name that everybody looks for
    from ._wire import Unknown
    from .accounts import LoginHandle
    from .approvals import ApprovalRequest, FileChange
    from .async_accounts import AsyncLoginHandle
    from .async_client import AsyncAppServerClient
    from .async_codex import AsyncCodex
    from .async_thread import AsyncThread
    from .async_turn import AsyncTurn
    from .client import AppServerClient
    from .codex import Codex
    from .config import AppServerConfig
    from .errors import (
        AppServerError,
        BinaryNotFoundError,
        ConnectionClosedError,
        IncompatibleServerError,
        InternalServerError,
        InvalidParamsError,
        InvalidRequestError,
        LoginError,
        MethodNotFoundError,
        OutputMismatch,
        ParseError,
        ProtocolError,
        RequestTimeoutError,
        RetryLimitReachedError,
        ServerBusyError,
        ServerError,
        StartTimeoutError,
        TurnError,
        TurnFailedError,
        TurnInterruptedError,
        TurnTimeoutError,
        UsageError,
    )
    from .inputs import ImageInput, LocalImageInput, MentionInput, SkillInput, TextInput
    from .policies import accept_all, accept_for_session, allow_commands, ask_on_terminal, decline_all
    from .retry import is_retryable_error, retry_on_overload
    from .sandbox import ApprovalPolicy, Sandbox
    from .thread import Thread
    from .tools import Tool, ToolCall, tool
    from .turn import Turn

__all__ = [
    "AppServerClient",
    "AppServerConfig",
    "AppServerError",
    "ApprovalPolicy",
    "ApprovalRequest",
    "AsyncAppServerClient",
    "AsyncCodex",
    "AsyncLoginHandle",
    "AsyncThread",
    "AsyncTurn",
    "BinaryNotFoundError",
    "Codex",
    "ConnectionClosedError",
    "Decision",
    "FileChange",
    "ImageInput",
    "IncompatibleServerError",
    "InternalServerError",
    "InvalidParamsError",
    "InvalidRequestError",
    "ItemView",
    "LocalImageInput",
    "LoginError",
    "LoginHandle",
    "MentionInput",
    "Method",
    "MethodNotFoundError",
    "Notification",
    "NotificationMethod",
    "OutputMismatch",
    "ParseError",
    "ProtocolError",
    "Request",
    "RequestTimeoutError",
    "RetryLimitReachedError",
    "Sandbox",
    "ServerBusyError",
    "ServerError",
    "ServerMetadata",
    "ServerRequest",
    "SkillInput",
    "StartTimeoutError",
    "TextInput",
    "Thread",
    "Tool",
    "ToolCall",
    "Turn",
    "TurnError",
    "TurnFailedError",
    "TurnInterruptedError",
    "TurnResult",
    "TurnTimeoutError",
    "Unknown",
    "UsageError",
    "__version__",
    "accept_all",
    "accept_for_session",
    "allow_commands",
    "ask_on_terminal",
    "decline_all",
    "is_retryable_error",
    "retry_on_overload",
    "tool",
]

logging.getLogger("codex_app_server").addHandler(logging.NullHandler())

_HOMES = {
    "AppServerClient": "client",
    "AppServerConfig": "config",
    "ApprovalPolicy": "sandbox",
    "ApprovalRequest": "approvals",
    "AsyncAppServerClient": "async_client",
    "AsyncCodex": "async_codex",
    "AsyncLoginHandle": "async_accounts",
    "AsyncThread": "async_thread",
    "AsyncTurn": "async_turn",
    "Codex": "codex",
    "Decision": "_decisions",
    "FileChange": "approvals",
    "ImageInput": "inputs",
    "ItemView": "_item_views",
    "LocalImageInput": "inputs",
    "LoginHandle": "accounts",
    "MentionInput": "inputs",
    "Method": "_methods",
    "Notification": "_typed",
    "NotificationMethod": "_methods",
    "Request": "_requests",
    "Sandbox": "sandbox",
    "ServerMetadata": "_metadata",
    "ServerRequest": "_methods",
    "SkillInput": "inputs",
    "TextInput": "inputs",
    "Thread": "thread",
    "Tool": "tools",
    "ToolCall": "tools",
    "Turn": "turn",
    "TurnResult": "_turns",
    "Unknown": "_wire",
    "accept_all": "policies",
    "accept_for_session": "policies",
    "allow_commands": "policies",
    "ask_on_terminal": "policies",
    "decline_all": "policies",
    "is_retryable_error": "retry",
    "retry_on_overload": "retry",
    "tool": "tools",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - not before a name is used

    try:
        if name == "__version__":
            value = import_module("._version", __name__).VERSION
        else:
            value = getattr(import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
    except ModuleNotFoundError as error:
        if error.name != "msgspec._core":
            raise
        told = "msgspec's compiled part cannot be loaded, as out of an archive; install it outside: pip install msgspec"
        raise ImportError(told, name=error.name) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
