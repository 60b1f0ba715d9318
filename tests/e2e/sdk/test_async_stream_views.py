"""The same names as in `test_stream_views.py`, which is the one to read first."""

import pytest

from e2e.sdk.outcomes import FREE, PATCH, all_of
from model_replies import Gate, calls, patches, says

pytestmark = pytest.mark.real


def test_text_comes_while_the_model_still_speaks(with_codex, model):
    async def work(codex):
        gate = Gate()
        model.replies(says("Hello", gate, " you"))
        turn = await (await codex.thread_start()).turn("hi")
        pieces = turn.text()
        assert await anext(pieces) == "Hello"
        gate.open()
        assert await all_of(pieces) == [" you"]
        assert (await turn.run()).final_response == "Hello you"

    with_codex(work)


def test_messages_are_told_apart_though_their_ids_are_the_same(with_codex, model):
    async def work(codex):
        gate = Gate()
        model.replies(says("one", gate), says("two"))
        turn = await (await codex.thread_start()).turn("go")
        pieces = turn.text()
        assert await anext(pieces) == "one"
        await turn.steer("more")
        gate.open()
        assert "".join(await all_of(pieces)) == "\n\ntwo"

    with_codex(work)


def test_items_have_their_output_and_status(with_codex, model):
    async def work(codex):
        model.replies(calls("exec_command", cmd="echo one; exit 3"), patches(PATCH), says("do", "ne"))
        thread = await codex.thread_start(**FREE)
        last = {item.type: item async for item in (await thread.turn("hi")).events() if item.completed}
        assert list(last) == ["userMessage", "commandExecution", "fileChange", "agentMessage"]
        command, change, message = list(last.values())[1:]
        assert (command.text, command.status, command.item.exit_code) == ("one\n", "failed", 3)
        assert (change.text.endswith("made.txt\nhello\n"), change.status) == (True, "completed")
        assert (message.text, message.item.text, message.status) == ("done", "done", "completed")

    with_codex(work)


def test_a_callback_sees_the_turn_and_may_end_it(with_codex, model):
    async def work(codex):
        gate, seen = Gate(), []
        model.replies(says("one", gate))
        thread = await codex.thread_start()

        async def give_up(each):
            seen.append(each.method)
            if each.method == "item/agentMessage/delta":
                raise LookupError("enough")

        with pytest.raises(LookupError, match="enough"):
            await thread.run("hi", on_event=give_up)
        gate.open()
        assert seen[0] == "turn/started"
        assert (await thread.run("again")).status == "completed"

    with_codex(work)
