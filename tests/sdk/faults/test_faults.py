"""Every fault in every state, as `docs/explanation/faults.md` has it; the twin is `test_async_faults.py`."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from codex_app_server import AppServerClient, AppServerError, ConnectionClosedError, RequestTimeoutError
from codex_app_server.generated import methods as m
from codex_app_server.thread import Thread
from codex_app_server.tools import tool, tool_handler
from sdk.callers import at_once, next_of
from sdk.fake_methods import ECHO, HOLD, LOSE, NOW
from sdk.faults.expected import APPROVAL, CALLS, IMPATIENT_SECONDS, cases, status_of


def word(call):
    """What came of a call, or the class of what it raised."""
    try:
        return call()
    except AppServerError as error:
        return type(error).__name__


def thread(client):
    return Thread(client, "thread-1")


def get_ready(client, case):
    client.start()
    client.initialize(timeout_seconds=case.seconds)
    return "ready"


def idle(client, case):
    notifications = client.notifications(timeout_seconds=case.seconds)
    return next("told" for each in notifications if each.method == "fake/idle")


def request_in_flight(client, case):
    assert client.request(ECHO, {"a": 1}, timeout_seconds=case.seconds) == {"a": 1}
    return "answered"


def window_full(client, case):
    outcomes = at_once(CALLS, lambda: word(lambda: client.request(HOLD, timeout_seconds=case.seconds) or "answered"))
    [outcome] = set(outcomes)
    return outcome


def closing(client, _case):
    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(client.request, LOSE, timeout_seconds=None)
        next_of(client, "fake/lost")
        client.close(timeout_seconds=IMPATIENT_SECONDS)
        return lost.result()


def run_turn(client, case):
    turn = thread(client).turn("hi", timeout_seconds=case.seconds)
    return status_of(turn.run(idle_timeout_seconds=case.seconds), case)


def stream_turn(client, case):
    turn = thread(client).turn("hi", timeout_seconds=case.seconds)
    assert list(turn.stream(idle_timeout_seconds=case.seconds))[-1].method == "turn/completed"
    return status_of(turn.run(), case)


def approval_pending(client, case):
    asked = []
    client.handle(APPROVAL, lambda request: asked.append(request) or {"decision": "accept"})
    try:
        return stream_turn(client, case)
    finally:
        assert all(request.resolved for request in asked)


def tool_running(client, case):
    client.handle(m.ITEM_TOOL_CALL, tool_handler([wait]))
    return run_turn(client, case)


def interrupt_sent(client, case):
    turn = thread(client).turn("hi")
    turn.interrupt(timeout_seconds=case.seconds)
    return turn.run(idle_timeout_seconds=case.seconds).status


def completed(client, case):
    turn = thread(client).turn("hi")
    first = turn.run()
    condition(client, case)
    assert turn.run() == first
    return first.status


@tool
def wait() -> str:
    """Wait for nothing."""
    return "done"


ACTS = {
    "idle": idle,
    "request in flight": request_in_flight,
    "window full": window_full,
    "closing": closing,
    "turn asked for": run_turn,
    "streaming": stream_turn,
    "approval pending": approval_pending,
    "tool running": tool_running,
    "interrupt sent": interrupt_sent,
    "completed": completed,
}


def play(client, case):
    if case.state not in ACTS:
        return get_ready(client, case)
    client.__enter__()
    return ACTS[case.state](client, case)


def condition(client, case):
    """What the connection is now."""
    seconds = IMPATIENT_SECONDS if case.afterwards == "mute" else None
    try:
        assert client.request(NOW, timeout_seconds=seconds) == {"wentWrong": True}
    except ConnectionClosedError:
        return "closed"
    except RequestTimeoutError:
        return "mute"
    return "lives"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_a_fault_ends_as_the_page_says(faulty, case):
    client = AppServerClient(faulty(case.state, case.fault, close_timeout_seconds=IMPATIENT_SECONDS))
    try:
        begin = monotonic()
        outcome = word(lambda: play(client, case))
        took = monotonic() - begin
        assert (outcome, condition(client, case)) == (case.outcome, case.afterwards)
        assert took < case.longest_seconds
    finally:
        client.close()
