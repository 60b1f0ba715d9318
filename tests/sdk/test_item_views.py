import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_app_server import _typed
from codex_app_server._item_views import ItemViews
from codex_app_server._protocol import Receiver
from sdk.wire_lines import delta, end, item, notification

COMMAND = {"type": "commandExecution", "id": "c", "command": "ls", "commandActions": [], "cwd": "/"}


def about(kind, /, **params):
    return notification(f"item/{kind}", threadId="h", turnId="t", **params)


def started(**fields):
    return about("started", item={"id": "i", "type": "agentMessage", "text": "", **fields}, startedAtMs=0)


def completed(**fields):
    return about("completed", item={"id": "i", **fields}, completedAtMs=0)


TURN_STARTED = notification("turn/started", threadId="h", turn={"id": "t", "items": [], "status": "inProgress"})


def events_of(*lines):
    return map(_typed.notification, Receiver().receive(b"".join(lines)))


def steps(*lines, views=None):
    """(type, delta, text so far, status, whether it was the last) of each step."""
    views = views or ItemViews()
    given = (view for each in events_of(*lines) if (view := views.take(each)) is not None)
    return [(view.type, view.delta, view.text, view.status, view.completed) for view in given]


def texts(*lines, views=None):
    views = views or ItemViews()
    return [piece for each in events_of(*lines) if (piece := views.take_text(each))]


def test_a_message_grows_from_its_start_to_its_end():
    assert steps(TURN_STARTED, started(), delta("t", "He"), delta("t", "llo"), item("t", "Hello"), end("t")) == [
        ("agentMessage", "", "", "inProgress", False),
        ("agentMessage", "He", "He", "inProgress", False),
        ("agentMessage", "llo", "Hello", "inProgress", False),
        ("agentMessage", "", "Hello", "completed", True),
    ]


def test_a_view_stays_the_same_and_has_the_item():
    views = ItemViews()
    given = [views.take(each) for each in events_of(started(), delta("t"), item("t", "x", phase="final_answer"))]
    assert given[0] is given[1] is given[2]
    assert given[0].item.phase == "final_answer"
    assert repr(given[0]) == "ItemView(agentMessage 'i', completed)"


def test_items_that_run_at_once_do_not_mix():
    lines = [started(**COMMAND, status="inProgress"), started()]
    lines += [delta("t", "a"), about("commandExecution/outputDelta", itemId="c", delta="out"), delta("t", "b")]
    assert [step[:3] for step in steps(*lines)][2:] == [
        ("agentMessage", "a", "a"),
        ("commandExecution", "out", "out"),
        ("agentMessage", "b", "ab"),
    ]


def test_output_that_came_at_the_end_only_is_a_step_of_its_own():
    ended = completed(**COMMAND, status="failed", aggregatedOutput="one\ntwo\n", exitCode=3)
    assert steps(started(**COMMAND, status="inProgress"), ended)[1] == (
        "commandExecution",
        "one\ntwo\n",
        "one\ntwo\n",
        "failed",
        True,
    )


def test_reasoning_has_its_paragraphs():
    def thought(part, text):
        return about("reasoning/summaryTextDelta", itemId="i", delta=text, summaryIndex=part)

    ended = completed(type="reasoning", summary=["One.", "Two."], content=[])
    told = steps(started(type="reasoning"), thought(0, "One"), thought(0, "."), thought(1, "Two."), ended)
    assert [step[1] for step in told] == ["", "One", ".", "\n\nTwo.", ""]
    assert told[-1][2] == "One.\n\nTwo."


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"type": "plan", "text": "first this"}, "first this"),
        ({"type": "userMessage", "content": [{"type": "text", "text": "hi"}, {"type": "image", "url": "u:"}]}, "hi"),
        (
            {"type": "fileChange", "status": "completed"}
            | {"changes": [{"path": "/x", "kind": {"type": "add"}, "diff": "hello\n"}]},
            "add /x\nhello\n",
        ),
        (
            {"type": "mcpToolCall", "status": "completed", "server": "s", "tool": "t", "arguments": {}}
            | {"result": {"content": [{"type": "text", "text": "42"}, {"type": "image"}, 7]}},
            "42",
        ),
        (
            {"type": "mcpToolCall", "status": "failed", "server": "s", "tool": "t", "arguments": {}}
            | {"error": {"message": "no"}},
            "no",
        ),
        (
            {"type": "dynamicToolCall", "status": "completed", "tool": "t", "arguments": {}}
            | {"contentItems": [{"type": "inputText", "text": "sunny"}]},
            "sunny",
        ),
        ({"type": "webSearch", "query": "cats"}, "cats"),
        ({"type": "sleep", "durationMs": 3}, ""),
        ({"type": "of tomorrow", "text": ["?"]}, ""),
    ],
)
def test_each_type_has_its_text(fields, text):
    [step] = steps(TURN_STARTED, completed(**fields))
    assert step == (fields["type"], text, text, fields.get("status", "completed"), True)


