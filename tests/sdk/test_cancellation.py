"""A task that is cancelled at an awkward moment; what holds for the real server is in `tests/e2e/sdk`."""

import asyncio
import json
import logging
from itertools import count

import pytest

from codex_app_server import AppServerConfig, AsyncAppServerClient, AsyncCodex
from socket_server import TEXT, SocketServer, frame

TURN = {"id": "t", "items": [], "status": "inProgress"}


class Calling(logging.Handler):
    """Calls a function when something is logged: what the reader does then has not reached any task yet."""

    def __init__(self, function):
        super().__init__()
        self._function = function

    def emit(self, _record):
        self._function()


def tells_of_a_turn_and_of_nonsense(peer):
    peer.accept().serve(1)
    assert peer.hear()["method"] == "initialized"
    answer = {"id": peer.hear()["id"], "result": {"turn": TURN}}
    peer.write(frame(TEXT, json.dumps(answer).encode()) + frame(TEXT, b"nonsense"))
    peer.serve()


def test_a_start_that_is_cancelled_twice_leaves_no_process(config, run):
    async def work():
        before = asyncio.all_tasks()
        for steps in count():
            client = AsyncAppServerClient(config())
            starting = asyncio.ensure_future(client.start())
            for _ in range(steps):
                await asyncio.sleep(0)
            in_time = not starting.done()
            starting.cancel()
            await asyncio.sleep(0)
            starting.cancel()
            await asyncio.wait({starting})
            await client.close()
            if not in_time:
                break
        await asyncio.gather(*asyncio.all_tasks() - before)

    run(work())


def test_a_turn_whose_name_comes_while_its_caller_is_cancelled_is_interrupted(run):
    async def work():
        async with AsyncCodex(AppServerConfig(url=server.url)) as codex:
            starting = asyncio.ensure_future(codex.thread("h").turn("hi"))
            cancelling = Calling(starting.cancel)
            logger.addHandler(cancelling)
            with pytest.raises(asyncio.CancelledError):
                await starting
            logger.removeHandler(cancelling)

    logger = logging.getLogger("codex_app_server")
    with SocketServer() as server:
        server.plays(tells_of_a_turn_and_of_nonsense)
        run(work())
        assert server.next_of("turn/interrupt") == {"threadId": "h", "turnId": "t"}
