"""The same over a pipe, a Unix socket and TCP, on the real server; the same names as in `test_transports.py`."""

import asyncio
import sys

import pytest

from codex_app_server import AppServerConfig, AsyncCodex, ConnectionClosedError, InvalidRequestError, UsageError
from codex_app_server.generated import methods as m
from e2e.sdk.listening import ListeningServer, Relay
from e2e.sdk.outcomes import DELTA, ESCALATED, LARGE_CURSOR, WHOLE_TURN, all_of, deltas_of, item_of, passing
from e2e.sdk.tokens import TOKENS
from model_replies import DEADLINE_SECONDS, Gate, calls, says

pytestmark = [pytest.mark.real, pytest.mark.skipif(sys.platform == "win32", reason="it takes Unix sockets")]


@pytest.fixture(params=["unix", "ws"])
def server(request, runtime, home, tmp_path):
    url = f"unix://{tmp_path}/s" if request.param == "unix" else "ws://127.0.0.1:0"
    with ListeningServer(runtime, home, url) as server:
        yield server


@pytest.fixture
def relay(server, tmp_path):
    with Relay(server.url, tmp_path / "r") as relay:
        yield relay


@pytest.fixture(params=["stdio", "unix", "ws"])
def transport(request, runtime, home, tmp_path, config):
    """A configuration for each transport."""
    if request.param == "stdio":
        yield config
        return
    url = f"unix://{tmp_path}/s" if request.param == "unix" else "ws://127.0.0.1:0"
    with ListeningServer(runtime, home, url) as server:
        yield AppServerConfig(url=server.url, turn_timeout_seconds=DEADLINE_SECONDS)


@pytest.fixture
def with_codex(transport, run):
    """Runs a coroutine function with an AsyncCodex."""

    def with_codex(work):
        async def main():
            async with AsyncCodex(transport) as codex:
                await work(codex)

        run(main())

    return with_codex


def connect(server, **options):
    return AsyncCodex(AppServerConfig(url=server.url, turn_timeout_seconds=DEADLINE_SECONDS, **options))


def forever(_since, _now):
    return DEADLINE_SECONDS


def test_a_stream_has_the_whole_turn_in_order(with_codex, model):
    async def work(codex):
        turn = await (await codex.thread_start()).turn("hi")
        events = await all_of(turn.stream())
        assert [event.method for event in events if event.method != DELTA] == WHOLE_TURN
        assert deltas_of(events) == [*"abcdefgh"]
        assert (await turn.run()).final_response == "abcdefgh"

    model.replies(says(*"abcdefgh"))
    with_codex(work)


def test_a_turn_can_be_steered_and_interrupted(with_codex, model):
    async def work(codex):
        first, second, thread = Gate(), Gate(), await codex.thread_start()
        model.replies(says("one", first), says("two", second))
        turn = await thread.turn("go")
        await passing(first)
        await turn.steer("turn left")
        first.open()
        await passing(second)
        await turn.interrupt()
        assert (await turn.run()).status == "interrupted"
        assert model.requests[1].texts[-1] == "turn left"
        assert (await thread.run("again")).final_response == "echo: again"

    with_codex(work)


def test_an_approval_is_declined_and_the_turn_goes_on(with_codex, model, home):
    async def work(codex):
        thread = await codex.thread_start(approval_policy="on-request", sandbox="read-only")
        result = await thread.run("touch")
        assert item_of(result, "commandExecution").status == "declined"
        assert (result.status, result.final_response) == ("completed", "never mind")
        assert list(home.work.iterdir()) == []

    model.replies(calls("exec_command", cmd="touch a", **ESCALATED), says("never mind"))
    with_codex(work)


def test_many_requests_at_once_are_all_answered(with_codex):
    async def work(codex):
        answers = await asyncio.gather(*(codex.models() for _ in range(640)))
        assert all(answer.data for answer in answers)

    with_codex(work)


def test_large_messages_pass_both_ways(with_codex):
    async def work(codex):
        with pytest.raises(InvalidRequestError) as caught:
            await codex.client.request(m.THREAD_LIST, {"cursor": LARGE_CURSOR})
        assert LARGE_CURSOR in caught.value.message

    with_codex(work)


