"""What can go wrong, by whose turn it is to act.

AppServerError
├── UsageError                       yours: the call or the configuration must change
│   └── BinaryNotFoundError          yours: no codex executable can be used; every place tried is listed
├── ProtocolError                    the server's: it sent what the protocol does not allow
├── IncompatibleServerError          the server's: it is none that this SDK can talk to
├── ConnectionClosedError            the server is gone: its exit code or signal and its newest stderr lines
├── OutputMismatch                   the model's: its last message is not what `output_type` asked for
├── RequestTimeoutError              a deadline passed (also a TimeoutError); the connection lives on
│   └── StartTimeoutError            the server was not ready in time and has been stopped
├── ServerError                      the server said no: code, message, data
│   ├── ParseError                   -32700
│   ├── InvalidRequestError          -32600
│   ├── MethodNotFoundError          -32601, or -32600 with a text that says so: names both versions
│   ├── InvalidParamsError           -32602
│   ├── InternalServerError          -32603
│   ├── ServerBusyError              -32001: worth a retry, see `retry_on_overload`
│   └── RetryLimitReachedError       the server retried as often as it may: not worth another
├── LoginError                       a sign-in failed or was cancelled
└── TurnError                        a turn did not complete
    ├── TurnFailedError              the server or the model failed; `error` says why
    ├── TurnInterruptedError         somebody interrupted it
    └── TurnTimeoutError             it took or was silent for too long (also a TimeoutError)

All of them pickle.
"""

from __future__ import annotations

from typing import Any


class AppServerError(Exception):
    """Base of all errors of this package."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy by value: the initializers' keywords need not be repeated."""
        return (_rebuild, (type(self), self.args), self.__dict__)


class UsageError(AppServerError):
    """The call or the configuration must change; nothing was sent."""


class BinaryNotFoundError(UsageError):
    """No codex executable can be used; the message lists every place tried, the reason and what to do."""


class ProtocolError(AppServerError):
    """The server sent what the protocol does not allow."""


class IncompatibleServerError(AppServerError):
    """The program that was started is no app-server that this SDK can talk to."""