def test_progress_grows_too():
    changes = [{"path": "/x", "kind": {"type": "delete"}, "diff": "d"}]
    assert [step[:3] for step in steps(
        about("mcpToolCall/progress", itemId="a", message="half"),
        about("mcpToolCall/progress", itemId="a", message="done"),
        about("fileChange/patchUpdated", itemId="b", changes=changes),
    )] == [
        ("mcpToolCall", "half\n", "half\n"),
        ("mcpToolCall", "done\n", "half\ndone\n"),
        ("fileChange", "delete /x\nd", "delete /x\nd"),
    ]  # fmt: skip


def test_what_is_of_no_item_is_no_step():
    strange = about("agentMessage/delta", itemId=3, delta=None)
    tomorrow = about("of/tomorrow", itemId="i")
    assert steps(TURN_STARTED, tomorrow, notification("error", threadId="h", turnId="t"), end("t")) == []
    steps(strange)


def test_an_item_with_a_used_id_is_another_item():
    assert texts(TURN_STARTED, started(), delta("t", "one"), item("t", "one"), started(), delta("t", "two")) == [
        "one",
        "\n\ntwo",
    ]


def test_a_message_that_is_cut_short_is_another_than_the_next_with_its_id():
    assert texts(TURN_STARTED, started(), delta("t", "one"), started(), delta("t", "two"), item("t", "two")) == [
        "one",
        "\n\ntwo",
    ]


def test_comments_are_text_and_reasoning_is_not():
    thought = about("reasoning/textDelta", itemId="r", delta="hm", contentIndex=0)
    lines = [TURN_STARTED, thought, item("t", "I look.", phase="commentary"), item("t", "It is so.")]
    assert "".join(texts(*lines)) == "I look.\n\nIt is so."


def test_lost_pieces_at_the_end_are_made_up_for():
    assert texts(started(), delta("t", "Hel"), item("t", "Hello")) == ["Hel", "lo"]


def test_lost_pieces_in_the_middle_are_in_the_text_of_the_view():
    assert texts(started(), delta("t", "H"), delta("t", "lo"), item("t", "Hello")) == ["H", "lo"]
    assert steps(started(), delta("t", "H"), delta("t", "lo"), item("t", "Hello"))[-1][1:3] == ("", "Hello")


def test_nothing_is_told_twice_to_who_comes_in_the_middle():
    assert texts(delta("t", "a"), item("t", "aa")) == ["a"]
    assert texts(item("t", "read by another")) == []


def test_a_reader_may_pause():
    views = ItemViews()
    assert texts(TURN_STARTED, started(), delta("t", "Hel"), views=views) == ["Hel"]
    assert texts(delta("t", "lo"), item("t", "Hello!"), item("t", "Bye"), views=views) == ["lo", "!", "\n\nBye"]


@given(st.lists(st.text(max_size=5), max_size=8))
def test_the_pieces_are_the_text(pieces):
    whole = "".join(pieces)
    lines = [TURN_STARTED, started(), *(delta("t", piece) for piece in pieces), item("t", whole)]
    assert "".join(texts(*lines)) == whole
    assert steps(*lines)[-1][2] == whole
