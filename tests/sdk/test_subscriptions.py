"""Which requests bring a thread's notifications, which end them, and which cannot do without."""

import pytest

from codex_app_server import ConnectionClosedError
from codex_app_server._subscriptions import Subscriptions
from sdk.wire_lines import answer

PARAMS = b'{"params":{"threadId":"h"}}'


def joined(method="thread/start"):
    threads, ended = Subscriptions(), []
    threads.ended = ended.append
    threads.note(method, b"{}", answer(1, thread={"id": "h"}))
    return threads, ended


@pytest.mark.parametrize("method", ["thread/start", "thread/resume", "thread/fork"])
def test_a_thread_is_joined_by(method):
    threads, ended = joined(method)
    assert ([*threads], ended) == (["h"], [])


@pytest.mark.parametrize(
    ("method", "for_good"), [("thread/unsubscribe", False), ("thread/archive", True), ("thread/delete", True)]
)
def test_a_thread_is_left_by(method, for_good):
    threads, ended = joined()
    threads.note(method, PARAMS, b"{}")
    assert ([*threads], ended) == ([], ["h"] if for_good else [])


@pytest.mark.parametrize("method", ["turn/start", "review/start", "thread/compact/start"])
def test_a_lost_thread_is_refused(method):
    threads, _ = joined()
    threads.check(method, {"threadId": "h"})
    threads.lose("h", ConnectionClosedError("gone"))
    with pytest.raises(ConnectionClosedError, match=r"^thread h was lost with an earlier connection: gone; resume it"):
        threads.check(method, {"threadId": "h"})
