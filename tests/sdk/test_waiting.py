import threading

import pytest

from codex_app_server import ConnectionClosedError
from codex_app_server._mailbox import settle
from codex_app_server._waiting import SLICE_SECONDS, Pending


def test_what_is_settled_is_there_at_once_and_stays():
    waiter = Pending()
    waiter.set_result("answer")
    for _ in range(2):
        waiter.wait(None)
        assert waiter.done()
        assert waiter.result() == "answer"


def test_an_error_is_raised_where_it_is_awaited():
    waiter = Pending()
    settle([waiter], ConnectionClosedError("gone"))
    waiter.wait(0)
    with pytest.raises(ConnectionClosedError, match="gone"):
        waiter.result()


def test_who_waits_wakes_when_another_thread_settles():
    waiter, waiting = Pending(), threading.Event()

    def wait():
        waiting.set()
        waiter.wait(None)

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(10)
    waiter.set_result(1)
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("seconds", [-1, 0, 0.01, SLICE_SECONDS + 0.01])
def test_a_wait_ends_when_its_time_is_up_and_may_be_settled_later(seconds):
    waiter = Pending()
    waiter.wait(seconds)
    assert not waiter.done()
    settle([waiter])
    settle([waiter])
    assert waiter.done()
    assert waiter.result() is None
