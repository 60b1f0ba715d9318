"""How the real server ends, and what is left; the same names as in `test_ends.py`."""

import asyncio
import os
import signal
from time import monotonic

import pytest

from codex_app_server import AsyncCodex, ConnectionClosedError
from e2e.sdk.outcomes import FREE, all_of, passing
from e2e.sdk.processes import ONLY_LINUX, children, read_pid
from model_replies import Gate, calls, says
from sdk.fake_methods import ends

pytestmark = [pytest.mark.real, pytest.mark.skipif(bool(ONLY_LINUX), reason=ONLY_LINUX)]


def test_a_server_killed_in_a_turn_wakes_everyone_within_a_second(with_codex, model):
    async def work(codex):
        gate, thread = Gate(), await codex.thread_start()
        model.replies(says("one", gate))
        first, second = await thread.turn("hi"), await thread.turn("more")
        await passing(gate)
        [server] = children()
        os.kill(server, signal.SIGSTOP)  # so that no request is answered any more
        calls = [first.run(), all_of(second.stream()), codex.models(), all_of(codex.client.notifications())]

        async def outcome(call):
            with pytest.raises(ConnectionClosedError) as caught:
                await call
            return caught.value, monotonic()

        waiting = [asyncio.ensure_future(outcome(call)) for call in calls]
        await asyncio.sleep(0)  # all of them begin
        killed_at = monotonic()
        os.kill(server, signal.SIGKILL)
        outcomes = await asyncio.gather(*waiting)
        [told] = {(str(error).partition(";")[0], error.signal, error.exit_code) for error, _ in outcomes}
        assert told == ("signal 9 ended the server", signal.SIGKILL, None)
        assert max(woken_at for _, woken_at in outcomes) - killed_at < 1
        with pytest.raises(ConnectionClosedError, match="signal 9"):
            await codex.models()

    with_codex(work)


def test_a_server_that_is_told_to_end_in_a_turn_has_not_completed_it(with_codex, model):
    async def work(codex):
        gate = Gate()
        model.replies(says("one", gate))
        turn = await (await codex.thread_start()).turn("hi")
        await passing(gate)
        os.kill(*children(), signal.SIGTERM)
        with pytest.raises(ConnectionClosedError, match="exited with status 0") as caught:
            await turn.run()
        assert (caught.value.exit_code, caught.value.signal) == (0, None)

    with_codex(work)


def test_a_turn_that_was_killed_shows_as_interrupted_after_the_restart(config, run, model):
    async def main():
        gate = Gate()
        model.replies(says("one", gate))
        async with AsyncCodex(config) as codex:
            thread = await codex.thread_start()
            turn = await thread.turn("remember the sea")
            await passing(gate)
            os.kill(*children(), signal.SIGKILL)
            with pytest.raises(ConnectionClosedError):
                await turn.run()
        async with AsyncCodex(config) as codex:
            thread = await codex.thread_resume(thread.id)
            told = (await thread.read(include_turns=True)).thread
            assert [turn.status for turn in told.turns] == ["interrupted"]
            assert (await thread.run("again")).status == "completed"
        assert "remember the sea" in model.requests[1].texts

    run(main())


def test_closing_in_a_turn_ends_the_server_and_its_commands(config, run, model, home):
    async def main():
        os.mkfifo(home.work / "pipe")
        model.replies(calls("exec_command", cmd="echo $$ > pipe; exec sleep 600"))
        async with AsyncCodex(config) as codex:
            turn = await (await codex.thread_start(**FREE)).turn("sleep")
            command = read_pid(home.work / "pipe")
            [server] = children()
        assert children() == []
        assert ends(server, 0)
        assert ends(command, 60)
        with pytest.raises(ConnectionClosedError, match="the client was closed"):
            await turn.run()

    run(main())


def test_killing_the_server_ends_its_commands(with_codex, model, home):
    async def work(codex):
        os.mkfifo(home.work / "pipe")
        model.replies(calls("exec_command", cmd="echo $$ > pipe; exec sleep 600"))
        await (await codex.thread_start(**FREE)).turn("sleep")
        command = read_pid(home.work / "pipe")
        os.kill(*children(), signal.SIGKILL)
        assert ends(command, 60)

    with_codex(work)
