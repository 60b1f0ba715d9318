"""A server on a socket, however it misbehaves; the same names as in `test_sockets.py`."""

import sys

import pytest

from codex_app_server import AppServerConfig, AsyncAppServerClient, ConnectionClosedError, StartTimeoutError, UsageError
from sdk.callers import anext_of as next_of
from sdk.fake_methods import ECHO, LOSE
from sdk.socket_faults import (
    FAULTS,
    GOODBYES,
    LARGE,
    PATIENCE_SECONDS,
    REFUSALS,
    TRANSPORTS,
    bridged,
    leaves,
    says_after_pings,
    says_in_pieces,
    says_nonsense,
)
from socket_server import SocketServer


@pytest.fixture(params=TRANSPORTS)
def server(request, tmp_path):
    with SocketServer(tmp_path / "s" if request.param == "unix" else None) as server:
        yield server


@pytest.fixture
def connect(server):
    def connect(**options):
        return AsyncAppServerClient(AppServerConfig(url=server.url, **{"reconnect_timeout_seconds": None, **options}))

    return connect


@pytest.fixture
def connected(connect, run):
    def connected(work, **options):
        async def main():
            async with connect(**options) as client:
                await work(client)

        run(main())

    return connected


def test_requests_and_notifications_pass(connected, server):
    async def work(client):
        assert await client.request(ECHO, {"a": 1}) == {"a": 1}
        assert (await next_of(client, "x/y")).params.raw == {"a": "é"}

    server.plays(lambda peer: (peer.accept().serve(1), peer.say(method="x/y", params={"a": "é"}), peer.serve()))
    connected(work)
    assert "Origin" not in server.headers[0]


def test_a_message_may_come_in_pieces(connected, server):
    async def work(client):
        assert (await next_of(client, "x/y")).params.raw == {"a": "é"}

    server.plays(says_in_pieces)
    connected(work)


def test_a_large_message_goes_in_pieces(connected, server):
    async def work(client):
        assert (await client.request(ECHO, {"text": LARGE}))["text"] == LARGE

    connected(work)
    assert max(server.frames) == 4


def test_messages_that_are_no_json_are_passed_over(connected, server, caplog):
    async def work(client):
        assert (await next_of(client, "x/y")).params.raw == {}
        assert await client.request(ECHO, {"a": 1}) == {"a": 1}

    server.plays(says_nonsense)
    connected(work)
    assert len([record for record in caplog.records if "passed over" in record.getMessage()]) == 3


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_does_not_become_a_websocket_tells_why(connected, server, refusal):
    script, error, text = REFUSALS[refusal]
    server.plays(script)
    with pytest.raises(error, match=text):
        connected(None)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_connection_tells_how(connected, server, fault):
    script, text = FAULTS[fault]

    async def work(client):
        with pytest.raises(ConnectionClosedError, match=text):
            await client.request(LOSE, timeout_seconds=None)
        with pytest.raises(ConnectionClosedError, match=text):
            await client.request(ECHO)

    server.plays(script)
    connected(work)


@pytest.mark.parametrize("goodbye", GOODBYES)
def test_a_server_that_leaves_and_does_not_read_on_is_not_awaited(connected, server, goodbye):
    act, text = GOODBYES[goodbye]

    async def work(client):
        with pytest.raises(ConnectionClosedError, match=text):
            await client.request(ECHO, {"text": 8 * LARGE}, timeout_seconds=30)

    with bridged() as gate:
        server.plays(lambda peer: leaves(peer, act) and gate.wait(60))
        connected(work, keepalive_seconds=None)


def test_a_silent_server_is_not_awaited_past_the_start_deadline(connected, server):
    with bridged() as gate:
        server.plays(lambda peer: peer.hears_request() and gate.wait(60))
        with pytest.raises(StartTimeoutError, match=r"no .*WebSocket"):
            connected(None, start_timeout_seconds=0.1)
        server.plays(lambda peer: peer.accept() and gate.wait(60))
        with pytest.raises(StartTimeoutError, match="not ready within"):
            connected(None, start_timeout_seconds=0.1, close_timeout_seconds=0.1)


def test_nobody_there_is_told_with_the_way_to_start_one(connected, server):
    server.vanish()
    with pytest.raises(ConnectionClosedError, match=r"nobody answers at .*codex app-server --listen"):
        connected(None)


def test_a_dead_peer_is_noticed(connected, server):
    async def work(client):
        with pytest.raises(ConnectionClosedError, match=r"has not answered a ping within 0.2 s"):
            await client.request(LOSE, timeout_seconds=None)

    with bridged() as gate:
        server.plays(lambda peer: peer.accept().serve(1) and gate.wait(60))
        connected(work, keepalive_seconds=0.2, close_timeout_seconds=0.1)


def test_a_quiet_server_that_answers_pings_is_not_given_up(connected, server):
    async def work(client):
        assert await next_of(client, "x/y")
        assert await client.request(ECHO, {"a": 1}) == {"a": 1}

    server.plays(says_after_pings)
    connected(work, keepalive_seconds=PATIENCE_SECONDS)


def test_the_token_is_sent_and_never_told(server, run, caplog):
    caplog.set_level("DEBUG")
    tokens = iter(["sekrit-1", "sekrit-2"])
    config = AppServerConfig(url=server.url, auth_token=lambda: next(tokens))

    async def main():
        for _ in range(2):
            async with AsyncAppServerClient(config) as client:
                await client.request(ECHO)

    run(main())
    assert [each["Authorization"] for each in server.headers] == ["Bearer sekrit-1", "Bearer sekrit-2"]
    server.plays(lambda peer: peer.refuse(401, "no"))
    plain = AppServerConfig(url=server.url, auth_token="sekrit-3")

    async def refused():
        await AsyncAppServerClient(plain).start()

    with pytest.raises(UsageError, match="auth_token is wrong or missing: 401 No: no") as caught:
        run(refused())
    assert "sekrit" not in caplog.text + str(caught.value) + repr(plain) + repr(config)


def test_without_the_package_the_extra_is_named(connected, monkeypatch):
    monkeypatch.setitem(sys.modules, "websockets.client", None)
    with pytest.raises(UsageError, match=r"pip install 'codex-app-server-sdk\[ws\]'"):
        connected(None)


def test_closing_leaves_the_server_running(connect, run):
    async def main():
        async with connect() as first, connect() as second:
            await first.close()
            await first.close()
            assert await second.request(ECHO, {"a": 1}) == {"a": 1}

    run(main())


def test_a_server_that_does_not_hang_up_is_left(connected, server):
    async def work(client):
        pass

    with bridged() as gate:
        server.plays(lambda peer: peer.accept().serve(1) and gate.wait(60))
        connected(work, close_timeout_seconds=0.1)