class ConnectionClosedError(AppServerError):
    """The server is gone, or the client was closed.

    Attributes:
        exit_code: the server's exit status, None when a signal ended it or it is not known.
        signal: the number of the signal that ended it, None when none did.
        stderr_tail: the newest lines that the server wrote to stderr.
    """

    def __init__(
        self, message: str, *, exit_code: int | None = None, signal: int | None = None, stderr_tail: str = ""
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.signal = signal
        self.stderr_tail = stderr_tail

    def __str__(self) -> str:
        """The message, then the server's own last words."""
        message = super().__str__()
        return f"{message}; its newest stderr lines:\n{self.stderr_tail}" if self.stderr_tail else message

    @classmethod
    def from_return_code(cls, return_code: int | None, stderr_tail: str) -> ConnectionClosedError:
        """The error for a server that ended with `return_code`, negative for a signal, None while it still runs."""
        match return_code:
            case None:
                return cls("the server closed its output", stderr_tail=stderr_tail)
            case code if code < 0:
                return cls(f"signal {-code} ended the server", signal=-code, stderr_tail=stderr_tail)
            case code:
                return cls(f"the server exited with status {code}", exit_code=code, stderr_tail=stderr_tail)


class OutputMismatch(AppServerError):
    """A turn completed, but its last message is not of the type that was asked for; asking again may help.

    Attributes:
        raw: the message as it came, None when there was none.
    """

    def __init__(self, message: str, *, raw: str | None = None) -> None:
        super().__init__(message)
        self.raw = raw


class RequestTimeoutError(AppServerError, TimeoutError):
    """No answer came before the deadline; a late one is dropped and the connection lives on."""


class StartTimeoutError(RequestTimeoutError):
    """The server was not ready before the deadline and has been stopped."""


class ServerError(AppServerError):
    """The server answered with an error.

    Attributes:
        code: the JSON-RPC error code.
        message: the server's own text.
        data: what else it sent, as plain Python values.
        method: the method that was requested.
    """

    def __init__(self, message: str, *, code: int, data: object = None, method: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.data: Any = data
        self.method = method

    def __str__(self) -> str:
        """The method, the code and the server's own text."""
        return f"{self.method or 'server'}: error {self.code}: {self.message}"

    @classmethod
    def from_wire(cls, code: int, message: str, data: object = None, *, method: str | None = None) -> ServerError:
        """The most exact class for an error response."""
        kind = _BY_CODE.get(code, cls)
        if kind is InvalidRequestError and _tells_unknown_method(message, method):
            kind = MethodNotFoundError
        if kind is not ServerBusyError and _tells_retry_limit(message, data):
            kind = RetryLimitReachedError
        return kind(message, code=code, data=data, method=method)


class ParseError(ServerError):
    """The server could not parse what was sent."""


class InvalidRequestError(ServerError):
    """The request was refused: an unknown method or thread, wrong params, or the wrong moment for it."""


class MethodNotFoundError(ServerError):
    """The server has no such method, or not in this state; another version of it may.

    Attributes:
        server_version: the server's, None when it is not known.
        pinned_version: that of the server for which this SDK was made, None when it is not known.
    """

    server_version: str | None = None
    pinned_version: str | None = None

    def __str__(self) -> str:
        """The server's own text, without its list of all methods, and both versions."""
        told = self.message.partition(", expected one of ")[0]
        text = f"{self.method or 'server'}: error {self.code}: {told}"
        if self.pinned_version is None:
            return text
        server = self.server_version or "unknown"
        return f"{text} (the server's version is {server}; this SDK is for {self.pinned_version})"


class InvalidParamsError(ServerError):
    """The params do not fit the method."""


class InternalServerError(ServerError):
    """The server failed on its side."""


class ServerBusyError(ServerError):
    """The server is overloaded and did nothing; the same request may succeed later."""


class RetryLimitReachedError(ServerError):
    """The server has retried as often as it may; retrying from here does not help."""


class LoginError(AppServerError):
    """A sign-in failed or was cancelled; the message has the server's reason."""


class TurnError(AppServerError):
    """A turn did not complete.

    Attributes:
        turn_id: the turn.
        error: the server's typed error (message, codexErrorInfo), None when there is none.
    """

    def __init__(self, message: str, *, turn_id: str, error: object = None) -> None:
        super().__init__(message)
        self.turn_id = turn_id
        self.error: Any = error


class TurnFailedError(TurnError):
    """The server or the model failed in the turn; `error` says why."""


class TurnInterruptedError(TurnError):
    """The turn was interrupted before its end."""


class TurnTimeoutError(TurnError, TimeoutError):
    """The turn took, or was silent for, longer than allowed."""


_BY_CODE: dict[int, type[ServerError]] = {
    -32700: ParseError,
    -32600: InvalidRequestError,
    -32601: MethodNotFoundError,
    -32602: InvalidParamsError,
    -32603: InternalServerError,
    -32001: ServerBusyError,
}


def _rebuild(kind: type[AppServerError], args: tuple[Any, ...]) -> AppServerError:
    error = kind.__new__(kind, *args)
    error.args = args  # a TimeoutError is an OSError, which leaves this to its initializer
    return error


def _tells_unknown_method(message: str, method: str | None) -> bool:
    """Whether the server's parser names the method as what it does not know; for wrong params it names a value."""
    return method is not None and f"unknown variant `{method}`" in message


def _tells_retry_limit(message: str, data: object) -> bool:
    information = data.get("codexErrorInfo") if isinstance(data, dict) else None
    named = information if isinstance(information, (str, dict)) else ""
    return "responseTooManyFailedAttempts" in named or "retry limit" in message.lower()
