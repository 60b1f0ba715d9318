"""Approvals on a fake server; the same names as in `test_async_approvals.py`."""

import threading

import pytest

from codex_app_server import Decision, accept_all
from sdk import fake_approvals as fake
from sdk.fake_methods import ECHO

DEADLINE_SECONDS = 60
DECLINED = {"decision": "decline"}


@pytest.mark.parametrize("name", fake.DECISIONS)
def test_a_decision_is_told_in_the_wires_word(codex_with, name):
    decision, word = fake.DECISIONS[name]
    assert fake.answer_to(codex_with(approvals=lambda _: decision), fake.command()) == {"decision": word}


@pytest.mark.parametrize("name", fake.OLD_WORDS)
def test_an_old_server_is_answered_in_its_words(codex_with, name):
    connected = codex_with(approvals=lambda _: fake.DECISIONS[name][0])
    for asking in (fake.OLD_COMMAND, fake.OLD_CHANGE):
        assert fake.answer_to(connected, asking) == {"decision": fake.OLD_WORDS[name]}


def test_what_is_asked_for_is_typed(codex_with):
    seen = []
    connected = codex_with(approvals=lambda request: seen.append(request) or Decision.accept)
    for asking in (fake.command(), fake.command(availableDecisions=None), fake.OLD_COMMAND):
        fake.answer_to(connected, asking)
    new, plain, old = seen
    assert (new.kind, new.command, new.cwd, new.reason) == ("command", "/bin/bash -lc 'touch a'", "/w", "on purpose")
    assert (new.thread_id, new.turn_id, new.resolved, new.changes) == ("h", "t", True, None)
    offered = [fake.DECISIONS[name][0] for name in ("accept", "commands", "network", "cancel")]
    assert list(new.available_decisions) == offered
    assert Decision.decline in plain.available_decisions
    assert (old.kind, old.command, old.thread_id, old.turn_id) == ("command", "git log 'a b'", "h", None)


def test_file_changes_are_those_that_the_items_beginning_told(codex_with):
    seen = []
    connected = codex_with(approvals=lambda request: seen.append(request.changes) or Decision.accept)
    for asking in (fake.FILE_CHANGE, fake.UNKNOWN_CHANGE, fake.OLD_CHANGE):
        fake.answer_to(connected, asking)
    assert seen[:2] == [fake.TYPED_CHANGES, None]
    assert [(change.path, change.kind) for change in seen[2]] == [("/w/a", "add"), ("/w/b", "delete")]


@pytest.mark.parametrize(
    "nonsense", ["accept", True, object(), Decision.accept_commands(["rm"]), Decision("perhaps")], ids=repr
)
def test_a_policy_that_returns_nonsense_declines_and_the_connection_lives(codex_with, caplog, nonsense):
    connected = codex_with(approvals=lambda _: nonsense)
    assert fake.answer_to(connected, fake.command()) == DECLINED
    assert fake.errors_in(caplog) == [f"declined {fake.command()['method']}: its handler raised UsageError"]
    assert connected.client.request(ECHO, {"a": 1}) == {"a": 1}


@pytest.mark.parametrize("error", [ValueError, StopIteration, SystemExit, KeyboardInterrupt])
def test_a_policy_that_raises_declines_and_the_connection_lives(codex_with, caplog, error):
    def policy(_request):
        raise error

    connected = codex_with(approvals=policy)
    assert fake.answer_to(connected, fake.command()) == DECLINED
    assert fake.errors_in(caplog) == [f"declined {fake.command()['method']}: its handler raised {error.__name__}"]
    assert connected.client.request(ECHO, {"a": 1}) == {"a": 1}


def test_no_decision_in_time_declines(codex_with, caplog):
    release = threading.Event()
    for policy in (lambda _: None, lambda _: release.wait(DEADLINE_SECONDS) and None):
        connected = codex_with(approvals=policy, handler_timeout_seconds=0.05)
        assert fake.answer_to(connected, fake.command()) == DECLINED
    release.set()
    assert (
        fake.errors_in(caplog) == [f"declined {fake.command()['method']}: its handler gave no answer within 0.05 s"] * 2
    )


def test_a_decision_in_time_needs_no_deadline(codex_with, caplog):
    connected = codex_with(approvals=accept_all, handler_timeout_seconds=30)
    assert fake.answer_to(connected, fake.command()) == {"decision": "accept"}
    assert fake.errors_in(caplog) == []


def test_a_decision_may_come_later_from_anywhere(codex_with):
    def policy(request):
        threading.Thread(target=request.respond, args=(Decision.accept,)).start()

    assert fake.answer_to(codex_with(approvals=policy), fake.command()) == {"decision": "accept"}


def test_a_thread_has_its_own_policy(codex_with):
    connected = codex_with(approvals=accept_all)
    connected.thread("h", approvals=lambda _: Decision.cancel)
    assert fake.answer_to(connected, fake.command()) == {"decision": "cancel"}
    assert fake.answer_to(connected, fake.command(threadId="other")) == {"decision": "accept"}
    for bind in (connected.thread_resume, connected.thread_fork):
        bind("g", approvals=lambda _: Decision.accept_for_session)
        assert fake.answer_to(connected, fake.command(threadId="g")) == {"decision": "acceptForSession"}
    started = connected.thread_start(approvals=lambda _: Decision.decline)
    assert fake.answer_to(connected, fake.command(threadId=started.id)) == DECLINED
