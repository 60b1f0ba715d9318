"""Python functions as the real server's tools; the same names as in `test_async_python_tools.py`."""

import threading

import pytest

from codex_app_server import ImageInput, ToolCall, tool
from e2e.sdk.outcomes import PIXEL, item_of, tools_told
from model_replies import DEADLINE_SECONDS, at_once, calls, says

pytestmark = pytest.mark.real


@tool
def add(a: int, b: int = 1) -> int:
    """Add two numbers.

    Args:
        a: the first
    """
    return a + b


def test_the_model_is_told_of_a_tool_and_calls_it_twice_in_a_turn(codex, model):
    model.replies(calls("add", a=1, b=2), calls("add", a=3), says("3 and 4"))
    result = codex.thread_start(tools=[add]).run("add")
    assert tools_told(model.requests[0])["add"] == {
        "type": "function",
        "name": "add",
        "description": "Add two numbers.",
        "strict": False,
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer", "description": "the first"}, "b": {"type": "integer"}},
            "required": ["a"],
            "additionalProperties": False,
        },
    }
    assert model.requests[2].outputs == ["3", "4"]
    called = [item for item in result.items if item.type == "dynamicToolCall"]
    assert [(item.status, item.success, item.tool) for item in called] == [("completed", True, "add")] * 2
    assert result.final_response == "3 and 4"


def test_failures_reach_the_model_and_the_turn_goes_on(codex, model):
    @tool
    def fail():
        raise LookupError("no such city")

    model.replies(calls("fail"), calls("add", a="one"), says("never mind"))
    result = codex.thread_start(tools=[fail, add]).run("try")
    assert model.requests[2].outputs[0] == "LookupError: no such city"
    assert model.requests[2].outputs[1].startswith("ValueError: wrong arguments: Expected `int`, got `str`")
    called = [item for item in result.items if item.type == "dynamicToolCall"]
    assert [(item.status, item.success) for item in called] == [("failed", False)] * 2
    assert (result.status, result.final_response) == ("completed", "never mind")


def test_an_image_and_nothing_reach_the_model(codex, model):
    @tool
    def picture():
        return ["a pixel", ImageInput(PIXEL)]

    @tool
    def nothing():
        pass

    model.replies(calls("picture"), calls("nothing"), says("seen"))
    codex.thread_start(tools=[picture, nothing]).run("look")
    [text, image], empty = model.requests[2].outputs
    assert (text["text"], image["image_url"], empty) == ("a pixel", PIXEL, "")


def test_two_calls_at_once_run_beside_each_other(codex, model):
    meeting = threading.Barrier(2, timeout=DEADLINE_SECONDS)

    @tool
    def meet(who: str) -> str:
        meeting.wait()
        return f"{who} has met the other"

    model.replies(at_once(calls("meet", who="a"), calls("meet", who="b")), says("good"))
    assert codex.thread_start(tools=[meet]).run("meet").status == "completed"
    assert model.requests[1].outputs == ["a has met the other", "b has met the other"]


def test_an_interrupted_turn_cancels_its_tool(codex, model):
    begun, told = threading.Event(), threading.Event()

    @tool
    def endless(call: ToolCall) -> str:
        begun.set()
        while not call.cancelled:
            threading.Event().wait(0.01)
        told.set()
        return "too late"

    thread = codex.thread_start(tools=[endless])
    model.replies(calls("endless"))
    turn = thread.turn("go")
    assert begun.wait(DEADLINE_SECONDS)
    turn.interrupt()
    result = turn.run()
    assert (result.status, item_of(result, "dynamicToolCall").status) == ("interrupted", "failed")
    assert told.wait(DEADLINE_SECONDS)
    assert thread.run("again").status == "completed"


def test_a_tool_may_run_a_turn_of_another_thread(codex, model):
    @tool
    def ask(question: str) -> str:
        return codex.thread_start().run(question).final_response

    model.replies(calls("ask", question="why?"), says("because"), says("it said so"))
    assert codex.thread_start(tools=[ask]).run("ask").final_response == "it said so"
    assert model.requests[2].outputs == ["because"]


def test_a_resumed_thread_still_has_its_tools(codex, model):
    thread = codex.thread_start(tools=[add])
    thread.run("hi")
    model.replies(calls("add", a=1), says("2"))
    assert codex.thread_resume(thread.id, tools=[add]).run("add").final_response == "2"
    assert model.requests[2].outputs == ["2"]


def test_a_plain_function_may_block_while_events_are_read(codex, model):
    read = threading.Event()

    @tool
    def wait() -> str:
        return str(read.wait(DEADLINE_SECONDS))

    model.replies(calls("wait"), says("good"))
    for event in codex.thread_start(tools=[wait]).turn("go").stream():
        if event.method == "item/started" and event.params.item.type == "dynamicToolCall":
            read.set()
    assert model.requests[1].outputs == ["True"]
