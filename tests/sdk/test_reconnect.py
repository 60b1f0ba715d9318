"""A connection that is lost and comes back; the same names as in `test_async_reconnect.py`."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from codex_app_server import AppServerConfig, Codex, ConnectionClosedError, RequestTimeoutError, TurnTimeoutError
from codex_app_server.generated import methods as m
from sdk.fake_methods import ECHO, LOSE
from sdk.gaps import APPROVAL, END, ITEMS, NOT_YET, Gap, completed, lost_threads, thread, turn
from sdk.socket_faults import TRANSPORTS
from socket_server import SocketServer, serves


@pytest.fixture(params=TRANSPORTS)
def server(request, tmp_path):
    with SocketServer(tmp_path / "s" if request.param == "unix" else None) as server:
        yield server


@pytest.fixture
def connect(server):
    return lambda **options: Codex(AppServerConfig(url=server.url, **options))


@pytest.fixture
def gap(server):
    gap = Gap(server)
    yield gap
    gap.come_back()


@pytest.fixture
def turn_in_gap(connect, gap):  # noqa: ARG001 - what the server does must be known before
    """A turn that has told its first item."""
    with connect() as codex:
        turn = codex.thread_start().turn("hi")
        events = turn.stream()
        assert next(events).method == "item/completed"
        turn.rest = events
        yield turn


def test_a_turn_goes_on_after_the_gap(turn_in_gap, gap):
    gap.lose(thread(turn("inProgress", ITEMS[:1])), completed(ITEMS[1]), END)
    gap.come_back()
    result = turn_in_gap.run()
    assert (result.status, result.final_response) == ("completed", "hello you")
    assert [item.type for item in result.items] == ["userMessage", "agentMessage"]


def test_a_turn_that_ended_in_the_gap_has_its_result(turn_in_gap, gap):
    gap.lose(thread(turn("failed", ITEMS, error={"message": "why"}, durationMs=2000)))
    gap.come_back()
    result = turn_in_gap.run()
    assert (result.status, result.error.message, result.duration_seconds) == ("failed", "why", 2.0)
    assert [item.type for item in result.items] == ["userMessage", "agentMessage"]


def test_a_stream_has_what_was_missed_before_what_follows(turn_in_gap, gap):
    gap.lose(thread(turn("inProgress", [*ITEMS, NOT_YET])), completed(NOT_YET), END)
    gap.come_back()
    told = [getattr(event.params, "item", None) for event in turn_in_gap.rest]
    assert [item and item.id for item in told] == ["m", "c", None]


def test_a_turn_that_nobody_knows_any_more_is_lost(turn_in_gap, gap):
    gap.lose(thread(turn("completed", turn_id="another")))
    gap.come_back()
    with pytest.raises(ConnectionClosedError, match="gone without a word"):
        turn_in_gap.run(turn_timeout_seconds=60)


def test_a_thread_that_is_not_resumed_is_lost_and_says_so(turn_in_gap, gap, caplog):
    gap.lose(ValueError("no rollout"))
    gap.come_back()
    with pytest.raises(ConnectionClosedError, match="gone without a word"):
        turn_in_gap.run(turn_timeout_seconds=60)
    with pytest.raises(ConnectionClosedError, match=r"thread h was lost with an earlier connection: .*no rollout"):
        turn_in_gap._client.exchange("turn/start", {"threadId": "h"})  # noqa: SLF001 - as its thread does
    assert lost_threads(caplog) == 1


def test_deadlines_of_a_turn_hold_in_the_gap(turn_in_gap, gap):
    gap.lose(thread())
    with pytest.raises(TurnTimeoutError, match=r"was silent for 0.1 s"):
        turn_in_gap.run(idle_timeout_seconds=0.1)


def test_a_request_that_was_sent_fails_and_is_not_sent_again(connect, server):
    with connect() as codex, ThreadPoolExecutor(1) as pool:
        lost = pool.submit(codex.client.request, LOSE, timeout_seconds=None)
        server.next_of("fake/lose")
        server.drop()
        with pytest.raises(ConnectionClosedError, match="gone without a word"):
            lost.result(60)
        assert codex.client.request(ECHO, {"a": 1}) == {"a": 1}
    assert [server.asked.get_nowait()[0] for _ in range(server.asked.qsize())] == ["initialize", "fake/echo"]


def test_a_request_in_the_gap_waits_within_its_deadline(turn_in_gap, gap, server):
    client = turn_in_gap._client  # noqa: SLF001 - no other is connected to that server
    gap.lose(thread())
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.request, ECHO, {"a": 1})
        with pytest.raises(RequestTimeoutError):
            client.request(ECHO, {"a": 2}, timeout_seconds=0.1)
        gap.come_back()
        assert waiting.result(60) == {"a": 1}
    assert server.next_of("thread/resume") == {"threadId": "h", "excludeTurns": False}
    assert [server.asked.get_nowait() for _ in range(server.asked.qsize())] == [("fake/echo", {"a": 1})]


def test_a_server_that_does_not_come_back_is_given_up(connect, server):
    with connect(reconnect_timeout_seconds=0.3) as codex:
        server.hears_of_ready()
        server.vanish()
        with pytest.raises(ConnectionClosedError, match=r"without a word; it did not come back within 0.3 s"):
            list(codex.client.notifications())
        with pytest.raises(ConnectionClosedError, match="did not come back"):
            codex.models()


def test_without_reconnecting_a_loss_is_final(connect, server):
    with connect(reconnect_timeout_seconds=None) as codex:
        server.hears_of_ready()
        server.drop()
        with pytest.raises(ConnectionClosedError, match=r"gone without a word$"):
            list(codex.client.notifications())


def test_closing_in_the_gap_fails_who_waits(turn_in_gap, gap):
    client = turn_in_gap._client  # noqa: SLF001 - no other is connected to that server
    gap.lose(thread())
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(turn_in_gap.run)
        client.close(timeout_seconds=0.1)
        with pytest.raises(ConnectionClosedError, match="the client was closed"):
            waiting.result(60)
    gap.come_back()


def test_it_is_tried_again_until_the_handshake_succeeds(connect, server, caplog):
    server.plays(serves, lambda peer: peer.refuse(503), lambda peer: peer.refuse(401), lambda peer: peer.accept())
    with connect() as codex:
        server.drop()
        for _ in range(5):
            assert server.arrivals.acquire(timeout=60)
        assert codex.client.request(ECHO, {"a": 1}) == {"a": 1}
    told = [record.getMessage() for record in caplog.records if "connect again" in record.getMessage()]
    assert len(told) == 1


def test_a_request_between_two_attempts_waits_for_the_next(connect, server):
    def token():
        if next(calls) == 3:  # the second attempt begins, after one that has failed
            with pytest.raises(RequestTimeoutError) as waited:
                codex.client.request(ECHO, timeout_seconds=0.01)
            outcomes.append(waited.type)
        return "token"

    calls, outcomes = count(1), []
    server.plays(serves, lambda peer: peer.refuse(503), serves)
    with connect(auth_token=token) as codex:
        server.drop()
        for _ in range(3):
            assert server.arrivals.acquire(timeout=60)
        assert codex.client.request(ECHO, {"a": 1}) == {"a": 1}
    assert outcomes == [RequestTimeoutError]


def test_a_server_that_does_not_resume_threads_is_given_up(connect, server):
    with connect(reconnect_timeout_seconds=0.3) as codex:
        codex.thread_start()
        server.answers["thread/resume"] = None
        server.drop_until_back()
        with pytest.raises(ConnectionClosedError, match=r"it did not come back within 0.3 s"):
            codex.client.request(ECHO, timeout_seconds=30)


def test_an_answer_for_an_earlier_connection_is_not_given_to_the_next(connect, server):
    asked, back = threading.Event(), threading.Event()

    def approve(_request):
        asked.set()
        assert back.wait(60)
        return {"decision": "accept"}

    server.plays(lambda peer: (peer.accept().serve(1), peer.hear(), peer.say(id=0, **APPROVAL), peer.serve()))
    with connect() as codex:
        codex.client.handle(m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL, approve)
        assert asked.wait(60)
        server.drop_until_back()
        assert codex.client.request(ECHO, {"a": 1}) == {"a": 1}
        back.set()
        assert codex.client.request(ECHO, {"a": 2}) == {"a": 2}
    assert all("id" not in server.told.get_nowait() for _ in range(server.told.qsize()))
