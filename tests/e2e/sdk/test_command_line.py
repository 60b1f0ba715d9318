"""`python -m codex_app_server` on the real server, as a user starts it: in pipes and on a terminal."""

import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from model_replies import DEADLINE_SECONDS, Gate, calls, refuses, says

pytestmark = pytest.mark.real

HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e"
SHOWN = "\\x1b[2J\\x1b]0;title\\x07\\x9b31m\\u202e"


@pytest.fixture
def start(runtime, home):
    """Starts the command line in the test's home."""
    env = {name: value for name, value in ({**os.environ, **home.env}).items() if value is not None}

    def start(*arguments, **options):
        return subprocess.Popen(
            [sys.executable, "-m", "codex_app_server", *arguments],
            cwd=home.work,
            env={**env, "CODEX_BIN": str(runtime), "TERM": "xterm", "COLUMNS": "100", "PYTHONUTF8": "1"},
            text=True,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
        )

    return start


@pytest.fixture
def command(start):
    """Runs it to its end: status, stdout, stderr."""

    def command(*arguments):
        with start(*arguments) as running:
            out, log = running.communicate(timeout=DEADLINE_SECONDS)
        return running.returncode, out, log

    return command


@pytest.fixture
def on_terminal(start):
    """Runs it on a terminal: status, and all that was written there."""

    def on_terminal(*arguments, typed=b""):
        ours, its = pty.openpty()
        with start(*arguments, stdin=its, stdout=its, stderr=its) as running:
            os.close(its)
            shown = b""
            while chunk := _read(ours):
                shown += chunk
                if typed and b"> " in shown:
                    os.write(ours, typed)
                    typed = b""
            running.wait(DEADLINE_SECONDS)
        os.close(ours)
        return running.returncode, shown.decode()

    return on_terminal


def _read(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""


def test_a_turn_in_pipes_is_plain_text(command, model):
    model.replies(calls("exec_command", cmd="echo one"), says("Hello", " you", HOSTILE))
    status, out, log = command("run", "hi", "--sandbox", "danger-full-access", "--approve", "never")
    assert (status, out) == (0, f"Hello you{SHOWN}\n")
    assert log.startswith("$ ")
    assert "\n  one\ncompleted - " in log
    assert log.endswith(" - 18 tokens\n")


def test_a_turn_on_a_terminal_is_drawn_and_cannot_be_steered(on_terminal, model):
    model.replies(calls("exec_command", cmd=f"echo '{HOSTILE}'"), says("# Title\n\nsome **bold** words", HOSTILE))
    status, shown = on_terminal("run", "hi", "--sandbox", "danger-full-access", "--approve", "never")
    assert status == 0
    assert "\x1b[1mbold\x1b[0m" in shown
    assert shown.count(SHOWN) >= 2
    assert not any(bad in shown for bad in ("\x1b[2J", "\x1b]0", "\x9b", "\u202e"))


def test_a_terminal_is_asked_for_approval(on_terminal, model):
    escalated = {"sandbox_permissions": "require_escalated", "justification": "on purpose"}
    model.replies(calls("exec_command", cmd="echo approved", **escalated), says("done"))
    status, shown = on_terminal("run", "hi", "--sandbox", "read-only", typed=b"y\n")
    assert status == 0
    assert "The model wants to run a command:" in shown
    assert model.requests[1].outputs
    assert "approved" in str(model.requests[1].outputs[-1])


def test_json_is_the_whole_turn(command, model):
    model.replies(says("Hello", HOSTILE))
    status, out, log = command("run", "hi", "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert (status, log) == (0, "")
    assert [each["method"] for each in told][:: len(told) - 1] == ["turn/started", "turn/completed"]
    assert told[-1]["params"]["turn"]["items"][0]["text"] == f"Hello{HOSTILE}"
    assert out.isascii()


def test_a_failed_turn_is_status_1(command, model):
    model.replies(refuses(500))
    status, out, log = command("run", "hi")
    assert (status, out) == (1, "")
    assert "high demand" in log


@pytest.mark.parametrize("view", ["plain", "json"])
def test_ctrl_c_interrupts_the_turn(start, model, view):
    gate = Gate()
    model.replies(says("one", gate))
    with start("run", "hi", "--view", view) as running:
        gate.wait_until_reached()
        shown = ""
        while "one" not in shown:
            shown += running.stdout.read(1)
        running.send_signal(signal.SIGINT)
        shown += running.stdout.read()
        log = running.stderr.read()
        running.wait(DEADLINE_SECONDS)
    gate.open()
    assert running.returncode == 130
    if view == "json":
        [*_, last] = [json.loads(line) for line in shown.splitlines()]
        assert (last["method"], last["params"]["turn"]["status"]) == ("turn/completed", "interrupted")
    else:
        assert shown == "one\n"
        assert log.startswith("interrupted")


def test_the_doctor_finds_a_usable_server(command, version):
    status, out, log = command("doctor", "--json")
    told = json.loads(out)
    assert (status, log, told["healthy"]) == (0, "", True)
    assert (told["server_version"], told["fits"], told["account"]) == (version, True, None)


def test_the_doctor_finds_out_who_is_signed_in(command, home):
    (home.work.parent / "codex" / "auth.json").write_text('{"OPENAI_API_KEY": "sk-SECRET-0123456789"}')
    (home.work.parent / "codex" / "config.toml").write_text("")
    status, out, _ = command("doctor", "--json")
    assert (status, json.loads(out)["account"]) == (0, "apiKey")
    assert "SECRET" not in out


def test_the_doctor_says_how_to_sign_in(command, home):
    (home.work.parent / "codex" / "config.toml").write_text("")
    status, out, _ = command("doctor")
    assert status == 1
    assert "PROBLEM account: nobody is signed in\n        fix: `" in out
