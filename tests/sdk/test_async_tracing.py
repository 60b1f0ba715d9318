"""The same names as in `test_tracing.py`, which is the one to read first."""

import builtins
import json

import pytest

from codex_app_server import AsyncAppServerClient, AsyncCodex, MethodNotFoundError, UsageError, accept_all
from codex_app_server.generated import methods as m
from sdk import fake_approvals as fake
from sdk.fake_methods import ASK, ECHO, NO_SUCH, REFUSE
from sdk.fake_turns import ENDLESS, wish
from sdk.spans import Spans, is_inside

SECRET = "sk-SECRET-0123456789"


@pytest.fixture
def spans():
    return Spans()


@pytest.fixture
def traced(config, spans, run):
    """Runs a coroutine function with an AsyncCodex that traces."""

    def traced(work, **options):
        async def main():
            async with AsyncCodex(config(tracing=spans.provider), **options) as codex:
                await work(codex)

        run(main())

    return traced


async def approve(request):
    return accept_all(request)


def test_a_request_is_a_span_within_the_callers(traced, spans):
    async def work(codex):
        with spans.tracer.start_as_current_span("mine"):
            await codex.client.request(ECHO, {})

    traced(work)
    span = spans.one("codex fake/echo")
    assert is_inside(span, spans.one("mine"))
    assert (span.kind.name, span.status.is_unset) == ("CLIENT", True)
    assert dict(span.attributes) == {"rpc.system": "jsonrpc", "rpc.method": "fake/echo"}
    assert spans.one("codex initialize").parent is None


def test_a_refused_request_is_a_failed_span(traced, spans):
    async def work(codex):
        with pytest.raises(MethodNotFoundError):
            await codex.client.request(NO_SUCH)

    traced(work)
    span = spans.one("codex fake/no/such")
    assert span.status.description == span.attributes["error.type"] == "MethodNotFoundError"
    assert span.attributes["rpc.jsonrpc.error_code"] == -32601
    assert span.events == ()


def test_a_turn_is_a_span_to_its_end_within_the_callers(traced, spans):
    async def work(codex):
        with spans.tracer.start_as_current_span("mine"):
            await (await codex.thread("h").turn(wish(deltas=2))).run()

    traced(work)
    span = spans.one("codex turn")
    assert is_inside(span, spans.one("mine"))
    assert span.start_time <= spans.one("codex turn/start").start_time
    assert dict(span.attributes) == {
        "codex.thread.id": "h",
        "codex.turn.id": "turn-1",
        "codex.turn.status": "completed",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 7,
    }


def test_a_failed_turn_is_a_failed_span(traced, spans):
    async def work(codex):
        await codex.thread("h").run(wish(status="failed", error={"message": "no"}))

    traced(work)
    span = spans.one("codex turn")
    assert (span.attributes["codex.turn.status"], span.attributes["error.type"]) == ("failed", "TurnFailedError")


def test_a_turn_that_gets_more_input_has_one_span(traced, spans):
    async def work(codex):
        await codex.thread("h").turn(wish(endless=True, turnId="t"))
        await (await codex.thread("h").turn(wish(turnId="t"))).run()

    traced(work)
    assert spans.one("codex turn").attributes["codex.turn.status"] == "completed"


def test_a_turn_without_an_end_ends_with_the_connection(traced, spans):
    async def work(codex):
        await codex.thread("h").turn(ENDLESS)

    traced(work)
    assert spans.one("codex turn").status.description == "ConnectionClosedError"


def test_an_approval_is_a_span_with_the_decision(traced, spans):
    async def work(codex):
        await codex.client.request(ASK, fake.command())

    for policy in (accept_all, approve):
        traced(work, approvals=policy)
    found = [span for span in spans.finished() if span.name == f"codex {fake.command()['method']}"]
    told = [(span.kind.name, span.attributes["codex.decision"], span.attributes["codex.turn.id"]) for span in found]
    assert told == [("SERVER", "accept", "t")] * 2


def test_an_approval_lies_within_its_turn(traced, spans):
    async def work(codex):
        await codex.thread("h").turn(wish(endless=True, turnId="t"))
        await codex.client.request(ASK, fake.command())

    traced(work, approvals=approve)
    assert is_inside(spans.one(f"codex {fake.command()['method']}"), spans.one("codex turn"))


def test_what_a_handler_does_lies_within_the_approval(traced, spans):
    async def decide(request):
        with spans.tracer.start_as_current_span("deciding"):
            return accept_all(request)

    async def work(codex):
        await codex.client.request(ASK, fake.command())

    traced(work, approvals=decide)
    assert is_inside(spans.one("deciding"), spans.one(f"codex {fake.command()['method']}"))


def test_a_handler_that_raises_is_a_failed_span(traced, spans, caplog):
    async def refuse(_request):
        raise LookupError(SECRET)

    async def work(codex):
        await codex.client.request(ASK, fake.command())

    traced(work, handlers={m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL: refuse})
    assert spans.one(f"codex {fake.command()['method']}").status.description == "LookupError"
    assert caplog.records


def test_no_text_of_anybodys_is_in_a_span(traced, spans):
    async def work(codex):
        await codex.thread("h").run([wish(deltas=1), SECRET], cwd=SECRET)
        await codex.client.request(ASK, fake.command(SECRET))
        with pytest.raises(Exception, match=SECRET):
            await codex.client.request(REFUSE, {"code": -32000, "message": SECRET})

    traced(work, approvals=approve)
    told = [span.to_json() for span in spans.finished()]
    assert len(told) == 6
    assert SECRET not in json.dumps(told)


def test_without_the_extra_the_error_says_what_to_install(config, monkeypatch, run):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *rest)

    async def work():
        with pytest.raises(UsageError, match=r"pip install 'codex-app-server-sdk\[otel\]'"):
            AsyncAppServerClient(config(tracing=True))

    monkeypatch.setattr(builtins, "__import__", without)
    run(work())


def test_who_does_not_trace_has_the_plain_methods(config, run):
    async def work():
        assert not {"exchange", "handle"} & set(vars(AsyncAppServerClient(config())))

    run(work())
