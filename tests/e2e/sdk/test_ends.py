"""How the real server ends, and what is left; the same names as in `test_async_ends.py`."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from codex_app_server import Codex, ConnectionClosedError
from e2e.sdk.outcomes import FREE
from e2e.sdk.processes import ONLY_LINUX, children, read_pid
from model_replies import Gate, calls, says
from sdk.fake_methods import ends

pytestmark = [pytest.mark.real, pytest.mark.skipif(bool(ONLY_LINUX), reason=ONLY_LINUX)]


def test_a_server_killed_in_a_turn_wakes_everyone_within_a_second(codex, model):
    gate, thread = Gate(), codex.thread_start()
    model.replies(says("one", gate))
    first, second = thread.turn("hi"), thread.turn("more")
    gate.wait_until_reached()
    [server] = children()
    os.kill(server, signal.SIGSTOP)  # so that no request is answered any more
    calls = [first.run, lambda: list(second.stream()), codex.models, lambda: list(codex.client.notifications())]
    together = threading.Barrier(len(calls) + 1)

    def outcome(call):
        together.wait(60)
        with pytest.raises(ConnectionClosedError) as caught:
            call()
        return caught.value, monotonic()

    with ThreadPoolExecutor(len(calls)) as pool:
        waiting = [pool.submit(outcome, call) for call in calls]
        together.wait(60)
        killed_at = monotonic()
        os.kill(server, signal.SIGKILL)
        outcomes = [each.result(60) for each in waiting]
    [told] = {(str(error).partition(";")[0], error.signal, error.exit_code) for error, _ in outcomes}
    assert told == ("signal 9 ended the server", signal.SIGKILL, None)
    assert max(woken_at for _, woken_at in outcomes) - killed_at < 1
    with pytest.raises(ConnectionClosedError, match="signal 9"):
        codex.models()


def test_a_server_that_is_told_to_end_in_a_turn_has_not_completed_it(codex, model):
    gate = Gate()
    model.replies(says("one", gate))
    turn = codex.thread_start().turn("hi")
    gate.wait_until_reached()
    os.kill(*children(), signal.SIGTERM)
    with pytest.raises(ConnectionClosedError, match="exited with status 0") as caught:
        turn.run()
    assert (caught.value.exit_code, caught.value.signal) == (0, None)


def test_a_turn_that_was_killed_shows_as_interrupted_after_the_restart(config, model):
    gate = Gate()
    model.replies(says("one", gate))
    with Codex(config) as codex:
        thread = codex.thread_start()
        turn = thread.turn("remember the sea")
        gate.wait_until_reached()
        os.kill(*children(), signal.SIGKILL)
        with pytest.raises(ConnectionClosedError):
            turn.run()
    with Codex(config) as codex:
        thread = codex.thread_resume(thread.id)
        assert [told.status for told in thread.read(include_turns=True).thread.turns] == ["interrupted"]
        assert thread.run("again").status == "completed"
    assert "remember the sea" in model.requests[1].texts


def test_closing_in_a_turn_ends_the_server_and_its_commands(config, model, home):
    os.mkfifo(home.work / "pipe")
    model.replies(calls("exec_command", cmd="echo $$ > pipe; exec sleep 600"))
    with Codex(config) as codex:
        turn = codex.thread_start(**FREE).turn("sleep")
        command = read_pid(home.work / "pipe")
        [server] = children()
    assert children() == []
    assert ends(server, 0)
    assert ends(command, 60)
    with pytest.raises(ConnectionClosedError, match="the client was closed"):
        turn.run()


def test_killing_the_server_ends_its_commands(codex, model, home):
    os.mkfifo(home.work / "pipe")
    model.replies(calls("exec_command", cmd="echo $$ > pipe; exec sleep 600"))
    codex.thread_start(**FREE).turn("sleep")
    command = read_pid(home.work / "pipe")
    os.kill(*children(), signal.SIGKILL)
    assert ends(command, 60)
