"""What people see: bars on a terminal, plain lines anywhere else, nothing when quiet."""

import os
import subprocess
import sys

import pytest

from sdk_artifacts import paths
from sdk_artifacts.terminal import Terminal, megabytes, shown

WORK = f"""
import sys
sys.path.insert(0, {str(paths.REPOSITORY / "scripts")!r})
from sdk_artifacts.terminal import Terminal
with Terminal(quiet="quiet" in sys.argv) as terminal:
    with terminal.task("fetch [a]", 2_000_000) as advance:
        advance(1_000_000)
        terminal.note("note [b]")
        terminal._progress.refresh()
    terminal.warn("warning")
"""


def in_pipe(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", WORK, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout == ""
    return done.stderr


def on_terminal(**environment):
    pty = pytest.importorskip("pty", reason="a pseudo-terminal is POSIX's")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", WORK], env={**os.environ, "TERM": "xterm-256color", **environment}, stderr=theirs
    )
    os.close(theirs)
    read = bytearray()
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux's way to say end of file
            break
        if not part:
            break
        read += part
    os.close(ours)
    assert process.wait() == 0
    return read.decode()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("CI", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def test_in_a_pipe_each_line_is_whole_and_plain():
    lines = in_pipe().splitlines()
    assert lines[0] == "fetch [a] (2.0 MB) ..."
    assert lines[1] == "note [b]"
    assert lines[2].startswith("fetch [a]: ")
    assert lines[3:] == ["warning"]


def test_quiet_leaves_only_warnings():
    assert in_pipe("quiet") == "warning\n"


def test_on_a_terminal_there_is_a_bar():
    seen = on_terminal()
    assert "1.0/2.0 MB" in seen
    assert "\x1b[" in seen


def test_no_color_takes_the_colours():
    assert "\x1b[3" in on_terminal()
    assert "\x1b[3" not in on_terminal(NO_COLOR="1").replace("\x1b[?", "")


@pytest.mark.parametrize("environment", [{"CI": "true"}, {"TERM": "dumb"}])
def test_ci_and_dumb_terminals_get_plain_lines(environment):
    seen = on_terminal(**environment)
    assert "fetch [a] (2.0 MB) ..." in seen
    assert "1.0/2.0" not in seen


def test_a_cancelled_terminal_stops_every_task_at_its_next_step():
    terminal = Terminal(quiet=True)
    with terminal.task("work") as advance:
        advance(1)
        terminal.cancel()
        with pytest.raises(KeyboardInterrupt):
            advance(1)


def test_a_line_says_what_it_was_given(capsys):
    Terminal().note("C:\\dir\\[b] :x: \\")
    assert capsys.readouterr().err == "C:\\dir\\[b] :x: \\\n"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("two\nlines, äöü 日本", "two\nlines, äöü 日本"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\rb\x9b2J", "a\\rb\\x9b2J"),
        ("exe\u202egnp.", "exe\\u202egnp."),
        ("\udc80", "\\udc80"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text, safe, capsys):
    assert shown(text) == safe
    Terminal().note(text)
    assert capsys.readouterr().err == f"{safe}\n"


def test_sizes_are_in_units_of_ten():
    assert (megabytes(142_400_000), megabytes(1_234)) == ("142.4 MB", "1.2 kB")
