"""Event loops that are not like this system's usual one."""

import sys
from asyncio.selector_events import BaseSelectorEventLoop

import pytest

from codex_app_server import AsyncAppServerClient, UsageError
from codex_app_server._async_child import STDOUT, AsyncChild


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


def test_a_loop_that_starts_no_processes_is_named(config):
    """Windows' other loop, which some frameworks ask for."""
    loop = BaseSelectorEventLoop()
    try:
        with pytest.raises(UsageError, match="BaseSelectorEventLoop starts no processes; on Windows"):
            loop.run_until_complete(AsyncAppServerClient(config()).start())
    finally:
        loop.close()
