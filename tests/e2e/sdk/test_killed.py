"""A server that is killed, and one that is closed, on every system; `test_ends.py` looks closer where /proc does."""

import subprocess

import pytest

from codex_app_server import AsyncCodex, Codex, ConnectionClosedError
from model_replies import Gate, says
from sdk.callers import kill
from sdk.fake_methods import ends
from sdk.posix import KILLED

pytestmark = pytest.mark.real


@pytest.fixture
def started(monkeypatch):
    """The numbers of the processes that are started from now on."""
    numbers, start = [], subprocess.Popen.__init__

    def recorded(process, *arguments, **options):
        start(process, *arguments, **options)
        numbers.append(process.pid)

    monkeypatch.setattr(subprocess.Popen, "__init__", recorded)
    return numbers


@pytest.fixture
def gate(model):
    """Where the only turn stalls."""
    gate = Gate()
    model.replies(says("one", gate))
    return gate


def test_a_killed_server_ends_the_turn_that_it_was_in(config, gate, started):
    with Codex(config) as codex:
        turn = codex.thread_start().turn("hi")
        gate.wait_until_reached()
        kill(*started)
        with pytest.raises(ConnectionClosedError) as caught:
            turn.run()
    assert (caught.value.exit_code, caught.value.signal) == KILLED


def test_a_killed_server_ends_the_turn_that_a_task_waits_for(config, gate, started, run):
    async def main():
        async with AsyncCodex(config) as codex:
            turn = await (await codex.thread_start()).turn("hi")
            gate.wait_until_reached()
            kill(*started)
            with pytest.raises(ConnectionClosedError) as caught:
                await turn.run()
        assert (caught.value.exit_code, caught.value.signal) == KILLED

    run(main())


def test_closing_in_a_turn_leaves_no_server(config, gate, started):
    with Codex(config) as codex:
        turn = codex.thread_start().turn("hi")
        gate.wait_until_reached()
    assert ends(*started, 0)
    with pytest.raises(ConnectionClosedError, match="the client was closed"):
        turn.run()


def test_closing_in_a_turn_of_a_task_leaves_no_server(config, gate, started, run):
    async def main():
        async with AsyncCodex(config) as codex:
            turn = await (await codex.thread_start()).turn("hi")
            gate.wait_until_reached()
        assert ends(*started, 0)
        with pytest.raises(ConnectionClosedError, match="the client was closed"):
            await turn.run()

    run(main())
