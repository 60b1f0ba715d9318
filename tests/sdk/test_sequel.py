"""What follows an answer, on byte strings: ends of sign-ins and the turns of compactions."""

import gc
import json
from concurrent.futures import Future

import pytest

from codex_app_server import ConnectionClosedError, LoginError
from codex_app_server._compaction import compaction
from codex_app_server._login import outcome
from codex_app_server._protocol import Event
from codex_app_server._sequel import EARLY_EVENTS, Sequel
from codex_app_server._session import Session
from sdk.wire_lines import answer, delta, notification, refusal

NOW = 1.0


def ask(session, sequel):
    waiter = Future()
    return session.request("a/b", None, waiter, sequel), waiter


def completed(login_id, **fields):
    return notification("account/login/completed", loginId=login_id, success=True, **fields)


def started(turn_id, thread_id="h"):
    turn = {"id": turn_id, "items": [], "status": "inProgress"}
    return notification("turn/started", threadId=thread_id, turn=turn)


def item(turn_id, kind="contextCompaction", thread_id="h"):
    content = {"type": kind, "id": "i"}
    return notification("item/started", threadId=thread_id, turnId=turn_id, item=content, startedAtMs=0)


def test_the_end_of_its_own_sign_in_is_found_and_nobody_misses_it():
    session, sequel = Session(), outcome()
    request_id, _ = ask(session, sequel)
    session.receive(answer(request_id, type="chatgpt", loginId="mine", authUrl="u"), NOW)
    session.receive(completed("other") + completed(None), NOW)
    assert sequel.found is None
    session.receive(completed("mine") + completed("mine", error="late"), NOW)
    assert (sequel.found.login_id, sequel.found.error) == ("mine", None)
    session.notifications.refill()
    assert len(session.notifications.ready) == 4


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_it_is_found_whichever_comes_first_in_whatever_chunks(cut):
    session, sequel = Session(), outcome()
    request_id, _ = ask(session, sequel)
    lines = [completed("other"), completed("mine"), answer(request_id, loginId="mine")]
    session.receive(b"".join(lines[:cut]), NOW)
    session.receive(b"".join(lines[cut:]), NOW)
    assert sequel.found.login_id == "mine"


def test_what_comes_before_the_answer_is_kept_in_bounds():
    session, sequel = Session(), outcome()
    request_id, _ = ask(session, sequel)
    session.receive(completed("mine") + completed("other") * EARLY_EVENTS + delta("t") * 5, NOW)
    session.receive(answer(request_id, loginId="mine"), NOW)
    assert sequel.found is None
    session.receive(completed("mine"), NOW)
    assert sequel.found.success


@pytest.mark.parametrize(
    "line",
    [
        notification("account/login/completed"),
        notification("account/login/completed", loginId=7, success=True),
        notification("account/login/completed", loginId="mine", success="yes"),
        b'{"method":"account/login/completed","params":null}\n',
        b'{"method":"account/login/completed","params":[]}\n',
    ],
)
def test_an_end_of_another_shape_is_passed_over(line):
    session, sequel = Session(), outcome()
    request_id, _ = ask(session, sequel)
    session.receive(answer(request_id, loginId="mine") + line, NOW)
    assert sequel.found is None


def test_a_sign_in_that_nobody_can_name_has_no_end():
    session, sequel = Session(), outcome()
    request_id, _ = ask(session, sequel)
    session.receive(answer(request_id, type="apiKey") + completed(None), NOW)
    assert sequel.found is None


def test_what_came_before_an_answer_counts_for_that_answer_alone():
    assert EARLY_EVENTS == 64
    sequel = Sequel(frozenset({"m"}), lambda answered, _: answered if answered == b"second" else None)
    sequel.receive([Event("m", b"", None)])
    sequel.answered(b"first")
    sequel.answered(b"second")
    assert sequel.found is None


def test_all_who_wait_are_woken_once_it_is_found():
    session, sequel = Session(), outcome()
    request_id, _ = ask(session, sequel)
    first, second, gone, late = (Future() for _ in range(4))
    for waiter in (first, second, gone):
        sequel.wait(waiter)
    sequel.forget(gone)
    session.receive(answer(request_id, loginId="mine") + completed("mine"), NOW)
    sequel.wait(late)
    assert [each.done() for each in (first, second, gone, late)] == [True, True, False, True]


def test_a_lost_connection_is_told_to_all_who_wait_for_what_has_not_come():
    session, found, missing = Session(), outcome(), outcome()
    request_id, _ = ask(session, found)
    ask(session, missing)
    session.receive(answer(request_id, loginId="mine") + completed("mine"), NOW)
    early, late, content = Future(), Future(), Future()
    missing.wait(early)
    session.close(ConnectionClosedError("gone"))
    missing.wait(late)
    found.wait(content)
    assert content.result(0) is None
    for waiter in (early, late):
        with pytest.raises(ConnectionClosedError, match="gone"):
            waiter.result(0)


def test_what_nobody_holds_costs_nothing():
    session, sequel = Session(), outcome()
    request_id, _ = ask(session, sequel)
    session.receive(refusal(request_id, -32600), NOW)
    del sequel
    gc.collect()
    assert len(session._sequels._open) == 0  # noqa: SLF001 - that it is gone cannot be seen otherwise


def test_a_failure_is_raised_with_the_servers_reason():
    session, sequel = Session(), outcome()
    request_id, _ = ask(session, sequel)
    line = json.dumps({"method": "account/login/completed", "params": {"loginId": "mine", "error": "no"}})
    session.receive(answer(request_id, loginId="mine") + line.encode() + b"\n", NOW)
    with pytest.raises(LoginError, match="no"):
        sequel.found.raise_for_failure()


def test_a_compaction_is_the_turn_that_starts_with_one():
    session, sequel = Session(), compaction("h")
    request_id, _ = ask(session, sequel)
    session.receive(answer(request_id) + started("b", "other") + item("b", thread_id="other"), NOW)
    session.receive(started("a") + item("a", "agentMessage"), NOW)
    assert sequel.found is None
    session.receive(started("c") + item("c"), NOW)
    assert sequel.found == "c"


@pytest.mark.parametrize("first", ["answer", "events"])
def test_a_turn_that_is_compacted_on_its_way_is_another(first):
    session, sequel = Session(), compaction("h")
    session.receive(started("running"), NOW)
    request_id, _ = ask(session, sequel)
    events, answered = item("running") + started("a") + item("a"), answer(request_id)
    session.receive(answered + events if first == "answer" else events + answered, NOW)
    assert sequel.found == "a"


def test_an_item_of_another_shape_is_passed_over():
    session, sequel = Session(), compaction("h")
    request_id, _ = ask(session, sequel)
    session.receive(answer(request_id) + started("a"), NOW)
    for params in (
        None,
        [],
        {"threadId": "h", "turnId": "a", "item": None},
        {"threadId": "h", "turnId": "a", "item": 7},
    ):
        session.receive(json.dumps({"method": "item/started", "params": params}).encode() + b"\n", NOW)
    assert sequel.found is None
