"""Who follows a turn, and who only waits for its end; the same names as in `test_async_following.py`."""

from time import monotonic

import pytest

from codex_app_server import AppServerClient, TurnTimeoutError, UsageError
from codex_app_server._mailbox import Mailbox
from codex_app_server._protocol import Event
from sdk.fake_turns import ENDLESS


def test_a_stream_after_run_tells_what_is_recorded(codex_with):
    turn = codex_with().thread("h").turn(ENDLESS)
    with pytest.raises(TurnTimeoutError):
        turn.run(turn_timeout_seconds=0)
    methods = [each.method for each in turn.stream(turn_timeout_seconds=10)]
    assert methods == ["turn/started", "item/completed", "thread/tokenUsage/updated", "turn/completed"]


def test_running_takes_nothing_from_who_follows(codex_with):
    turn = codex_with().thread("h").turn(ENDLESS)
    events = turn.stream(turn_timeout_seconds=10)
    assert next(events).method == "turn/started"
    with pytest.raises(TurnTimeoutError):  # which interrupts the turn
        turn.run(turn_timeout_seconds=0)
    assert [each.method for each in events][-1] == "turn/completed"


def test_the_time_that_the_caller_takes_is_no_silence():
    def left(since, _now):
        silent_since.append(since)
        if len(silent_since) > 1:
            raise LookupError

    silent_since, mailbox = [], Mailbox(1000)
    mailbox.put([Event("fake/one", b"{}", None)])
    events = AppServerClient().read(mailbox, left)
    assert next(events).method == "fake/one"
    taken_until = monotonic()
    with pytest.raises(LookupError):
        next(events)
    assert silent_since[1] >= taken_until


def test_a_coroutine_function_that_follows_is_awaited_on_the_asynchronous_half_alone(codex_with):
    async def follow(_event):
        pass

    with pytest.raises(UsageError, match="on_event gave an awaitable; AsyncCodex awaits those"):
        codex_with().thread("h").run(ENDLESS, on_event=follow)
