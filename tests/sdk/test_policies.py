"""The policies that are ready to use: what they decide on which request, and what a person is shown."""

import io
import os
import threading

import pytest

from codex_app_server import (
    Decision,
    UsageError,
    accept_all,
    accept_for_session,
    allow_commands,
    ask_on_terminal,
    decline_all,
)
from codex_app_server._requests import Request
from codex_app_server._terminal import ask, described
from codex_app_server.approvals import approval_handlers
from codex_app_server.generated import methods as m
from sdk import fake_approvals as fake
from sdk.posix import NO_TERMINALS, WINDOWS
from sdk.test_requests import Server

DEADLINE_SECONDS = 60


def request_for(asking, server=None):
    """What a policy is given when the server asks so."""
    method = next(each for each in vars(m).values() if getattr(each, "name", None) == asking["method"])
    server = server or Server()
    seen = []
    approval_handlers(seen.append)[method](Request(server.asks(asking), method, server.answer))
    return seen[0]


@pytest.mark.parametrize("asking", [fake.command(), fake.FILE_CHANGE, fake.OLD_COMMAND, fake.OLD_CHANGE])
def test_some_decide_without_looking(asking):
    request = request_for(asking)
    assert accept_all(request) == Decision.accept
    assert accept_for_session(request) == Decision.accept_for_session
    assert decline_all(request) == Decision.decline


ALLOWED = [["git", "status"], "touch a", ["ls"]]


@pytest.mark.parametrize(
    "asking",
    [
        fake.command("/bin/bash -lc 'touch a'"),
        fake.command("/bin/bash -lc 'touch a b'"),
        fake.command("/bin/bash -lc ls"),
        fake.command("git status --short"),
        fake.command("ls", environmentId="local"),
        fake.asking(m.EXEC_COMMAND_APPROVAL, conversationId="h", callId="c", command=["ls"], cwd="/w", parsedCmd=[]),
    ],
    ids=lambda asking: str(asking["params"]["command"]),
)
def test_commands_with_an_allowed_beginning_are_accepted(asking):
    assert allow_commands(ALLOWED)(request_for(asking)) == Decision.accept


@pytest.mark.parametrize(
    "asking",
    [
        fake.command("/bin/bash -lc 'touch b'"),
        fake.command("/bin/bash -lc touch"),
        fake.command("/bin/bash -lc 'touch ab'"),
        fake.command("/bin/bash -lc lsof"),
        fake.command("/bin/bash -lc './ls'"),
        fake.command("/bin/bash -lc '/tmp/ls'"),
        fake.command("/bin/bash -lc 'ls; rm a'"),
        fake.command("/bin/bash -lc 'ls $(rm a)'"),
        fake.command("/bin/bash -lc 'A=1 ls'"),
        fake.command("/tmp/bash -lc ls"),
        fake.command("'git status'"),
        fake.command("ls", kind="writeStdin"),
        fake.command("ls", kind="newer"),
        fake.command("ls", additionalPermissions={"network": {"enabled": True}}),
        fake.command("ls", networkApprovalContext={"host": "example.org", "protocol": "https"}),
        fake.command("ls", environmentId="elsewhere"),
        fake.command(None),
        fake.command(""),
        fake.FILE_CHANGE,
        fake.OLD_CHANGE,
        fake.asking(m.EXEC_COMMAND_APPROVAL, conversationId="h", callId="c", command=["ls;rm"], cwd="/w", parsedCmd=[]),
    ],
)
def test_all_else_is_left_to_the_other_policy(asking):
    request = request_for(asking)
    assert allow_commands(ALLOWED)(request) == Decision.decline
    assert allow_commands(ALLOWED, otherwise=lambda _: Decision.cancel)(request) == Decision.cancel
    assert allow_commands([])(request) == Decision.decline


@pytest.mark.parametrize("prefix", ["", [], [""], "a; b", "A=1 b", [3], "ls *"])
def test_what_is_no_beginning_of_a_command_is_refused(prefix):
    with pytest.raises(UsageError, match="is no beginning of a command"):
        allow_commands([prefix])


class Terminal:
    """A terminal with somebody in front of it."""

    def __init__(self):
        self._master, slave = os.openpty()
        self.keyboard = os.fdopen(slave, "r")
        self.screen = Screen()

    def types(self, text):
        os.write(self._master, text.encode())

    def close(self):
        self.keyboard.close()
        os.close(self._master)


class Screen(io.StringIO):
    """What is written, and when the next question stands there."""

    def __init__(self):
        super().__init__()
        self.asked = threading.Semaphore(0)

    def flush(self):
        self.asked.release()


@pytest.fixture
def terminal():
    if WINDOWS:
        pytest.skip(NO_TERMINALS)
    terminal = Terminal()
    yield terminal
    terminal.close()


