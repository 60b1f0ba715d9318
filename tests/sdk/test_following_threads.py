"""One handle on a turn, used by two threads at once."""

from threading import Event, Thread

import pytest

from codex_app_server import AppServerClient, TurnTimeoutError
from sdk.fake_turns import ENDLESS


def test_one_thread_may_start_to_follow_while_another_lets_go(codex_with, monkeypatch):
    def let_go(*what):
        follower.start()
        assert follows.wait(10)
        really_let_go(*what)

    def follow():
        events = turn.stream(turn_timeout_seconds=10)
        follows.set()
        told.extend(each.method for each in events)

    told, really_let_go = [], AppServerClient.close_mailbox
    turn, follows, follower = codex_with().thread("h").turn(ENDLESS), Event(), Thread(target=follow)
    monkeypatch.setattr(AppServerClient, "close_mailbox", let_go)
    with pytest.raises(TurnTimeoutError):
        turn.run(turn_timeout_seconds=0)
    follower.join(20)
    assert told[-1:] == ["turn/completed"]
