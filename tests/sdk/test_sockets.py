"""A server on a socket, however it misbehaves; the same names as in `test_async_sockets.py`."""

import sys

import pytest

from codex_app_server import AppServerClient, AppServerConfig, ConnectionClosedError, StartTimeoutError, UsageError
from sdk.callers import next_of
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
        return AppServerClient(AppServerConfig(url=server.url, **{"reconnect_timeout_seconds": None, **options}))

    return connect


def test_requests_and_notifications_pass(connect, server):
    server.plays(lambda peer: (peer.accept().serve(1), peer.say(method="x/y", params={"a": "é"}), peer.serve()))
    with connect() as client:
        assert client.request(ECHO, {"a": 1}) == {"a": 1}
        assert next_of(client, "x/y").params.raw == {"a": "é"}
    assert "Origin" not in server.headers[0]


def test_a_message_may_come_in_pieces(connect, server):
    server.plays(says_in_pieces)
    with connect() as client:
        assert next_of(client, "x/y").params.raw == {"a": "é"}


def test_a_large_message_goes_in_pieces(connect, server):
    with connect() as client:
        assert client.request(ECHO, {"text": LARGE})["text"] == LARGE
    assert max(server.frames) == 4


def test_messages_that_are_no_json_are_passed_over(connect, server, caplog):
    server.plays(says_nonsense)
    with connect() as client:
        assert next_of(client, "x/y").params.raw == {}
        assert client.request(ECHO, {"a": 1}) == {"a": 1}
    assert len([record for record in caplog.records if "passed over" in record.getMessage()]) == 3


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_does_not_become_a_websocket_tells_why(connect, server, refusal):
    script, error, text = REFUSALS[refusal]
    server.plays(script)
    with pytest.raises(error, match=text):
        connect().start()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_connection_tells_how(connect, server, fault):
    script, text = FAULTS[fault]
    server.plays(script)
    with connect() as client:
        with pytest.raises(ConnectionClosedError, match=text):
            client.request(LOSE, timeout_seconds=None)
        with pytest.raises(ConnectionClosedError, match=text):
            client.request(ECHO)


@pytest.mark.parametrize("goodbye", GOODBYES)
def test_a_server_that_leaves_and_does_not_read_on_is_not_awaited(connect, server, goodbye):
    act, text = GOODBYES[goodbye]
    with bridged() as gate:
        server.plays(lambda peer: leaves(peer, act) and gate.wait(60))
        with connect(keepalive_seconds=None) as client, pytest.raises(ConnectionClosedError, match=text):
            client.request(ECHO, {"text": 8 * LARGE}, timeout_seconds=30)


def test_a_silent_server_is_not_awaited_past_the_start_deadline(connect, server):
    with bridged() as gate:
        server.plays(lambda peer: peer.hears_request() and gate.wait(60))
        with pytest.raises(StartTimeoutError, match=r"no .*WebSocket"):
            connect(start_timeout_seconds=0.1).start()
        server.plays(lambda peer: peer.accept() and gate.wait(60))
        timeouts = {"start_timeout_seconds": 0.1, "close_timeout_seconds": 0.1}
        with pytest.raises(StartTimeoutError, match="not ready within"), connect(**timeouts):
            pass


def test_nobody_there_is_told_with_the_way_to_start_one(connect, server):
    server.vanish()
    with pytest.raises(ConnectionClosedError, match=r"nobody answers at .*codex app-server --listen"):
        connect().start()


def test_a_dead_peer_is_noticed(connect, server):
    with bridged() as gate:
        server.plays(lambda peer: peer.accept().serve(1) and gate.wait(60))
        with (
            connect(keepalive_seconds=0.2, close_timeout_seconds=0.1) as client,
            pytest.raises(ConnectionClosedError, match=r"has not answered a ping within 0.2 s"),
        ):
            client.request(LOSE, timeout_seconds=None)


def test_a_quiet_server_that_answers_pings_is_not_given_up(connect, server):
    server.plays(says_after_pings)
    with connect(keepalive_seconds=PATIENCE_SECONDS) as client:
        assert next_of(client, "x/y")
        assert client.request(ECHO, {"a": 1}) == {"a": 1}


def test_the_token_is_sent_and_never_told(server, caplog):
    caplog.set_level("DEBUG")
    tokens = iter(["sekrit-1", "sekrit-2"])
    config = AppServerConfig(url=server.url, auth_token=lambda: next(tokens))
    for _ in range(2):
        with AppServerClient(config) as client:
            client.request(ECHO)
    assert [each["Authorization"] for each in server.headers] == ["Bearer sekrit-1", "Bearer sekrit-2"]
    server.plays(lambda peer: peer.refuse(401, "no"))
    plain = AppServerConfig(url=server.url, auth_token="sekrit-3")
    with pytest.raises(UsageError, match="auth_token is wrong or missing: 401 No: no") as caught:
        AppServerClient(plain).start()
    assert "sekrit" not in caplog.text + str(caught.value) + repr(plain) + repr(config)


def test_without_the_package_the_extra_is_named(connect, monkeypatch):
    monkeypatch.setitem(sys.modules, "websockets.client", None)
    with pytest.raises(UsageError, match=r"pip install 'codex-app-server-sdk\[ws\]'"):
        connect().start()


def test_closing_leaves_the_server_running(connect):
    with connect() as first, connect() as second:
        first.close()
        first.close()
        assert second.request(ECHO, {"a": 1}) == {"a": 1}


def test_a_server_that_does_not_hang_up_is_left(connect, server):
    with bridged() as gate:
        server.plays(lambda peer: peer.accept().serve(1) and gate.wait(60))
        with connect(close_timeout_seconds=0.1):
            pass
