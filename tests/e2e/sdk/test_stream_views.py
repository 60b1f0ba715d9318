"""Text, items and callbacks of real turns; the same names as in `test_async_stream_views.py`."""

import pytest

from e2e.sdk.outcomes import FREE, PATCH
from model_replies import Gate, calls, patches, says

pytestmark = pytest.mark.real


def test_text_comes_while_the_model_still_speaks(codex, model):
    gate = Gate()
    model.replies(says("Hello", gate, " you"))
    turn = codex.thread_start().turn("hi")
    pieces = turn.text()
    assert next(pieces) == "Hello"
    gate.open()
    assert list(pieces) == [" you"]
    assert turn.run().final_response == "Hello you"


def test_messages_are_told_apart_though_their_ids_are_the_same(codex, model):
    gate = Gate()
    model.replies(says("one", gate), says("two"))
    turn = codex.thread_start().turn("go")
    pieces = turn.text()
    assert next(pieces) == "one"
    turn.steer("more")
    gate.open()
    assert "".join(pieces) == "\n\ntwo"


def test_items_have_their_output_and_status(codex, model):
    model.replies(calls("exec_command", cmd="echo one; exit 3"), patches(PATCH), says("do", "ne"))
    thread = codex.thread_start(**FREE)
    last = {item.type: item for item in thread.turn("hi").events() if item.completed}
    assert list(last) == ["userMessage", "commandExecution", "fileChange", "agentMessage"]
    command, change, message = list(last.values())[1:]
    assert (command.text, command.status, command.item.exit_code) == ("one\n", "failed", 3)
    assert (change.text.endswith("made.txt\nhello\n"), change.status) == (True, "completed")
    assert (message.text, message.item.text, message.status) == ("done", "done", "completed")


def test_a_callback_sees_the_turn_and_may_end_it(codex, model):
    gate, seen = Gate(), []
    model.replies(says("one", gate))
    thread = codex.thread_start()

    def give_up(each):
        seen.append(each.method)
        if each.method == "item/agentMessage/delta":
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        thread.run("hi", on_event=give_up)
    gate.open()
    assert seen[0] == "turn/started"
    assert thread.run("again").status == "completed"
