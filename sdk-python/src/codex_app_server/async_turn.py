"""AsyncTurn: one run of the model, for asyncio."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from ._patience import Patience
from .config import choose_seconds
from .errors import AppServerError
from .generated import methods as m
from .inputs import to_wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from typing_extensions import Unpack

    from ._turns import OpenTurn, TurnResult
    from ._typed import Notification
    from .async_client import AsyncAppServerClient
    from .config import Deadline
    from .generated import v2_all as t
    from .inputs import TurnInput

INTERRUPT_SECONDS = 1.0
"""How long giving up a turn may take: the caller wants to go on."""


class AsyncTurn:
    """One run of the model within a thread; several handles on the same turn do not disturb each other."""

    def __init__(self, client: AsyncAppServerClient, thread_id: str, turn: OpenTurn) -> None:
        self._client = client
        self._turn = turn
        self._mailbox = client.open_mailbox(turn)
        self.thread_id = thread_id
        self.id = turn.turn_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"

    async def run(self, *, turn_timeout_seconds: Deadline = ..., idle_timeout_seconds: Deadline = ...) -> TurnResult:
        """Wait for the end and collect the result, whatever its status; see `TurnResult.raise_for_status`.

        A caller that stops waiting, at a deadline or because it is interrupted, interrupts the turn.

        Args:
            turn_timeout_seconds: for the rest of the turn.
            idle_timeout_seconds: for the silence between two events.

        Raises:
            TurnTimeoutError: a deadline passed.
            ConnectionClosedError: the server ended before the turn did.
        """
        self._client.close_mailbox(self._turn, self._mailbox)
        try:
            return await self._client.wait_for_turn(
                self._turn, self._patience(turn_timeout_seconds, idle_timeout_seconds)
            )
        except BaseException:  # cancellation as well: nobody waits for the turn any more
            if not self._turn.over:
                with suppress(AppServerError):
                    await self.interrupt(timeout_seconds=INTERRUPT_SECONDS)
            raise

    def stream(
        self, *, turn_timeout_seconds: Deadline = ..., idle_timeout_seconds: Deadline = ...
    ) -> AsyncIterator[Notification[Any]]:
        """The turn's notifications as they come, from its very first to `turn/completed`.

        Leaving early is fine: the turn goes on, and another call continues where this one stopped.

        Args:
            turn_timeout_seconds: for the rest of the turn.
            idle_timeout_seconds: for the silence between two events.

        Raises:
            TurnTimeoutError: a deadline passed; the turn may still be running.
            ConnectionClosedError: the server ended before the turn did.
        """
        patience = self._patience(turn_timeout_seconds, idle_timeout_seconds)
        return self._client.read(self._mailbox, partial(patience.left, self._turn))

    @property
    def dropped_notifications(self) -> int:
        """How many notifications `stream` had to give up because they were not read in time: deltas first."""
        return self._mailbox.dropped

    async def steer(
        self,
        input: TurnInput,  # noqa: A002 - the wire's word
        *,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.TurnSteerKeywords],
    ) -> None:
        """Say something to the running turn."""
        await self._client.ask(
            m.TURN_STEER,
            options,
            timeout_seconds,
            thread_id=self.thread_id,
            expected_turn_id=self.id,
            input=to_wire(input),
        )

    async def interrupt(self, *, timeout_seconds: Deadline = ...) -> None:
        """Stop the turn, which then ends with the status `interrupted`; one that is over is let be."""
        if not self._turn.over:
            await self._client.ask(m.TURN_INTERRUPT, {}, timeout_seconds, thread_id=self.thread_id, turn_id=self.id)

    def _patience(self, turn_timeout: Deadline, idle_timeout: Deadline) -> Patience:
        config = self._client.config
        return Patience(
            choose_seconds(turn_timeout, config.turn_timeout_seconds),
            choose_seconds(idle_timeout, config.idle_timeout_seconds),
            monotonic(),
        )
