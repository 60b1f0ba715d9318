import sys

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
