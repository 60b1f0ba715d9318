"""OpenTelemetry spans (extra `[otel]`) of requests, of turns and of what the server asks.

Attributes are names, ids, states and counts: no text of anybody's, no command, no path, no message of an error.

A client that traces gets its methods wrapped here, so one that does not trace pays nothing.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from time import time_ns
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ._patience import Patience
from ._requests import is_async
from ._subscriptions import thread_of
from ._version import VERSION
from .errors import AppServerError, ServerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.trace import Span, TracerProvider

    from ._requests import Request
    from ._turns import OpenTurn, TurnResult
    from ._window import Reply
    from .async_client import AsyncAppServerClient
    from .client import AppServerClient

ENDLESS = Patience(None, None, 0.0)


def trace(client: AppServerClient, *, provider: TracerProvider | bool) -> None:
    """Have `client` make spans.

    Args:
        client: a new one.
        provider: whose spans; True for the global one.

    Raises:
        UsageError: opentelemetry-api is not installed.
    """
    spans, exchange, handle = Spans(provider=provider), client.exchange, client.handle

    def traced_exchange(method: str, params: object, *args: Any, **options: Any) -> Reply:  # noqa: ANN401
        since = time_ns()
        with spans.request(method):
            reply = exchange(method, params, *args, **options)
        if reply.turn is not None and spans.begin_turn(reply.turn, params, since):
            threading.Thread(target=await_end, args=(reply.turn,), name="codex-app-server-span", daemon=True).start()
        return reply

    def await_end(turn: OpenTurn) -> None:
        with spans.turn(turn) as tell:
            tell(client.wait_for_turn(turn, ENDLESS))

    client.exchange = traced_exchange  # type: ignore[method-assign] # see the module
    client.handle = _tracing_handle(spans, handle)  # type: ignore[method-assign] # see the module


def trace_async(client: AsyncAppServerClient, *, provider: TracerProvider | bool) -> None:
    """Have `client` make spans; see `trace`."""
    import asyncio  # noqa: PLC0415 - the synchronous half does without

    spans, exchange, handle = Spans(provider=provider), client.exchange, client.handle
    tasks: set[asyncio.Task[None]] = set()  # a loop alone does not keep them

    async def traced_exchange(method: str, params: object, *args: Any, **options: Any) -> Reply:  # noqa: ANN401
        since = time_ns()
        with spans.request(method):
            reply = await exchange(method, params, *args, **options)
        if reply.turn is not None and spans.begin_turn(reply.turn, params, since):
            task = asyncio.get_running_loop().create_task(await_end(reply.turn))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        return reply

    async def await_end(turn: OpenTurn) -> None:
        with spans.turn(turn) as tell:
            tell(await client.wait_for_turn(turn, ENDLESS))

    client.exchange = traced_exchange  # type: ignore[method-assign] # see the module
    client.handle = _tracing_handle(spans, handle)  # type: ignore[method-assign] # see the module


class Spans:
    """The spans of one connection."""

    def __init__(self, *, provider: TracerProvider | bool) -> None:
        try:
            from opentelemetry import trace as api  # noqa: PLC0415 - an extra
        except ImportError:
            raise UsageError("tracing needs opentelemetry: pip install 'codex-app-server-sdk[otel]'") from None
        self._api = api
        chosen = api.get_tracer_provider() if isinstance(provider, bool) else provider
        self._tracer = chosen.get_tracer("codex_app_server", VERSION)
        self._turns: dict[str, Span] = {}
        self._begun: WeakSet[OpenTurn] = WeakSet()  # one may be over before a second request for it is answered

    @contextmanager
    def request(self, method: str) -> Iterator[None]:
        """A request of the client's, until its answer."""
        with self._span(method, self._api.SpanKind.CLIENT, {}, None):
            yield

    @contextmanager
    def answering(self, request: Request[Any, Any]) -> Iterator[None]:
        """The work of a handler, within the turn that asks; an answer that comes later is not told."""
        turn = self._turns.get(request.turn_id or "")
        context = None if turn is None else self._api.set_span_in_context(turn)
        ids = {"codex.thread.id": request.thread_id, "codex.turn.id": request.turn_id}
        with self._span(request.method, self._api.SpanKind.SERVER, ids, context) as span:

            def tell(answer: object) -> None:
                if span.is_recording():
                    span.set_attribute("codex.decision", _decision(answer))

            request.watch(tell)
            yield

    def begin_turn(self, turn: OpenTurn, params: object, since: int) -> bool:
        """Begin the span of a turn; False when it has one, as when input is added to a turn that runs."""
        if turn in self._begun:
            return False
        self._begun.add(turn)
        ids = {"codex.thread.id": thread_of(params), "codex.turn.id": turn.turn_id}
        self._turns[turn.turn_id] = self._tracer.start_span("codex turn", attributes=_known(ids), start_time=since)
        return True

    @contextmanager
    def turn(self, turn: OpenTurn) -> Iterator[Callable[[TurnResult], None]]:
        """A turn that was begun, until its end or the connection's; gives what takes its result."""
        span = self._turns[turn.turn_id]

        def tell(result: TurnResult) -> None:
            span.set_attribute("codex.turn.status", result.status)
            if result.usage is not None:
                span.set_attribute("gen_ai.usage.input_tokens", result.usage.last.input_tokens)
                span.set_attribute("gen_ai.usage.output_tokens", result.usage.last.output_tokens)
            if result.status not in {"completed", "interrupted"}:
                self._fail(span, "TurnFailedError")

        try:
            yield tell
        except AppServerError as error:
            self._fail(span, type(error).__name__)
        finally:
            del self._turns[turn.turn_id]
            span.end()

    @contextmanager
    def _span(self, method: str, kind: Any, attributes: dict[str, str | None], context: Any) -> Iterator[Span]:  # noqa: ANN401 - OpenTelemetry's own
        with self._tracer.start_as_current_span(
            f"codex {method}",
            context,
            kind,
            _known({"rpc.system": "jsonrpc", "rpc.method": method, **attributes}),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                if isinstance(error, ServerError):
                    span.set_attribute("rpc.jsonrpc.error_code", error.code)
                self._fail(span, type(error).__name__)
                raise

    def _fail(self, span: Span, kind: str) -> None:
        span.set_attribute("error.type", kind)
        span.set_status(self._api.StatusCode.ERROR, kind)


def _tracing_handle(spans: Spans, handle: Callable[..., None]) -> Callable[..., None]:
    def traced_handle(method: Any, handler: Callable[..., Any] | None, **options: Any) -> None:  # noqa: ANN401
        handle(method, handler if handler is None else _tracing(spans, handler), **options)

    return traced_handle


def _tracing(spans: Spans, handler: Callable[..., Any]) -> Callable[..., Any]:
    if is_async(handler):

        async def traced_task(request: Request[Any, Any]) -> Any:  # noqa: ANN401 - the handler's
            with spans.answering(request):
                return _answer(request, await handler(request))

        return traced_task

    def traced(request: Request[Any, Any]) -> Any:  # noqa: ANN401 - the handler's
        with spans.answering(request):
            return _answer(request, handler(request))

    return traced


def _answer(request: Request[Any, Any], result: Any) -> Any:  # noqa: ANN401 - the handler's
    """Answer while the span is open; what is left to do."""
    if result is None or hasattr(result, "__await__"):
        return result
    request.respond(result)
    return None


def _decision(answer: object) -> str:
    """A word for it, and nothing of what it holds."""
    decision = answer.get("decision") if isinstance(answer, dict) else getattr(answer, "decision", None)
    return decision if isinstance(decision, str) else "answered" if decision is None else "amended"


def _known(attributes: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value is not None}
