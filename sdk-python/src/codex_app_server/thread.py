"""Thread: one conversation, for threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._compaction import compaction
from ._keywords import params_of
from ._output import expect
from ._pages import follow
from .config import choose_seconds
from .errors import ProtocolError
from .generated import methods as m
from .inputs import to_wire
from .turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Unpack

    from ._turns import T, TurnResult
    from ._typed import Notification
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
        output_type: type[T] | None = None,
        on_event: Callable[[Notification[Any]], object] | None = None,
        timeout_seconds: Deadline = ...,
        turn_timeout_seconds: Deadline = ...,
        idle_timeout_seconds: Deadline = ...,
        **options: Unpack[t.TurnStartKeywords],
    ) -> TurnResult[T]:
        """Start a turn and wait for its end; see `turn` and `Turn.run`."""
        turn = self.turn(input, output_type=output_type, timeout_seconds=timeout_seconds, **options)
        return turn.run(
            on_event=on_event, turn_timeout_seconds=turn_timeout_seconds, idle_timeout_seconds=idle_timeout_seconds
        )

    def turn(
        self,
        input: TurnInput,  # noqa: A002 - the wire's word
        *,
        output_type: type[T] | None = None,
        timeout_seconds: Deadline = ...,
        **options: Unpack[t.TurnStartKeywords],
    ) -> Turn[T]:
        """Start a turn. While one runs, the input goes to that one, and the handle is of it.

        Args:
            input: a text, one of the input classes, a list of them, or dicts in the wire's form.
            output_type: what `TurnResult.output` is to be: a msgspec Struct, a dataclass, a TypedDict or a pydantic
                model. The model is asked for every field, also for one that has a default. A list of them, a number
                or an enum works as well: the model puts it into an object with the one field "value".
            timeout_seconds: until the server has taken it.
            options: settings for this turn and those that follow. An `output_schema` of your own is sent as it is, and
                is, like `output_type`, for this turn alone.

        Raises:
            UsageError: the input cannot be meant so, or no strict schema can say what `output_type` is.
            TypeError: there is no such option; the message names the nearest one.
        """
        expected = expect(output_type, options.get("output_schema"))
        if expected is not None:
            options["output_schema"] = expected.schema
        params = params_of(m.TURN_START, options, thread_id=self.id, input=to_wire(input))
        turn = self._client.exchange(m.TURN_START.name, params, timeout_seconds).turn
        if turn is None:
            raise ProtocolError(f"{m.TURN_START.name}: the answer names no turn")
        return Turn(self._client, self.id, turn, expected)

    def read(self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadReadKeywords]) -> t.ThreadReadResponse:
        """What is recorded of the thread; with `include_turns=True` all that was said."""
        return self._client.ask(m.THREAD_READ, options, timeout_seconds, thread_id=self.id)

    def set_name(self, name: str, *, timeout_seconds: Deadline = ...) -> None:
        """Give the thread a name."""
        self._client.ask(m.THREAD_NAME_SET, {}, timeout_seconds, thread_id=self.id, name=name)

    def compact(self, *, timeout_seconds: Deadline = ...) -> Turn[Any]:
        """Have the server sum up what was said so far, in a turn of its own; a turn that runs is interrupted for it.

        It goes on after this returns: `run` of the turn waits for the end, and the thread takes no input before.

        Args:
            timeout_seconds: for the answer, and again until the turn has begun.
        """
        sequel, params = compaction(self.id), {"threadId": self.id}
        self._client.exchange(m.THREAD_COMPACT_START.name, params, timeout_seconds, sequel)
        seconds = choose_seconds(timeout_seconds, self._client.config.request_timeout_seconds)
        turn_id = self._client.wait_for(sequel, f"{m.THREAD_COMPACT_START.name}: no turn of it has begun", seconds)
        return Turn(self._client, self.id, self._client.turn(turn_id))

    def review(self, target: t.ReviewTarget, *, timeout_seconds: Deadline = ...) -> Turn[Any]:
        """Have the model look over some changes, in a turn whose result is what it thinks of them.

        Args:
            target: which changes, such as `UncommittedChangesReviewTarget()` of `codex_app_server.types`.
            timeout_seconds: until the server has taken it.
        """
        params = params_of(m.REVIEW_START, {}, thread_id=self.id, target=target)
        turn = self._client.exchange(m.REVIEW_START.name, params, timeout_seconds).turn
        if turn is None:
            raise ProtocolError(f"{m.REVIEW_START.name}: the answer names no turn")
        return Turn(self._client, self.id, turn)

    def turns(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadTurnsListKeywords]
    ) -> Iterator[t.Turn]:
        """All turns of the thread, over all pages; from the oldest on, with all their items, unless options differ.

        Args:
            timeout_seconds: for each page.
            options: `limit` says how long a page is.

        Raises:
            InvalidRequestError: nothing has been said in the thread yet.
            ProtocolError: the server leads round in a circle.
        """
        options = {"sort_direction": "asc", "items_view": "full", **options}
        params = params_of(m.THREAD_TURNS_LIST, options, thread_id=self.id)
        return follow(self._client, m.THREAD_TURNS_LIST, params, timeout_seconds)

    def items(
        self, *, timeout_seconds: Deadline = ..., **options: Unpack[t.ThreadItemsListKeywords]
    ) -> Iterator[t.ThreadItemEntry]:
        """All items of the thread, over all pages, each with the id of its turn; from the oldest on by default.

        Args:
            timeout_seconds: for each page.
            options: `limit` says how long a page is, `turn_id` chooses one turn.

        Raises:
            MethodNotFoundError: nothing has been said in the thread yet: so the server answers then.
            ProtocolError: the server leads round in a circle.
        """
        options = {"sort_direction": "asc", **options}
        params = params_of(m.THREAD_ITEMS_LIST, options, thread_id=self.id)
        return follow(self._client, m.THREAD_ITEMS_LIST, params, timeout_seconds)
