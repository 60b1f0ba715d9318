"""Threads and turns of `codex app-server` from Python, sync and async.

Every name is imported when it is first used: a program that only needs the sync half never loads asyncio.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._metadata import ServerMetadata
    from ._methods import Method, NotificationMethod, ServerRequest
    from ._turns import TurnResult
    from ._typed import Notification
    from ._version import VERSION as __version__  # noqa: N811 - the name that everybody looks for
    from ._wire import Unknown
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
        MethodNotFoundError,
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
    from .retry import is_retryable_error, retry_on_overload
    from .thread import Thread
    from .turn import Turn

__all__ = [
    "AppServerClient",
    "AppServerConfig",
    "AppServerError",
    "AsyncAppServerClient",
    "AsyncCodex",
    "AsyncThread",
    "AsyncTurn",
    "BinaryNotFoundError",
    "Codex",
    "ConnectionClosedError",
    "ImageInput",
    "IncompatibleServerError",
    "InternalServerError",
    "InvalidParamsError",
    "InvalidRequestError",
    "LocalImageInput",
    "MentionInput",
    "Method",
    "MethodNotFoundError",
    "Notification",
    "NotificationMethod",
    "ParseError",
    "ProtocolError",
    "RequestTimeoutError",
    "RetryLimitReachedError",
    "ServerBusyError",
    "ServerError",
    "ServerMetadata",
    "ServerRequest",
    "SkillInput",
    "StartTimeoutError",
    "TextInput",
    "Thread",
    "Turn",
    "TurnError",
    "TurnFailedError",
    "TurnInterruptedError",
    "TurnResult",
    "TurnTimeoutError",
    "Unknown",
    "UsageError",
    "__version__",
    "is_retryable_error",
    "retry_on_overload",
]

logging.getLogger("codex_app_server").addHandler(logging.NullHandler())

_HOMES = {
    "AppServerClient": "client",
    "AppServerConfig": "config",
    "AsyncAppServerClient": "async_client",
    "AsyncCodex": "async_codex",
    "AsyncThread": "async_thread",
    "AsyncTurn": "async_turn",
    "Codex": "codex",
    "ImageInput": "inputs",
    "LocalImageInput": "inputs",
    "MentionInput": "inputs",
    "Method": "_methods",
    "Notification": "_typed",
    "NotificationMethod": "_methods",
    "ServerMetadata": "_metadata",
    "ServerRequest": "_methods",
    "SkillInput": "inputs",
    "TextInput": "inputs",
    "Thread": "thread",
    "Turn": "turn",
    "TurnResult": "_turns",
    "Unknown": "_wire",
    "is_retryable_error": "retry",
    "retry_on_overload": "retry",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - not before a name is used

    if name == "__version__":
        value = import_module("._version", __name__).VERSION
    else:
        value = getattr(import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
