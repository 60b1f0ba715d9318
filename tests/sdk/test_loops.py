"""Event loops that are not like this system's usual one."""

import sys
from asyncio.selector_events import BaseSelectorEventLoop

import pytest

from codex_app_server import AppServerConfig, AsyncAppServerClient, ConnectionClosedError, UsageError
from codex_app_server._async_child import STDOUT, AsyncChild
from codex_app_server._async_socket import AsyncSocket
from socket_server import SocketServer


def test_what_a_loop_has_in_a_buffer_of_its_own_is_handed_on_as_bytes(run):
    """As the loop on Windows does."""
    received = []

    def receive(data):
        received.append(data)
        return 0.0

    async def main():
        AsyncChild(receive, sys.exit).pipe_data_received(STDOUT, bytearray(b"{}\n"))

    run(main())
    assert [(type(data), data) for data in received] == [(bytes, b"{}\n")]


def test_a_loop_that_tells_of_an_end_twice_ends_nothing_twice(run):
    """As the loop on Windows does, after a reset and an abort."""
    reasons = []

    async def main(url):
        channel = await AsyncSocket.start(AppServerConfig(url=url), 60, lambda _data: 0.0, reasons.append)
        channel.connection_lost(ConnectionResetError("reset"))
        channel.connection_lost(None)
        await channel.stop(0)

    with SocketServer() as server:
        run(main(server.url))
    assert [(type(reason), "broke: reset" in str(reason)) for reason in reasons] == [(ConnectionClosedError, True)]


def test_a_loop_that_starts_no_processes_is_named(config):
    """Windows' other loop, which some frameworks ask for."""
    loop = BaseSelectorEventLoop()
    try:
        with pytest.raises(UsageError, match="BaseSelectorEventLoop starts no processes; on Windows"):
            loop.run_until_complete(AsyncAppServerClient(config()).start())
    finally:
        loop.close()
