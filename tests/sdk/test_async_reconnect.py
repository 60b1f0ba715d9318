"""A connection that is lost and comes back; the same names as in `test_reconnect.py`."""

import asyncio
from itertools import count

import pytest

from codex_app_server import AppServerConfig, AsyncCodex, ConnectionClosedError, RequestTimeoutError, TurnTimeoutError
from codex_app_server.generated import methods as m
from sdk.callers import all_of
from sdk.fake_methods import ECHO, LOSE
from sdk.gaps import APPROVAL, END, ITEMS, NOT_YET, Gap, completed, lost_threads, thread, turn
from sdk.socket_faults import TRANSPORTS
from socket_server import SocketServer, serves


@pytest.fixture(params=TRANSPORTS)
def server(request, tmp_path):
    with SocketServer(tmp_path / "s" if request.param == "unix" else None) as server:
        yield server


@pytest.fixture
def connected(server, run):
    """Runs a coroutine function with an AsyncCodex that is connected."""

    def connected(work, **options):
        async def main():
            async with AsyncCodex(AppServerConfig(url=server.url, **options)) as codex:
                await work(codex)

        run(main())

    return connected


@pytest.fixture
def gap(server):
    gap = Gap(server)
    yield gap
    gap.come_back()


@pytest.fixture
def with_turn(connected, gap):  # noqa: ARG001 - what the server does must be known before
    """Runs a coroutine function with a turn that has told its first item, and its other events."""

    def with_turn(work):
        async def start(codex):
            turn = await (await codex.thread_start()).turn("hi")
            events = turn.stream()
            assert (await anext(events)).method == "item/completed"
            await work(turn, events)

        connected(start)

    return with_turn


def lose(gap, *told):
    """Lose the connection, which holds up no loop."""
    return asyncio.to_thread(gap.lose, *told)


def test_a_turn_goes_on_after_the_gap(with_turn, gap):
    async def work(handle, _events):
        await lose(gap, thread(turn("inProgress", ITEMS[:1])), completed(ITEMS[1]), END)
        gap.come_back()
        result = await handle.run()
        assert (result.status, result.final_response) == ("completed", "hello you")
        assert [item.type for item in result.items] == ["userMessage", "agentMessage"]

    with_turn(work)


def test_a_turn_that_ended_in_the_gap_has_its_result(with_turn, gap):
    async def work(handle, _events):
        await lose(gap, thread(turn("failed", ITEMS, error={"message": "why"}, durationMs=2000)))
        gap.come_back()
        result = await handle.run()
        assert (result.status, result.error.message, result.duration_seconds) == ("failed", "why", 2.0)
        assert [item.type for item in result.items] == ["userMessage", "agentMessage"]

    with_turn(work)


def test_a_stream_has_what_was_missed_before_what_follows(with_turn, gap):
    async def work(_handle, events):
        await lose(gap, thread(turn("inProgress", [*ITEMS, NOT_YET])), completed(NOT_YET), END)
        gap.come_back()
        told = [getattr(event.params, "item", None) async for event in events]
        assert [item and item.id for item in told] == ["m", "c", None]

    with_turn(work)


def test_a_turn_that_nobody_knows_any_more_is_lost(with_turn, gap):
    async def work(handle, _events):
        await lose(gap, thread(turn("completed", turn_id="another")))
        gap.come_back()
        with pytest.raises(ConnectionClosedError, match="gone without a word"):
            await handle.run(turn_timeout_seconds=60)

    with_turn(work)


def test_a_thread_that_is_not_resumed_is_lost_and_says_so(with_turn, gap, caplog):
    async def work(handle, _events):
        await lose(gap, ValueError("no rollout"))
        gap.come_back()
        with pytest.raises(ConnectionClosedError, match="gone without a word"):
            await handle.run(turn_timeout_seconds=60)
        with pytest.raises(ConnectionClosedError, match=r"thread h was lost with an earlier connection: .*no rollout"):
            await handle._client.exchange("turn/start", {"threadId": "h"})  # noqa: SLF001 - as its thread does

    with_turn(work)
    assert lost_threads(caplog) == 1


def test_deadlines_of_a_turn_hold_in_the_gap(with_turn, gap):
    async def work(handle, _events):
        await lose(gap, thread())
        with pytest.raises(TurnTimeoutError, match=r"was silent for 0.1 s"):
            await handle.run(idle_timeout_seconds=0.1)

    with_turn(work)


def test_a_request_that_was_sent_fails_and_is_not_sent_again(connected, server):
    async def work(codex):
        lost = asyncio.ensure_future(codex.client.request(LOSE, timeout_seconds=None))
        await asyncio.to_thread(server.next_of, "fake/lose")
        server.drop()
        with pytest.raises(ConnectionClosedError, match="gone without a word"):
            await lost
        assert await codex.client.request(ECHO, {"a": 1}) == {"a": 1}

    connected(work)
    assert [server.asked.get_nowait()[0] for _ in range(server.asked.qsize())] == ["initialize", "fake/echo"]


