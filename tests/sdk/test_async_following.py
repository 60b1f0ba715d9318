"""The same names as in `test_following.py`, which is the one to read first."""

from time import monotonic

import pytest

from codex_app_server import AsyncAppServerClient, TurnTimeoutError
from codex_app_server._mailbox import Mailbox
from codex_app_server._protocol import Event
from sdk.callers import all_of
from sdk.fake_turns import ENDLESS, wish


def test_a_stream_after_run_tells_what_is_recorded(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(ENDLESS)
        with pytest.raises(TurnTimeoutError):
            await turn.run(turn_timeout_seconds=0)
        methods = [each.method for each in await all_of(turn.stream(turn_timeout_seconds=10))]
        assert methods == ["turn/started", "item/completed", "thread/tokenUsage/updated", "turn/completed"]

    with_codex(work)


def test_running_takes_nothing_from_who_follows(with_codex):
    async def work(codex):
        turn = await codex.thread("h").turn(ENDLESS)
        events = turn.stream(turn_timeout_seconds=10)
        assert (await anext(events)).method == "turn/started"
        with pytest.raises(TurnTimeoutError):  # which interrupts the turn
            await turn.run(turn_timeout_seconds=0)
        assert (await all_of(events))[-1].method == "turn/completed"

    with_codex(work)


def test_the_time_that_the_caller_takes_is_no_silence(run):
    def left(since, _now):
        silent_since.append(since)
        if len(silent_since) > 1:
            raise LookupError

    async def work():
        events = AsyncAppServerClient().read(mailbox, left)
        assert (await anext(events)).method == "fake/one"
        taken_until = monotonic()
        with pytest.raises(LookupError):
            await anext(events)
        assert silent_since[1] >= taken_until

    silent_since, mailbox = [], Mailbox(1000)
    mailbox.put([Event("fake/one", b"{}", None)])
    run(work())


def test_a_coroutine_function_that_follows_is_awaited_on_the_asynchronous_half_alone(with_codex):
    followed = []

    async def follow(event):
        followed.append(event.method)

    async def work(codex):
        assert (await codex.thread("h").run(wish(deltas=1), on_event=follow)).status == "completed"

    with_codex(work)
    assert followed[-1] == "turn/completed"
