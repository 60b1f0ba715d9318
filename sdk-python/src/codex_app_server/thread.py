"""Thread: one conversation, for threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._keywords import params_of
from .errors import ProtocolError
from .generated import methods as m
from .inputs import to_wire
from .turn import Turn

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._turns import TurnResult
    from .client import AppServerClient
    from .config import Deadline
    from .generated import v2_all as t
    from .inputs import TurnInput


class Thread:
    """A conversation: a handle that only knows its id."""

    def __init__(self, client: AppServerClient, thread_id: str) -> None:
        self._client = client
        self.id = thread_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    def run(
        self,
        input: TurnInput,  # noqa: A002 - the wire's word
        *,
        timeout_seconds: Deadline = ...,
        turn_timeout_seconds: Deadline = ...,
        idle_timeout_seconds: Deadline = ...,
        **options: Unpack[t.TurnStartKeywords],
    ) -> TurnResult:
        """Start a turn and wait for its end; see `turn` and `Turn.run`."""
        turn = self.turn(input, timeout_seconds=timeout_seconds, **options)
        return turn.run(turn_timeout_seconds=turn_timeout_seconds, idle_timeout_seconds=idle_timeout_seconds)

    def turn(
        self,
        input: TurnInput,  # noqa: A002 - the wire's word
        *,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.TurnStartKeywords],
    ) -> Turn:
        """Start a turn. While one runs, the input goes to that one, and the handle is of it.

        Args:
            input: a text, one of the input classes, a list of them, or dicts in the wire's form.
            timeout_seconds: until the server has taken it.
            options: settings for this turn and those that follow.

        Raises:
            UsageError: the input cannot be meant so.
            TypeError: there is no such option; the message names the nearest one.
        """
        params = params_of(m.TURN_START, options, thread_id=self.id, input=to_wire(input))
        turn = self._client.exchange(m.TURN_START.name, params, timeout_seconds).turn
        if turn is None:
            raise ProtocolError(f"{m.TURN_START.name}: the answer names no turn")
        return Turn(self._client, self.id, turn)

    def read(self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadReadKeywords]) -> t.ThreadReadResponse:
        """What is recorded of the thread; with `include_turns=True` all that was said."""
        return self._client.ask(m.THREAD_READ, options, timeout_seconds, thread_id=self.id)

    def set_name(self, name: str, *, timeout_seconds: Deadline = ...) -> None:
        """Give the thread a name."""
        self._client.ask(m.THREAD_NAME_SET, {}, timeout_seconds, thread_id=self.id, name=name)

    def compact(self, *, timeout_seconds: Deadline = ...) -> None:
        """Have the server sum up what was said so far; it goes on doing so after this returns."""
        self._client.ask(m.THREAD_COMPACT_START, {}, timeout_seconds, thread_id=self.id)
