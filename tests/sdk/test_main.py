"""The command line as a user starts it, on the fake server; what a terminal shows is in the tests on the real one."""

import json
import os
import signal
import subprocess
import sys

import pytest

from sdk.conftest import FAKE
from sdk.fake_turns import ENDLESS, wish
from sdk.posix import NOWHERE, script

DEADLINE_SECONDS = 60


@pytest.fixture
def program(tmp_path):
    """An executable that is the fake server."""
    return script(tmp_path / "codex", f'exec "{sys.executable}" "{FAKE}" "$@"')


@pytest.fixture
def command(program):
    """Runs the command line with this program as codex."""

    def command(*arguments, **options):
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "codex_app_server", *arguments],
            env={**os.environ, "CODEX_BIN": str(program), "PYTHONIOENCODING": "ascii"},
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
            **{"stdin": subprocess.DEVNULL} | options,
        )

    return command


def test_help_loads_neither_msgspec_nor_the_client():
    ask = (
        "import sys; from codex_app_server.__main__ import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'msgspec', 'asyncio', 'json', 'rich', 'codex_app_server.client'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    assert "doctor" in told
    assert told.endswith("[]\n")


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["run"], ["run", "hi", "--sandbox", "none"]])
def test_a_wrong_use_says_so(command, arguments):
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: python -m codex_app_server" in done.stderr


def test_the_words_go_to_stdout_and_the_rest_to_stderr(command):
    done = command("run", wish(deltas=3))
    assert (done.returncode, done.stdout, done.stderr) == (0, "xxx\n", "completed - 2.0 s - 7 tokens\n")


def test_a_server_that_dies_is_told_once(command):
    done = command("run", wish(dieAfter=2))
    assert (done.returncode, done.stderr) == (1, "the server exited with status 4\n")


def test_the_prompt_may_come_from_standard_input(command):
    done = command("run", "-", stdin=None, input=wish(deltas=2))
    assert (done.returncode, done.stdout) == (0, "xx\n")


def test_json_is_one_notification_a_line_in_ascii(command):
    done = command("run", "--json", wish(text="\x1b[2J\x9b2Jé\u202e"))
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["method"] for each in told][:: len(told) - 1] == ["turn/started", "turn/completed"]
    [item] = [each["params"]["item"] for each in told if each["method"] == "item/completed"]
    assert item["text"] == "\x1b[2J\x9b2Jé\u202e"
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_model_writes_cannot_steer_the_terminal(command):
    done = command("run", wish(deltas=0, text="\x1b[2Ja\x9b2J\rb\u202ec\td\ne\x00é"))
    assert done.stdout == "\\x1b[2Ja\\x9b2J\\rb\\u202ec\td\ne\\x00\\xe9\n"


def test_a_failed_turn_is_status_1_with_its_reason(command):
    done = command("run", wish(deltas=0, status="failed", error={"message": "no\x1b[2Jmoney"}))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("failed - no\\x1b[2Jmoney - ")


def test_a_deadline_is_status_1(command):
    done = command("run", "--timeout", "0.1", ENDLESS)
    assert done.returncode == 1
    assert "did not end within 0.1 s" in done.stderr


def test_an_executable_that_is_not_there_is_status_2(command):
    done = command("run", "hi", "--codex-bin", "/nowhere")
    assert done.returncode == 2
    assert f"codex_bin: {NOWHERE}: it does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_live_view_without_rich_says_what_to_install(tmp_path):
    (tmp_path / "rich.py").write_text("raise ImportError\n")
    hidden = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from codex_app_server.__main__ import main; "
    code = hidden + "sys.exit(main(['run', '--view', 'live', 'hi']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'codex-app-server-sdk[cli]'" in done.stderr


def test_ctrl_c_interrupts_the_turn_and_is_status_130(program):
    with subprocess.Popen(
        [sys.executable, "-m", "codex_app_server", "run", "--json", ENDLESS],
        env={**os.environ, "CODEX_BIN": str(program)},
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        for line in running.stdout:
            if "item/completed" in line:
                break
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=DEADLINE_SECONDS)
        assert running.returncode == 130


def test_a_reader_that_goes_away_is_no_traceback(program):
    with subprocess.Popen(
        [sys.executable, "-m", "codex_app_server", "run", "--json", wish(deltas=20_000)],
        env={**os.environ, "CODEX_BIN": str(program)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == ""
        assert running.wait(DEADLINE_SECONDS) == 1


def test_the_doctor_tells_what_it_finds_and_the_fix(command):
    done = command("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert any(line.startswith("ok      binary: ") for line in lines)
    assert any(line.startswith("WARNING fit: the server is 1.2.3") for line in lines)
    assert any(line.startswith("        fix: pip install codex-cli-bin==") for line in lines)


def test_the_doctor_speaks_json(command):
    done = command("doctor", "--json")
    told = json.loads(done.stdout)
    assert (told["healthy"], told["server_version"], told["binary"]["origin"]) == (False, "1.2.3", "CODEX_BIN")
    assert {finding["topic"] for finding in told["findings"]} >= {"binary", "versions", "CODEX_HOME", "server", "fit"}
    assert done.returncode == 1
