"""The same names as in `test_handlers.py`, which is the one to read first."""

import asyncio
import logging
import threading

import pytest

from codex_app_server import AsyncCodex, Decision, TurnTimeoutError, UsageError, accept_all
from codex_app_server._answerer import HANDLERS_AT_ONCE
from codex_app_server.generated import methods as m
from sdk import fake_approvals as fake
from sdk.fake_methods import ECHO, WRITE
from sdk.fake_turns import wish

DECLINED = {"decision": "decline"}


def test_a_decision_that_comes_too_late_is_harmless(with_codex):
    requests = []

    async def work(codex):
        arrived = asyncio.Event()

        async def policy(request):
            requests.append(request)
            arrived.set()

        codex.thread("h", approvals=policy)
        await codex.client.request(WRITE, fake.raw(fake.unanswered(100)))
        await arrived.wait()
        assert not requests[0].resolved
        await codex.client.request(WRITE, fake.raw(fake.resolved(100)))
        assert requests[0].resolved
        requests[0].respond(Decision.accept)
        assert await codex.client.request(ECHO, {"a": 1}) == {"a": 1}
        await codex.close()
        requests[0].respond(Decision.accept)

    with_codex(work)
    requests[0].respond(Decision.accept)  # not even the loop is open any more


def test_the_end_of_the_turn_ends_the_waiting(with_codex, caplog):
    async def work(codex):
        arrived, ended = asyncio.Event(), asyncio.Event()

        async def policy(_request):
            arrived.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        thread = codex.thread("h", approvals=policy)
        turn = await thread.turn(wish(endless=True, turnId="t"))
        await codex.client.request(WRITE, fake.raw(fake.unanswered(100)))
        await arrived.wait()
        await turn.interrupt()
        await ended.wait()
        assert await codex.client.request(ECHO, {"a": 1}) == {"a": 1}

    with_codex(work)
    assert fake.errors_in(caplog) == []


def test_a_handler_may_use_its_client_and_run_a_turn_that_asks_again(with_codex):
    depth = []

    async def work(codex):
        async def policy(request):
            if len(depth) == 3:
                return Decision.accept
            depth.append(request)
            inner = await fake.async_answer_to(codex, fake.command())
            assert (await codex.thread("other").run(wish(deltas=1))).status == "completed"
            return Decision.accept if inner == {"decision": "accept"} else Decision.cancel

        codex.thread("h", approvals=policy)
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": "accept"}

    with_codex(work)
    assert len(depth) == 3


def test_a_turn_is_not_silent_while_the_server_waits_for_an_answer(with_codex):
    async def work(codex):
        requests, arrived = [], asyncio.Event()

        def policy(request):
            requests.append(request)
            loop.call_soon_threadsafe(arrived.set)

        loop, thread = asyncio.get_running_loop(), codex.thread("h", approvals=policy)
        turn = await thread.turn(wish(endless=True, turnId="t"))
        answer = asyncio.ensure_future(fake.async_answer_to(codex, fake.command()))
        await arrived.wait()
        running = asyncio.ensure_future(turn.run(idle_timeout_seconds=0.1))
        assert not (await asyncio.wait({running}, timeout=0.4))[0]
        requests[0].respond(Decision.accept)
        with pytest.raises(TurnTimeoutError, match=r"silent for 0.1 s"):
            await running
        assert await answer == {"decision": "accept"}

    with_codex(work)


def test_who_answered_for_a_thread_is_forgotten_when_it_is_put_away(with_codex):
    async def work(codex):
        codex.thread("h", approvals=accept_all)
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": "accept"}
        await codex.thread_archive("other")
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": "accept"}
        await codex.thread_archive("h")
        assert await fake.async_answer_to(codex, fake.command()) == DECLINED

    with_codex(work)


def test_many_handlers_run_beside_each_other(with_codex):
    async def work(codex):
        together, arrived = asyncio.Event(), []

        async def policy(request):
            arrived.append(request)
            if len(arrived) == 20:
                together.set()
            await together.wait()
            return Decision.accept

        codex.thread("h", approvals=policy)
        answers = await asyncio.gather(*(fake.async_answer_to(codex, fake.command()) for _ in range(20)))
        assert answers == [{"decision": "accept"}] * 20

    with_codex(work)