def test_two_clients_hear_of_one_thread_and_the_server_outlives_them(server, model, run):
    gate = Gate()
    model.replies(says("one", gate, "two"))

    async def main():
        async with connect(server) as first, connect(server) as second:
            turn = await (await first.thread_start()).turn("hi")
            await passing(gate)
            await second.thread_resume(turn.thread_id)
            await first.close()
            gate.open()
            events = await all_of(second.client.read(second.client.turn(turn.id).read(), forever))
            assert events[-1].method == "turn/completed"
            assert "two" in deltas_of(events)
        async with connect(server) as third:
            thread = await third.thread_resume(turn.thread_id)
            assert (await thread.run("again")).final_response == "echo: again"

    run(main())


def test_a_running_turn_survives_a_lost_connection(relay, model, run):
    gate, last = Gate(), Gate()
    model.replies(says("one", gate, "two", last, "three"))

    async def main():
        async with connect(relay) as codex:
            thread = await codex.thread_start()
            turn = await thread.turn("hi")
            await passing(gate)
            await asyncio.to_thread(relay.cut_until_back)
            assert (await codex.models()).data  # the thread is resumed by now
            gate.open()
            last.open()
            result = await turn.run()
            assert (result.status, result.final_response) == ("completed", "onetwothree")
            assert [item.type for item in result.items] == ["userMessage", "agentMessage"]
            assert (await thread.run("again")).final_response == "echo: again"

    run(main())


def test_a_turn_that_ended_while_nobody_was_connected_has_its_result(server, tmp_path, model, run):
    gate = Gate()
    model.replies(says("one", gate, "two"))

    async def main(relay):
        async with connect(server) as witness, connect(relay) as codex:
            turn = await (await codex.thread_start()).turn("hi")
            await passing(gate)
            await witness.thread_resume(turn.thread_id)
            relay.hold()
            gate.open()
            assert await all_of(witness.client.read(witness.client.turn(turn.id).read(), forever))
            relay.release()
            result = await turn.run()
            assert (result.status, result.final_response) == ("completed", "onetwo")
            assert [item.type for item in result.items] == ["userMessage", "agentMessage"]

    with Relay(server.url, tmp_path / "r") as relay:
        run(main(relay))


def test_an_approval_that_waits_is_asked_again_after_the_loss(relay, model, run):
    asked = []
    model.replies(calls("exec_command", cmd="echo hi", **ESCALATED), says("done"))

    async def approve(request):
        asked.append(request)
        if len(asked) == 1:
            relay.cut()
            return None
        return {"decision": "accept"}

    async def main():
        async with connect(relay) as codex:
            codex.client.handle(m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL, approve)
            thread = await codex.thread_start(approval_policy="on-request", sandbox="read-only")
            result = await thread.run("echo")
        assert item_of(result, "commandExecution").status == "completed"
        assert len(asked) == 2
        assert asked[0].resolved

    run(main())


def test_a_restarted_server_resumes_threads_and_an_unfinished_turn_is_interrupted(server, model, run):
    gate = Gate()
    model.replies(says("I do"), says("one", gate))

    async def main():
        async with connect(server) as codex:
            thread = await codex.thread_start()
            await thread.run("remember the sea")
            turn = await thread.turn("hi")
            await passing(gate)
            server.kill()
            await asyncio.to_thread(server.start)
            assert (await turn.run()).status == "interrupted"
            assert (await thread.run("again")).status == "completed"
        assert "remember the sea" in model.requests[-1].texts

    run(main())


def test_a_thread_without_a_record_is_lost_with_the_connection(relay, run):
    async def main():
        async with connect(relay) as codex:
            thread = await codex.thread_start()
            await asyncio.to_thread(relay.cut_until_back)
            assert (await codex.models()).data
            with pytest.raises(ConnectionClosedError, match=r"was lost with an earlier connection: .*no rollout"):
                await thread.run("hi")
            assert (await (await codex.thread_start()).run("hi")).final_response == "echo: hi"

    run(main())


@pytest.mark.parametrize("kind", TOKENS)
def test_only_the_right_token_is_let_in(kind, runtime, home, tmp_path, run):
    options, right, wrong = TOKENS[kind](tmp_path)

    async def main(server):
        async with connect(server, auth_token=right) as codex:
            assert (await codex.models()).data
        for token, why in ((None, "missing"), (wrong, "invalid")):
            with pytest.raises(UsageError, match=rf"401 Unauthorized: {why}"):
                await connect(server, auth_token=token).models()

    with ListeningServer(runtime, home, "ws://127.0.0.1:0", *options) as server:
        run(main(server))
