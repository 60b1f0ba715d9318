"""Handlers of the server's requests, on a fake server; the same names as in `test_async_handlers.py`."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import pytest

from codex_app_server import Decision, TurnTimeoutError, UsageError, accept_all
from codex_app_server._answerer import Workers
from codex_app_server.generated import methods as m
from sdk import fake_approvals as fake
from sdk.callers import at_once
from sdk.fake_methods import ECHO, WRITE
from sdk.fake_turns import wish

DEADLINE_SECONDS = 60
DECLINED = {"decision": "decline"}


def test_a_decision_that_comes_too_late_is_harmless(codex_with):
    arrived, requests = threading.Event(), []

    def policy(request):
        requests.append(request)
        arrived.set()

    connected = codex_with(approvals=policy)
    connected.client.request(WRITE, fake.raw(fake.unanswered(100)))
    assert arrived.wait(DEADLINE_SECONDS)
    assert not requests[0].resolved
    connected.client.request(WRITE, fake.raw(fake.resolved(100)))
    assert requests[0].resolved
    requests[0].respond(Decision.accept)
    assert connected.client.request(ECHO, {"a": 1}) == {"a": 1}
    connected.close()
    requests[0].respond(Decision.accept)


def test_the_end_of_the_turn_ends_the_waiting(codex_with):
    arrived, ended, pause = threading.Event(), threading.Event(), threading.Event()

    def policy(request):
        arrived.set()
        while not request.resolved:
            pause.wait(0.01)
        ended.set()

    connected = codex_with(approvals=policy)
    turn = connected.thread("h").turn(wish(endless=True, turnId="t"))
    connected.client.request(WRITE, fake.raw(fake.unanswered(100)))
    assert arrived.wait(DEADLINE_SECONDS)
    turn.interrupt()
    assert ended.wait(DEADLINE_SECONDS)
    assert connected.client.request(ECHO, {"a": 1}) == {"a": 1}


def test_a_handler_may_use_its_client_and_run_a_turn_that_asks_again(codex_with):
    depth = []

    def policy(request):
        if len(depth) == 3:
            return Decision.accept
        depth.append(request)
        inner = fake.answer_to(connected, fake.command())
        assert connected.thread("other").run(wish(deltas=1)).status == "completed"
        return Decision.accept if inner == {"decision": "accept"} else Decision.cancel

    connected = codex_with(approvals=policy)
    assert fake.answer_to(connected, fake.command()) == {"decision": "accept"}
    assert len(depth) == 3


def test_a_turn_is_not_silent_while_the_server_waits_for_an_answer(codex_with):
    arrived, requests = threading.Event(), []

    def policy(request):
        requests.append(request)
        arrived.set()

    connected = codex_with(approvals=policy)
    turn = connected.thread("h").turn(wish(endless=True, turnId="t"))
    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(fake.answer_to, connected, fake.command())
        assert arrived.wait(DEADLINE_SECONDS)
        running = pool.submit(turn.run, idle_timeout_seconds=0.1)
        assert not wait({running}, 0.4).done
        requests[0].respond(Decision.accept)
        with pytest.raises(TurnTimeoutError, match=r"silent for 0.1 s"):
            running.result(DEADLINE_SECONDS)
        assert answer.result(DEADLINE_SECONDS) == {"decision": "accept"}


def test_who_answered_for_a_thread_is_forgotten_when_it_is_put_away(codex_with):
    connected = codex_with()
    connected.thread("h", approvals=accept_all)
    assert fake.answer_to(connected, fake.command()) == {"decision": "accept"}
    connected.thread_archive("other")
    assert fake.answer_to(connected, fake.command()) == {"decision": "accept"}
    connected.thread_archive("h")
    assert fake.answer_to(connected, fake.command()) == DECLINED


def test_many_handlers_run_beside_each_other(codex_with):
    together = threading.Barrier(20)

    def policy(_request):
        together.wait(DEADLINE_SECONDS)
        return Decision.accept

    connected = codex_with(approvals=policy)
    assert at_once(20, lambda: fake.answer_to(connected, fake.command())) == [{"decision": "accept"}] * 20


@pytest.mark.parametrize("name", fake.OTHERS)
def test_each_request_has_its_handler(codex_with, caplog, name):
    method, params, answer = fake.OTHERS[name]
    seen = []
    caplog.set_level(logging.DEBUG)
    connected = codex_with(handlers={method: lambda request: seen.append(request) or answer})
    assert fake.answer_to(connected, fake.asking(method, **params)) == answer
    assert (seen[0].method, seen[0].thread_id) == (method.name, params.get("threadId"))
    assert fake.SECRET not in caplog.text


def test_a_handler_fails_without_an_answer_of_its_own(codex_with, caplog):
    method, params, _ = fake.OTHERS["tool call"]
    connected = codex_with(handlers={method: lambda _: {"success": "maybe"}})
    assert fake.answer_to(connected, fake.asking(method, **params)) == {
        "code": -32603,
        "message": "the client has no answer to item/tool/call",
    }
    assert fake.errors_in(caplog) == ["declined item/tool/call: its handler raised UsageError"]


def test_handlers_win_over_the_policy(codex_with):
    handlers = {m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL: lambda _: {"decision": "cancel"}}
    assert fake.answer_to(codex_with(approvals=accept_all, handlers=handlers), fake.command()) == {"decision": "cancel"}


def test_what_cannot_answer_is_refused_at_once(codex_with):
    with pytest.raises(UsageError, match=r"approvals is 'accept_all'; give a policy such as allow_commands"):
        codex_with(approvals="accept_all")
    with pytest.raises(UsageError, match="handlers has the key 'item/tool/call'"):
        codex_with(handlers={"item/tool/call": repr})
    with pytest.raises(UsageError, match="the handler of item/tool/call is 3"):
        codex_with(handlers={m.ITEM_TOOL_CALL: 3})
    with pytest.raises(UsageError, match="approvals is 3"):
        codex_with().thread("h", approvals=3)


def test_a_handler_may_close_its_client(codex_with):
    done = threading.Event()

    def policy(_request):
        connected.close()
        done.set()

    connected = codex_with(approvals=policy)
    with pytest.raises(Exception, match="the client was closed"):
        fake.answer_to(connected, fake.command())
    assert done.wait(DEADLINE_SECONDS)


def test_a_handler_goes_on_after_its_answer(codex_with):
    done = threading.Event()

    def policy(request):
        request.respond(Decision.accept)
        connected.client.request(ECHO)
        done.set()

    connected = codex_with(approvals=policy)
    assert fake.answer_to(connected, fake.command()) == {"decision": "accept"}
    assert done.wait(DEADLINE_SECONDS)


def test_coroutine_functions_are_for_the_asynchronous_half(codex_with, caplog):
    policy, _, disguised = fake.deciding(Decision.accept)
    with pytest.raises(UsageError, match="is a coroutine function; AsyncCodex runs those"):
        codex_with(approvals=policy)
    assert fake.answer_to(codex_with(approvals=disguised), fake.command()) == {"decision": "decline"}
    assert fake.errors_in(caplog) == [f"declined {fake.command()['method']}: its handler raised UsageError"]


def test_more_handlers_than_there_are_threads_wait_their_turn():
    workers, release, done = Workers(limit=2), threading.Event(), []

    def work(number):
        release.wait(DEADLINE_SECONDS)
        done.append(number)

    for number in range(6):
        workers.run(partial(work, number))
    running = [thread for thread in threading.enumerate() if thread.name == "codex-app-server-handler"]
    assert len(running) == 2
    release.set()
    for thread in running:
        thread.join(DEADLINE_SECONDS)
    assert sorted(done) == list(range(6))
    workers.run(partial(work, 6))
    workers.close()
    assert done[-1] == 6


def test_closing_does_not_wait_for_a_handler_that_hangs(codex_with):
    arrived, release = threading.Event(), threading.Event()

    def policy(_request):
        arrived.set()
        release.wait(DEADLINE_SECONDS)

    connected = codex_with(approvals=policy)
    connected.client.request(WRITE, fake.raw(fake.unanswered(100)))
    assert arrived.wait(DEADLINE_SECONDS)
    connected.close()
    release.set()
    connected.close()
