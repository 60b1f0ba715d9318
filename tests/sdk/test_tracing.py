"""OpenTelemetry spans, on the fake server; the same names as in `test_async_tracing.py`."""

import builtins
import json

import pytest

from codex_app_server import AppServerClient, Codex, MethodNotFoundError, UsageError, accept_all
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
def codex_with(config, spans):
    """Makes a Codex that traces, for a `with` block."""
    return lambda **options: Codex(config(tracing=spans.provider), **options)


def test_a_request_is_a_span_within_the_callers(codex_with, spans):
    with codex_with() as codex, spans.tracer.start_as_current_span("mine"):
        codex.client.request(ECHO, {})
    span = spans.one("codex fake/echo")
    assert is_inside(span, spans.one("mine"))
    assert (span.kind.name, span.status.is_unset) == ("CLIENT", True)
    assert dict(span.attributes) == {"rpc.system": "jsonrpc", "rpc.method": "fake/echo"}
    assert spans.one("codex initialize").parent is None


def test_a_refused_request_is_a_failed_span(codex_with, spans):
    with codex_with() as codex, pytest.raises(MethodNotFoundError):
        codex.client.request(NO_SUCH)
    span = spans.one("codex fake/no/such")
    assert span.status.description == span.attributes["error.type"] == "MethodNotFoundError"
    assert span.attributes["rpc.jsonrpc.error_code"] == -32601
    assert span.events == ()


def test_a_turn_is_a_span_to_its_end_within_the_callers(codex_with, spans):
    with codex_with() as codex, spans.tracer.start_as_current_span("mine"):
        turn = codex.thread("h").turn(wish(deltas=2))
        turn.run()
    span = spans.one("codex turn")
    assert is_inside(span, spans.one("mine"))
    assert span.start_time <= spans.one("codex turn/start").start_time
    assert dict(span.attributes) == {
        "codex.thread.id": "h",
        "codex.turn.id": turn.id,
        "codex.turn.status": "completed",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 7,
    }


def test_a_failed_turn_is_a_failed_span(codex_with, spans):
    with codex_with() as codex:
        codex.thread("h").run(wish(status="failed", error={"message": "no"}))
    span = spans.one("codex turn")
    assert (span.attributes["codex.turn.status"], span.attributes["error.type"]) == ("failed", "TurnFailedError")


def test_a_turn_that_gets_more_input_has_one_span(codex_with, spans):
    with codex_with() as codex:
        codex.thread("h").turn(wish(endless=True, turnId="t"))
        codex.thread("h").turn(wish(turnId="t")).run()
    assert spans.one("codex turn").attributes["codex.turn.status"] == "completed"


def test_a_turn_without_an_end_ends_with_the_connection(codex_with, spans):
    with codex_with() as codex:
        codex.thread("h").turn(ENDLESS)
    assert spans.one("codex turn").status.description == "ConnectionClosedError"


def test_an_approval_is_a_span_with_the_decision(codex_with, spans):
    with codex_with(approvals=accept_all) as codex:
        codex.client.request(ASK, fake.command())
    span = spans.one(f"codex {fake.command()['method']}")
    assert (span.kind.name, span.attributes["codex.decision"], span.attributes["codex.turn.id"]) == (
        "SERVER",
        "accept",
        "t",
    )


def test_an_approval_lies_within_its_turn(codex_with, spans):
    with codex_with(approvals=accept_all) as codex:
        codex.thread("h").turn(wish(endless=True, turnId="t"))
        codex.client.request(ASK, fake.command())
    assert is_inside(spans.one(f"codex {fake.command()['method']}"), spans.one("codex turn"))


def test_what_a_handler_does_lies_within_the_approval(codex_with, spans):
    def decide(request):
        with spans.tracer.start_as_current_span("deciding"):
            return accept_all(request)

    with codex_with(approvals=decide) as codex:
        codex.client.request(ASK, fake.command())
    assert is_inside(spans.one("deciding"), spans.one(f"codex {fake.command()['method']}"))


def test_a_handler_that_raises_is_a_failed_span(codex_with, spans, caplog):
    def refuse(_request):
        raise LookupError(SECRET)

    with codex_with(handlers={m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL: refuse}) as codex:
        codex.client.request(ASK, fake.command())
    assert spans.one(f"codex {fake.command()['method']}").status.description == "LookupError"
    assert caplog.records


def test_no_text_of_anybodys_is_in_a_span(codex_with, spans):
    with codex_with(approvals=accept_all) as codex:
        codex.thread("h").run([wish(deltas=1), SECRET], cwd=SECRET)
        codex.client.request(ASK, fake.command(SECRET))
        with pytest.raises(Exception, match=SECRET):
            codex.client.request(REFUSE, {"code": -32000, "message": SECRET})
    told = [span.to_json() for span in spans.finished()]
    assert len(told) == 6
    assert SECRET not in json.dumps(told)


def test_without_the_extra_the_error_says_what_to_install(config, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"pip install 'codex-app-server-sdk\[otel\]'"):
        AppServerClient(config(tracing=True))


def test_who_does_not_trace_has_the_plain_methods(config):
    assert not {"exchange", "handle"} & set(vars(AppServerClient(config())))
