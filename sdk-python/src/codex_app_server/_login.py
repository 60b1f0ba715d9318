"""How a sign-in starts and how it ends, and keys that stay out of what is shown. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from . import _typed
from ._protocol import UNDECODABLE
from ._sequel import Sequel
from .errors import LoginError, ProtocolError, ServerError, UsageError
from .generated import methods as m

if TYPE_CHECKING:
    from ._protocol import Event

START = m.ACCOUNT_LOGIN_START.name
COMPLETED = m.ACCOUNT_LOGIN_COMPLETED.name
HIDDEN = "[hidden]"


class LoginOutcome(msgspec.Struct, frozen=True, gc=False):
    """How a sign-in ended."""

    login_id: str | None = msgspec.field(default=None, name="loginId")
    success: bool = False
    error: str | None = None

    def raise_for_failure(self, *secrets: str | None) -> None:
        """Do nothing when it succeeded.

        Raises:
            LoginError: it did not; the message shows none of `secrets`.
        """
        if not self.success:
            raise LoginError(f"the sign-in failed: {without(self.error or 'the server gave no reason', *secrets)}")


class LoginStart(msgspec.Struct, frozen=True, gc=False):
    """What a person needs to sign in."""

    login_id: str
    url: str
    user_code: str | None


class _Answer(msgspec.Struct, gc=False):
    result: LoginOutcome


class _Ended(msgspec.Struct, gc=False):
    params: LoginOutcome


_read_answer = msgspec.json.Decoder(_Answer).decode
_read_ended = msgspec.json.Decoder(_Ended).decode


def outcome() -> Sequel[LoginOutcome]:
    """The end of the sign-in that an answer tells of, and of no other."""

    def find(answer: bytes, event: Event) -> LoginOutcome | None:
        try:
            ended = _read_ended(event.line).params
            return ended if ended.login_id and ended.login_id == _read_answer(answer).result.login_id else None
        except UNDECODABLE:
            return None

    return Sequel(frozenset({COMPLETED}), find)


def started(line: bytes) -> LoginStart:
    """What an answer to `account/login/start` tells a person to do.

    Raises:
        ProtocolError: nothing that a person could do.
    """
    answer: Any = _typed.result(m.ACCOUNT_LOGIN_START, line)
    login_id, user_code = getattr(answer, "login_id", None), getattr(answer, "user_code", None)
    url = getattr(answer, "auth_url", None) or getattr(answer, "verification_url", None)
    if not isinstance(login_id, str) or not isinstance(url, str):
        raise ProtocolError(f"{START}: the answer, of {len(line)} bytes, names no sign-in and no page for it")
    return LoginStart(login_id, url, user_code)


def api_key_params(key: str) -> dict[str, str]:
    """The params of a sign-in with a key.

    Raises:
        UsageError: `key` cannot be one; the message does not show it.
    """
    if not isinstance(key, str) or not key.strip():
        raise UsageError(f"the API key is {'empty' if isinstance(key, str) else type(key).__name__}; give its text")
    return {"type": "apiKey", "apiKey": key}


def scrub(error: ServerError, secret: str) -> None:
    """Take `secret` out of what the server said."""
    error.message = without(error.message, secret)
    error.args = (error.message,)
    if secret in repr(error.data):
        error.data = HIDDEN


def without(text: str, *secrets: str | None) -> str:
    """`text` with none of `secrets` in it."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    return text
