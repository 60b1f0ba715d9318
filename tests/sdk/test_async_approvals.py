"""The same names as in `test_approvals.py`, which is the one to read first."""

import asyncio
import threading

import pytest

from codex_app_server import Decision, accept_all
from sdk import fake_approvals as fake
from sdk.fake_methods import ECHO

DECLINED = {"decision": "decline"}


@pytest.mark.parametrize("name", fake.DECISIONS)
def test_a_decision_is_told_in_the_wires_word(with_codex, name):
    decision, word = fake.DECISIONS[name]

    async def work(codex):
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": word}

    for policy in fake.deciding(decision):
        with_codex(work, approvals=policy)


@pytest.mark.parametrize("name", fake.OLD_WORDS)
def test_an_old_server_is_answered_in_its_words(with_codex, name):
    async def work(codex):
        for asking in (fake.OLD_COMMAND, fake.OLD_CHANGE):
            assert await fake.async_answer_to(codex, asking) == {"decision": fake.OLD_WORDS[name]}

    with_codex(work, approvals=fake.deciding(fake.DECISIONS[name][0])[0])


def test_what_is_asked_for_is_typed(with_codex):
    seen = []

    async def policy(request):
        seen.append(request)
        return Decision.accept

    async def work(codex):
        for asking in (fake.command(), fake.command(availableDecisions=None), fake.OLD_COMMAND):
            await fake.async_answer_to(codex, asking)

    with_codex(work, approvals=policy)
    new, plain, old = seen
    assert (new.kind, new.command, new.cwd, new.reason) == ("command", "/bin/bash -lc 'touch a'", "/w", "on purpose")
    assert (new.thread_id, new.turn_id, new.resolved, new.changes) == ("h", "t", True, None)
    offered = [fake.DECISIONS[name][0] for name in ("accept", "commands", "network", "cancel")]
    assert list(new.available_decisions) == offered
    assert Decision.decline in plain.available_decisions
    assert (old.kind, old.command, old.thread_id, old.turn_id) == ("command", "git log 'a b'", "h", None)


def test_file_changes_are_those_that_the_items_beginning_told(with_codex):
    seen = []

    async def policy(request):
        seen.append(request.changes)
        return Decision.accept

    async def work(codex):
        for asking in (fake.FILE_CHANGE, fake.UNKNOWN_CHANGE, fake.OLD_CHANGE):
            await fake.async_answer_to(codex, asking)

    with_codex(work, approvals=policy)
    assert seen[:2] == [fake.TYPED_CHANGES, None]
    assert [(change.path, change.kind) for change in seen[2]] == [("/w/a", "add"), ("/w/b", "delete")]


@pytest.mark.parametrize(
    "nonsense", ["accept", True, object(), Decision.accept_commands(["rm"]), Decision("perhaps")], ids=repr
)
def test_a_policy_that_returns_nonsense_declines_and_the_connection_lives(with_codex, caplog, nonsense):
    async def work(codex):
        assert await fake.async_answer_to(codex, fake.command()) == DECLINED
        assert await codex.client.request(ECHO, {"a": 1}) == {"a": 1}

    for policy in fake.deciding(nonsense):
        with_codex(work, approvals=policy)
    assert fake.errors_in(caplog) == [f"declined {fake.command()['method']}: its handler raised UsageError"] * 3


@pytest.mark.parametrize("error", [ValueError, StopIteration, asyncio.CancelledError])
def test_a_policy_that_raises_declines_and_the_connection_lives(with_codex, caplog, error):
    async def policy(_request):
        raise error

    def plain(_request):
        raise error

    async def work(codex):
        assert await fake.async_answer_to(codex, fake.command()) == DECLINED
        assert await codex.client.request(ECHO, {"a": 1}) == {"a": 1}

    with_codex(work, approvals=policy)
    with_codex(work, approvals=plain)
    name = "RuntimeError" if error is StopIteration else error.__name__  # which no coroutine may raise
    assert fake.errors_in(caplog) == [f"declined {fake.command()['method']}: its handler raised {name}"] * 2


def test_no_decision_in_time_declines(with_codex, caplog):
    release = threading.Event()

    async def deferring(_request):
        """Leave it to nobody."""

    ended = None

    async def waiting(_request):
        try:
            await asyncio.Event().wait()
        finally:
            ended.set_result(True)

    async def waited(codex):
        nonlocal ended
        ended = asyncio.get_running_loop().create_future()
        await work(codex)
        await ended

    async def work(codex):
        assert await fake.async_answer_to(codex, fake.command()) == DECLINED

    with_codex(waited, approvals=waiting, handler_timeout_seconds=0.05)
    for policy in (deferring, lambda _: release.wait(60) and None):
        with_codex(work, approvals=policy, handler_timeout_seconds=0.05)
    release.set()
    assert (
        fake.errors_in(caplog) == [f"declined {fake.command()['method']}: its handler gave no answer within 0.05 s"] * 3
    )


def test_a_decision_in_time_needs_no_deadline(with_codex, caplog):
    async def work(codex):
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": "accept"}

    with_codex(work, approvals=accept_all, handler_timeout_seconds=30)
    assert fake.errors_in(caplog) == []


def test_a_decision_may_come_later_from_anywhere(with_codex):
    threads = []

    async def from_thread(request):
        threads.append(threading.Thread(target=request.respond, args=(Decision.accept,)))
        threads[-1].start()

    async def from_callback(request):
        asyncio.get_running_loop().call_soon(request.respond, Decision.accept)

    def from_thread_to_thread(request):
        threads.append(threading.Thread(target=request.respond, args=(Decision.accept,)))
        threads[-1].start()

    async def work(codex):
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": "accept"}

    for policy in (from_thread, from_callback, from_thread_to_thread):
        with_codex(work, approvals=policy)
    for thread in threads:
        thread.join()


def test_a_thread_has_its_own_policy(with_codex):
    async def work(codex):
        codex.thread("h", approvals=fake.deciding(Decision.cancel)[0])
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": "cancel"}
        assert await fake.async_answer_to(codex, fake.command(threadId="other")) == {"decision": "accept"}
        for bind in (codex.thread_resume, codex.thread_fork):
            await bind("g", approvals=fake.deciding(Decision.accept_for_session)[0])
            assert await fake.async_answer_to(codex, fake.command(threadId="g")) == {"decision": "acceptForSession"}
        started = await codex.thread_start(approvals=fake.deciding(Decision.decline)[0])
        assert await fake.async_answer_to(codex, fake.command(threadId=started.id)) == DECLINED

    with_codex(work, approvals=accept_all)
