"""The same over a pipe, a Unix socket and TCP, on the real server; the same names as in `test_async_transports.py`."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from codex_app_server import AppServerConfig, Codex, ConnectionClosedError, InvalidRequestError, UsageError
from codex_app_server.generated import methods as m
from e2e.sdk.listening import ListeningServer, Relay
from e2e.sdk.outcomes import DELTA, ESCALATED, LARGE_CURSOR, WHOLE_TURN, deltas_of, item_of
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
def codex(request, runtime, home, tmp_path, config):
    if request.param == "stdio":
        with Codex(config) as codex:
            yield codex
        return
    url = f"unix://{tmp_path}/s" if request.param == "unix" else "ws://127.0.0.1:0"
    with ListeningServer(runtime, home, url) as server, connect(server) as codex:
        yield codex


def connect(server, **options):
    return Codex(AppServerConfig(url=server.url, turn_timeout_seconds=DEADLINE_SECONDS, **options))


def test_a_stream_has_the_whole_turn_in_order(codex, model):
    model.replies(says(*"abcdefgh"))
    turn = codex.thread_start().turn("hi")
    events = list(turn.stream())
    assert [event.method for event in events if event.method != DELTA] == WHOLE_TURN
    assert deltas_of(events) == [*"abcdefgh"]
    assert turn.run().final_response == "abcdefgh"


def test_a_turn_can_be_steered_and_interrupted(codex, model):
    first, second, thread = Gate(), Gate(), codex.thread_start()
    model.replies(says("one", first), says("two", second))
    turn = thread.turn("go")
    first.wait_until_reached()
    turn.steer("turn left")
    first.open()
    second.wait_until_reached()
    turn.interrupt()
    assert turn.run().status == "interrupted"
    assert model.requests[1].texts[-1] == "turn left"
    assert thread.run("again").final_response == "echo: again"


def test_an_approval_is_declined_and_the_turn_goes_on(codex, model, home):
    model.replies(calls("exec_command", cmd="touch a", **ESCALATED), says("never mind"))
    result = codex.thread_start(approval_policy="on-request", sandbox="read-only").run("touch")
    assert item_of(result, "commandExecution").status == "declined"
    assert (result.status, result.final_response) == ("completed", "never mind")
    assert list(home.work.iterdir()) == []


def test_many_requests_at_once_are_all_answered(codex):
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda _: codex.models(), range(640)))
    assert all(answer.data for answer in answers)


def test_large_messages_pass_both_ways(codex):
    with pytest.raises(InvalidRequestError) as caught:
        codex.client.request(m.THREAD_LIST, {"cursor": LARGE_CURSOR})
    assert LARGE_CURSOR in caught.value.message


def test_two_clients_hear_of_one_thread_and_the_server_outlives_them(server, model):
    gate = Gate()
    model.replies(says("one", gate, "two"))
    with connect(server) as first, connect(server) as second:
        turn = first.thread_start().turn("hi")
        gate.wait_until_reached()
        second.thread_resume(turn.thread_id)
        first.close()
        gate.open()
        events = list(second.client.read(second.client.turn(turn.id).read(), lambda _since, _now: DEADLINE_SECONDS))
        assert events[-1].method == "turn/completed"
        assert "two" in deltas_of(events)
    with connect(server) as third:
        assert third.thread_resume(turn.thread_id).run("again").final_response == "echo: again"


def test_a_running_turn_survives_a_lost_connection(relay, model):
    gate, last = Gate(), Gate()
    model.replies(says("one", gate, "two", last, "three"))
    with connect(relay) as codex:
        thread = codex.thread_start()
        turn = thread.turn("hi")
        gate.wait_until_reached()
        relay.cut_until_back()
        assert codex.models().data  # the thread is resumed by now
        gate.open()
        last.open()
        result = turn.run()
        assert (result.status, result.final_response) == ("completed", "onetwothree")
        assert [item.type for item in result.items] == ["userMessage", "agentMessage"]
        assert thread.run("again").final_response == "echo: again"


def test_a_turn_that_ended_while_nobody_was_connected_has_its_result(server, tmp_path, model):
    gate = Gate()
    model.replies(says("one", gate, "two"))
    with connect(server) as witness, Relay(server.url, tmp_path / "r") as relay, connect(relay) as codex:
        turn = codex.thread_start().turn("hi")
        gate.wait_until_reached()
        witness.thread_resume(turn.thread_id)
        relay.hold()
        gate.open()
        assert list(witness.client.read(witness.client.turn(turn.id).read(), lambda _since, _now: DEADLINE_SECONDS))
        relay.release()
        result = turn.run()
        assert (result.status, result.final_response) == ("completed", "onetwo")
        assert [item.type for item in result.items] == ["userMessage", "agentMessage"]


def test_an_approval_that_waits_is_asked_again_after_the_loss(relay, model):
    asked = []
    model.replies(calls("exec_command", cmd="echo hi", **ESCALATED), says("done"))

    def approve(request):
        asked.append(request)
        if len(asked) == 1:
            relay.cut()
            return None
        return {"decision": "accept"}

    with connect(relay) as codex:
        codex.client.handle(m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL, approve)
        result = codex.thread_start(approval_policy="on-request", sandbox="read-only").run("echo")
    assert item_of(result, "commandExecution").status == "completed"
    assert len(asked) == 2
    assert asked[0].resolved


def test_a_restarted_server_resumes_threads_and_an_unfinished_turn_is_interrupted(server, model):
    gate = Gate()
    model.replies(says("I do"), says("one", gate))
    with connect(server) as codex:
        thread = codex.thread_start()
        thread.run("remember the sea")
        turn = thread.turn("hi")
        gate.wait_until_reached()
        server.kill()
        server.start()
        assert turn.run().status == "interrupted"
        assert thread.run("again").status == "completed"
    assert "remember the sea" in model.requests[-1].texts


def test_a_thread_without_a_record_is_lost_with_the_connection(relay):
    with connect(relay) as codex:
        thread = codex.thread_start()
        relay.cut_until_back()
        assert codex.models().data
        with pytest.raises(ConnectionClosedError, match=r"was lost with an earlier connection: .*no rollout"):
            thread.run("hi")
        assert codex.thread_start().run("hi").final_response == "echo: hi"


@pytest.mark.parametrize("kind", TOKENS)
def test_only_the_right_token_is_let_in(kind, runtime, home, tmp_path):
    options, right, wrong = TOKENS[kind](tmp_path)
    with ListeningServer(runtime, home, "ws://127.0.0.1:0", *options) as server:
        with connect(server, auth_token=right) as codex:
            assert codex.models().data
        for token, why in ((None, "missing"), (wrong, "invalid")):
            with pytest.raises(UsageError, match=rf"401 Unauthorized: {why}"):
                connect(server, auth_token=token)
