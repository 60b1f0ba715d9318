"""The asynchronous half on uvloop, whose transports are not asyncio's own."""

import asyncio
import os
import signal

import pytest

from codex_app_server import (
    AppServerConfig,
    AsyncAppServerClient,
    AsyncCodex,
    ConnectionClosedError,
    RequestTimeoutError,
)
from sdk import fake_methods as fake
from sdk.callers import all_of
from sdk.conftest import DEADLINE_SECONDS
from sdk.fake_methods import ECHO, ENVIRONMENT, LOSE
from sdk.fake_turns import wish
from sdk.socket_faults import LARGE, TRANSPORTS, bridged
from socket_server import SocketServer

uvloop = pytest.importorskip("uvloop", reason="uvloop runs on Linux and macOS only")


def run(coroutine):
    async def bounded():
        return await asyncio.wait_for(coroutine, DEADLINE_SECONDS)

    return uvloop.run(bounded())


@pytest.fixture
def connected(config):
    def connected(work, *flags, **options):
        async def main():
            async with AsyncAppServerClient(config(*flags, **options)) as client:
                return await work(client)

        return run(main())

    return connected


def test_requests_turns_and_floods_pass(config):
    async def main():
        async with AsyncCodex(config()) as codex:
            thread = await codex.thread_start()
            assert (await thread.run(wish(deltas=500))).final_response == "x" * 500
            answers = await asyncio.gather(*(codex.client.request(ECHO, {"n": n}) for n in range(500)))
            assert [answer["n"] for answer in answers] == [*range(500)]
            assert (await codex.client.request(ECHO, {"text": LARGE}))["text"] == LARGE

    run(main())


def test_a_server_that_dies_tells_its_last_words(connected):
    async def work(client):
        with pytest.raises(ConnectionClosedError, match="last words") as caught:
            await client.request(fake.DIE, {"code": 7, "stderr": "last words"}, timeout_seconds=None)
        assert caught.value.exit_code == 7

    connected(work)


def test_a_killed_server_wakes_everyone(connected):
    async def work(client):
        pid = (await client.request(ENVIRONMENT))["pid"]
        waiting = asyncio.ensure_future(client.request(LOSE, timeout_seconds=None))
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(ConnectionClosedError) as caught:
            await waiting
        assert caught.value.signal == signal.SIGKILL

    connected(work)


def test_a_stubborn_server_is_ended(connected):
    async def work(client):
        return (await client.request(ENVIRONMENT))["pid"]

    assert fake.is_gone(connected(work, "--ignore-eof", "--ignore-sigterm", close_timeout_seconds=0.2))


def test_a_server_that_closes_its_output_is_lost_at_the_deadline_only(connected):
    # uvloop leaves the child a second handle on each of its pipes, so their end cannot be seen while the child lives.
    async def work(client):
        with pytest.raises(RequestTimeoutError):
            await client.request(fake.MUTE, timeout_seconds=0.5)

    connected(work)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8])
def test_a_start_cancelled_at_any_step_leaves_nothing(config, steps):
    async def main():
        async def use():
            async with AsyncAppServerClient(config()) as client:
                await client.request(ECHO)

        task = asyncio.ensure_future(use())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_socket_is_used_lost_and_made_again(tmp_path, transport):
    async def main(server):
        async with AsyncAppServerClient(AppServerConfig(url=server.url, keepalive_seconds=0.05)) as client:
            assert (await client.request(ECHO, {"text": LARGE}))["text"] == LARGE
            assert await asyncio.to_thread(server.pings.acquire, timeout=DEADLINE_SECONDS)
            await asyncio.to_thread(server.drop_until_back)
            assert await client.request(ECHO, {"a": 1}) == {"a": 1}
            server.vanish()
            ended = asyncio.ensure_future(all_of(client.notifications()))
            await asyncio.sleep(0)
            await client.close()
            assert await ended == []

    with SocketServer(tmp_path / "s" if transport == "unix" else None) as server:
        run(main(server))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_closing_after_a_loss_does_not_raise(tmp_path, transport):
    async def main(config):
        async with AsyncAppServerClient(config) as client:
            with pytest.raises(ConnectionClosedError, match="has not answered a ping"):
                await client.request(fake.LOSE)

    with SocketServer(tmp_path / "s" if transport == "unix" else None) as server, bridged() as gate:
        server.plays(lambda peer: peer.accept().serve(1) and gate.wait(DEADLINE_SECONDS))
        run(main(AppServerConfig(url=server.url, keepalive_seconds=0.2, reconnect_timeout_seconds=None)))