@pytest.mark.parametrize("name", fake.OTHERS)
def test_each_request_has_its_handler(with_codex, caplog, name):
    method, params, answer = fake.OTHERS[name]
    seen = []
    caplog.set_level(logging.DEBUG)

    async def handler(request):
        seen.append(request)
        return answer

    async def work(codex):
        assert await fake.async_answer_to(codex, fake.asking(method, **params)) == answer

    with_codex(work, handlers={method: handler})
    assert (seen[0].method, seen[0].thread_id) == (method.name, params.get("threadId"))
    assert fake.SECRET not in caplog.text


def test_a_handler_fails_without_an_answer_of_its_own(with_codex, caplog):
    method, params, _ = fake.OTHERS["tool call"]

    async def work(codex):
        assert await fake.async_answer_to(codex, fake.asking(method, **params)) == {
            "code": -32603,
            "message": "the client has no answer to item/tool/call",
        }

    with_codex(work, handlers={method: fake.deciding({"success": "maybe"})[0]})
    assert fake.errors_in(caplog) == ["declined item/tool/call: its handler raised UsageError"]


def test_handlers_win_over_the_policy(with_codex):
    async def work(codex):
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": "cancel"}

    handlers = {m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL: fake.deciding({"decision": "cancel"})[0]}
    with_codex(work, approvals=accept_all, handlers=handlers)


def test_what_cannot_answer_is_refused_at_once(config):
    with pytest.raises(UsageError, match=r"approvals is 'accept_all'; give a policy such as allow_commands"):
        AsyncCodex(config(), approvals="accept_all")
    with pytest.raises(UsageError, match="handlers has the key 'item/tool/call'"):
        AsyncCodex(config(), handlers={"item/tool/call": repr})
    with pytest.raises(UsageError, match="the handler of item/tool/call is 3"):
        AsyncCodex(config(), handlers={m.ITEM_TOOL_CALL: 3})
    with pytest.raises(UsageError, match="approvals is 3"):
        AsyncCodex(config()).thread("h", approvals=3)


def test_a_handler_may_close_its_client(with_codex):
    async def work(codex):
        done = asyncio.Event()

        async def policy(_request):
            await codex.close()
            done.set()

        codex.thread("h", approvals=policy)
        with pytest.raises(Exception, match="the client was closed"):
            await fake.async_answer_to(codex, fake.command())
        await done.wait()

    with_codex(work)


def test_a_handler_goes_on_after_its_answer(with_codex):
    async def work(codex):
        done = asyncio.Event()

        async def policy(request):
            request.respond(Decision.accept)
            await codex.client.request(ECHO)
            done.set()

        async def deferring(request):
            asyncio.get_running_loop().call_soon(request.respond, Decision.accept)
            await codex.client.request(ECHO)
            done.set()

        for each in (policy, deferring):
            done.clear()
            codex.thread("h", approvals=each)
            assert await fake.async_answer_to(codex, fake.command()) == {"decision": "accept"}
            await done.wait()

    with_codex(work)


def test_coroutine_functions_are_for_the_asynchronous_half(with_codex):
    async def work(codex):
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": "accept"}

    for policy in fake.deciding(Decision.accept):
        with_codex(work, approvals=policy)


def test_more_handlers_than_there_are_threads_wait_their_turn(with_codex):
    running, most = [], []

    def policy(request):
        running.append(request)
        most.append(len(running))
        running.remove(request)
        return Decision.accept

    async def work(codex):
        asking = (fake.async_answer_to(codex, fake.command()) for _ in range(100))
        assert await asyncio.gather(*asking) == [{"decision": "accept"}] * 100

    with_codex(work, approvals=policy)
    assert max(most) <= HANDLERS_AT_ONCE


def test_closing_does_not_wait_for_a_handler_that_hangs(with_codex):
    release = threading.Event()

    async def work(codex):
        arrived, loop = asyncio.Event(), asyncio.get_running_loop()

        def policy(_request):
            loop.call_soon_threadsafe(arrived.set)
            release.wait(60)

        codex.thread("h", approvals=policy)
        await codex.client.request(WRITE, fake.raw(fake.unanswered(100)))
        await arrived.wait()

    with_codex(work)
    release.set()
    for thread in threading.enumerate():
        if thread.name == "codex-app-server-handler":
            thread.join()