def decided(terminal, request, *lines):
    """What comes of it when each question is answered with the next line."""
    outcome = []
    asking = threading.Thread(target=lambda: outcome.append(ask(request, terminal.keyboard, terminal.screen)))
    asking.start()
    for line in lines:
        assert terminal.screen.asked.acquire(timeout=DEADLINE_SECONDS)
        terminal.types(line)
    asking.join(DEADLINE_SECONDS)
    return outcome[0]


@pytest.mark.parametrize(
    ("line", "decision"),
    [
        ("y\n", Decision.accept),
        (" Y \n", Decision.accept),
        ("s\n", Decision.accept_for_session),
        ("n\n", Decision.decline),
        ("c\n", Decision.cancel),
        ("1\n", Decision.accept_commands(["touch", "a"])),
        ("2\n", Decision.network_rule("example.org", "allow")),
        ("\x04", Decision.decline),
    ],
)
def test_a_person_decides(terminal, line, decision):
    assert decided(terminal, request_for(fake.command()), line) == decision


def test_what_is_no_choice_is_asked_again(terminal):
    assert decided(terminal, request_for(fake.command()), "\n", "yes\n", "3\n", "n\n") == Decision.decline


def test_what_was_typed_before_the_question_is_no_answer(terminal):
    terminal.types("y\n")
    assert decided(terminal, request_for(fake.command()), "n\n") == Decision.decline


def test_a_question_that_needs_no_answer_any_more_goes_away(terminal):
    server = Server()
    request = request_for(fake.command(), server)
    outcome = []
    asking = threading.Thread(target=lambda: outcome.append(ask(request, terminal.keyboard, terminal.screen)))
    asking.start()
    assert terminal.screen.asked.acquire(timeout=DEADLINE_SECONDS)
    server.says(fake.resolved(0))
    asking.join(DEADLINE_SECONDS)
    assert outcome == [None]
    assert "(no longer needed)" in terminal.screen.getvalue()
    assert ask(request, terminal.keyboard, terminal.screen) is None
    assert terminal.screen.getvalue().count("The model wants to") == 1


def test_one_question_is_asked_at_a_time(terminal):
    outcomes = []
    asking = [
        threading.Thread(target=lambda: outcomes.append(ask(request_for(fake.command()), *screen_of(terminal))))
        for _ in range(2)
    ]
    for each in asking:
        each.start()
    for line, answered in (("y\n", 1), ("n\n", 2)):
        assert terminal.screen.asked.acquire(timeout=DEADLINE_SECONDS)
        assert terminal.screen.getvalue().count("The model wants to") == answered
        terminal.types(line)
    for each in asking:
        each.join(DEADLINE_SECONDS)
    assert outcomes == [Decision.accept, Decision.decline]


def screen_of(terminal):
    return terminal.keyboard, terminal.screen


@pytest.mark.parametrize("keyboard", [None, io.StringIO("y\n")])
def test_without_a_terminal_it_declines_and_says_so(keyboard, monkeypatch, caplog):
    monkeypatch.setattr("sys.stdin", keyboard)
    assert ask_on_terminal(request_for(fake.command())) == Decision.decline
    assert "there is no terminal to ask on" in caplog.text


def shown(asking):
    return "\n".join(described(request_for(asking)))


def test_all_that_is_asked_for_is_shown():
    permissions = {"network": {"enabled": True}}
    told = shown(fake.command(additionalPermissions=permissions, kind="writeStdin", environmentId="there"))
    for part in ("write to a command that runs", "touch a", "/w", "on purpose", '"network":{"enabled":true}', "there"):
        assert part in told
    told = shown(fake.FILE_CHANGE)
    for part in ("change files", "add /w/a", "| hello", "update /w/b -> /w/c", "| -x", "| +y"):
        assert part in told
    assert "not known" in shown(fake.UNKNOWN_CHANGE)


def test_nothing_of_the_models_moves_the_cursor_or_passes_for_another_line():
    nasty = "touch a\x1b[2K\r\nreason:  fine\u202e\u2028\x9b"
    told = shown(fake.command(nasty, cwd=nasty, reason=nasty))
    change = {"path": nasty, "kind": {"type": "update", "move_path": nasty}, "diff": nasty}
    item = {**fake.ITEM, "changes": [change]}
    beginning = fake.event("item/started", threadId="h", turnId="t", item=item, startedAtMs=0)
    told += "\n" + shown(fake.asking(m.ITEM_FILE_CHANGE_REQUEST_APPROVAL, before=[beginning], **fake.OF))
    assert all(line.isprintable() for line in told.split("\n"))
    assert not any(line.startswith("reason") for line in told.split("\n"))


def test_a_long_change_is_cut_and_that_is_said():
    item = {**fake.ITEM, "changes": [{"path": "/w/a", "kind": {"type": "add"}, "diff": "x\n" * 1000}]}
    beginning = fake.event("item/started", threadId="h", turnId="t", item=item, startedAtMs=0)
    told = shown(fake.asking(m.ITEM_FILE_CHANGE_REQUEST_APPROVAL, before=[beginning], **fake.OF))
    assert told.count("| x") == 200
    assert "(800 more lines)" in told
