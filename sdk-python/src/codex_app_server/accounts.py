"""LoginHandle: a sign-in that a person finishes, for threads."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from . import _login
from .config import check_seconds
from .errors import AppServerError, ServerError
from .generated import methods as m

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from ._login import LoginOutcome
    from ._sequel import Sequel
    from .client import AppServerClient
    from .config import Deadline

LEAVE_SECONDS = 1.0
"""How long cancelling may take when the context is left: the caller wants to go on."""


class LoginHandle:
    """A sign-in that a person finishes in a browser; a context manager that cancels it unless it is over.

    Whoever knows `auth_url` or `user_code` can sign in in that person's place, so neither is in the handle's repr.

    Attributes:
        login_id: what the server calls it.
        auth_url: the page to open.
        user_code: what to type in there; None when the page asks for nothing.
    """

    def __init__(self, client: AppServerClient, line: bytes, outcome: Sequel[LoginOutcome]) -> None:
        self._client = client
        self._outcome = outcome
        told = _login.started(line)
        self.login_id, self.auth_url, self.user_code = told.login_id, told.url, told.user_code

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.login_id!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(AppServerError):
            self.cancel(timeout_seconds=LEAVE_SECONDS)

    def wait(self, *, timeout_seconds: float | None = None) -> None:
        """Wait until the person has signed in. Several may wait; who gives up leaves the sign-in open.

        Args:
            timeout_seconds: None for as long as the server gives the person.

        Raises:
            LoginError: it failed or was cancelled.
            RequestTimeoutError: it was not over in time.
            ConnectionClosedError: the server ended, or the client was closed.
        """
        check_seconds("timeout_seconds", timeout_seconds)
        found = self._client.wait_for(self._outcome, "the sign-in was not over", timeout_seconds)
        found.raise_for_failure(self.auth_url, self.user_code)

    def cancel(self, *, timeout_seconds: Deadline = ...) -> None:
        """Give the sign-in up; one that is over is let be."""
        if self._outcome.found is None:
            self._client.ask(m.ACCOUNT_LOGIN_CANCEL, {}, timeout_seconds, login_id=self.login_id)


def start_login(client: AppServerClient, kind: str, timeout_seconds: Deadline) -> LoginHandle:
    """Begin a sign-in of the wire's type `kind`."""
    outcome = _login.outcome()
    reply = client.exchange(_login.START, {"type": kind}, timeout_seconds, outcome)
    return LoginHandle(client, reply.line, outcome)


def login_api_key(client: AppServerClient, key: str, timeout_seconds: Deadline) -> None:
    """Sign in with a key, which no error of it shows."""
    try:
        client.exchange(_login.START, _login.api_key_params(key), timeout_seconds)
    except ServerError as error:
        _login.scrub(error, key)
        raise