def test_a_request_in_the_gap_waits_within_its_deadline(with_turn, gap, server):
    async def work(handle, _events):
        client = handle._client  # noqa: SLF001 - no other is connected to that server
        await lose(gap, thread())
        waiting = asyncio.ensure_future(client.request(ECHO, {"a": 1}))
        with pytest.raises(RequestTimeoutError):
            await client.request(ECHO, {"a": 2}, timeout_seconds=0.1)
        gap.come_back()
        assert await waiting == {"a": 1}

    with_turn(work)
    assert server.next_of("thread/resume") == {"threadId": "h", "excludeTurns": False}
    assert [server.asked.get_nowait() for _ in range(server.asked.qsize())] == [("fake/echo", {"a": 1})]


def test_a_server_that_does_not_come_back_is_given_up(connected, server):
    async def work(codex):
        await asyncio.to_thread(server.hears_of_ready)
        server.vanish()
        with pytest.raises(ConnectionClosedError, match=r"without a word; it did not come back within 0.3 s"):
            await all_of(codex.client.notifications())
        with pytest.raises(ConnectionClosedError, match="did not come back"):
            await codex.models()

    connected(work, reconnect_timeout_seconds=0.3)


def test_without_reconnecting_a_loss_is_final(connected, server):
    async def work(codex):
        await asyncio.to_thread(server.hears_of_ready)
        server.drop()
        with pytest.raises(ConnectionClosedError, match=r"gone without a word$"):
            await all_of(codex.client.notifications())

    connected(work, reconnect_timeout_seconds=None)


def test_closing_in_the_gap_fails_who_waits(with_turn, gap):
    async def work(handle, _events):
        await lose(gap, thread())
        waiting = asyncio.ensure_future(handle.run())
        await asyncio.sleep(0)
        await handle._client.close(timeout_seconds=0.1)  # noqa: SLF001 - no other is connected to that server
        with pytest.raises(ConnectionClosedError, match="the client was closed"):
            await waiting
        gap.come_back()

    with_turn(work)


def test_it_is_tried_again_until_the_handshake_succeeds(connected, server, caplog):
    async def work(codex):
        server.drop()
        for _ in range(5):
            assert await asyncio.to_thread(server.arrivals.acquire, timeout=60)
        assert await codex.client.request(ECHO, {"a": 1}) == {"a": 1}

    server.plays(serves, lambda peer: peer.refuse(503), lambda peer: peer.refuse(401), lambda peer: peer.accept())
    connected(work)
    told = [record.getMessage() for record in caplog.records if "connect again" in record.getMessage()]
    assert len(told) == 1


def test_a_request_between_two_attempts_waits_for_the_next(connected, server):
    calls, waiting = count(1), []

    async def work(codex):
        clients.append(codex.client)
        server.drop()
        for _ in range(3):
            assert await asyncio.to_thread(server.arrivals.acquire, timeout=60)
        assert await codex.client.request(ECHO, {"a": 1}) == {"a": 1}
        assert await waiting[0] == {"a": 2}

    def token():
        if next(calls) == 3:  # the second attempt begins, after one that has failed
            waiting.append(asyncio.ensure_future(clients[0].request(ECHO, {"a": 2})))
        return "token"

    clients = []
    server.plays(serves, lambda peer: peer.refuse(503), serves)
    connected(work, auth_token=token)


def test_a_server_that_does_not_resume_threads_is_given_up(connected, server):
    async def work(codex):
        await codex.thread_start()
        server.answers["thread/resume"] = None
        await asyncio.to_thread(server.drop_until_back)
        with pytest.raises(ConnectionClosedError, match=r"it did not come back within 0.3 s"):
            await codex.client.request(ECHO, timeout_seconds=30)

    connected(work, reconnect_timeout_seconds=0.3)


def test_an_answer_for_an_earlier_connection_is_not_given_to_the_next(connected, server):
    async def work(codex):
        asked, back = asyncio.Event(), asyncio.Event()

        async def approve(request):
            asked.set()
            try:
                await back.wait()
            finally:
                answered.append(request.resolved)
            return {"decision": "accept"}

        answered = []
        codex.client.handle(m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL, approve)
        await asked.wait()
        await asyncio.to_thread(server.drop_until_back)
        assert await codex.client.request(ECHO, {"a": 1}) == {"a": 1}
        back.set()
        assert await codex.client.request(ECHO, {"a": 2}) == {"a": 2}
        assert answered == [True]

    server.plays(lambda peer: (peer.accept().serve(1), peer.hear(), peer.say(id=0, **APPROVAL), peer.serve()))
    connected(work)
    assert all("id" not in server.told.get_nowait() for _ in range(server.told.qsize()))
