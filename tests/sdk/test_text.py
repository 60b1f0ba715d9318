"""Text, items and callbacks of a turn on the fake server; the same names as in `test_async_text.py`."""

import pytest

from codex_app_server import Codex, ConnectionClosedError, TurnTimeoutError
from sdk.fake_turns import ENDLESS, wish


@pytest.fixture
def codex(config):
    with Codex(config()) as codex:
        yield codex


def test_text_is_what_the_agent_says(codex):
    turn = codex.thread("h").turn(wish(deltas=5))
    assert list(turn.text()) == ["x"] * 5
    assert list(turn.text()) == []
    assert turn.run().final_response == "xxxxx"


def test_text_left_early_goes_on_where_it_was_left(codex):
    turn = codex.thread("h").turn(wish(deltas=5))
    assert next(iter(turn.text())) == "x"
    assert "".join(turn.text()) == "xxxx"


def test_who_comes_late_has_the_text_too(codex):
    first = codex.thread("h").turn(wish(deltas=5, turnId="t"))
    first.run()
    again = codex.thread("h").turn(wish(deltas=0, turnId="t"))
    assert list(again.text()) == ["xxxxx"]


def test_items_are_told_as_they_grow(codex):
    turn = codex.thread("h").turn(wish(deltas=3))
    told = [(item.type, item.text, item.completed) for item in turn.events()]
    assert told == [("agentMessage", "x" * count, False) for count in range(4)] + [("agentMessage", "xxx", True)]


def test_text_and_items_have_the_deadlines_of_a_stream(codex):
    for read in ("text", "events"):
        turn = codex.thread("h").turn(ENDLESS)
        with pytest.raises(TurnTimeoutError, match=r"silent for 0.05 s"):
            list(getattr(turn, read)(idle_timeout_seconds=0.05))
        turn.interrupt()


def test_a_callback_is_given_every_notification(codex):
    seen = []
    result = codex.thread("h").run(wish(deltas=2), on_event=seen.append)
    assert result.final_response == "xx"
    methods = [each.method for each in seen]
    assert methods[:: len(methods) - 1] == ["turn/started", "turn/completed"]
    assert methods.count("item/agentMessage/delta") == 2


def test_a_callback_that_raises_reaches_the_caller_and_interrupts_the_turn(codex):
    turn = codex.thread("h").turn(ENDLESS)
    with pytest.raises(LookupError, match="on purpose"):
        turn.run(on_event=refuse)
    assert turn.run().status == "interrupted"


def test_a_callback_that_raises_at_the_end_leaves_the_result(codex):
    turn = codex.thread("h").turn(wish(deltas=1))
    with pytest.raises(LookupError):
        turn.run(on_event=lambda each: refuse(each) if each.method == "turn/completed" else None)
    assert turn.run().status == "completed"


def test_a_callback_may_use_the_client(codex):
    def look(each):
        if each.method == "turn/started":
            assert codex.models().data == []

    assert codex.thread("h").run(wish(), on_event=look).status == "completed"


def test_a_callback_does_not_outlive_the_server(codex):
    with pytest.raises(ConnectionClosedError):
        codex.thread("h").run(wish(dieAfter=3), on_event=lambda _: None)


def refuse(_each):
    raise LookupError("on purpose")
