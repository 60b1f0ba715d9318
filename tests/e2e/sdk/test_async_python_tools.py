"""Python functions as the real server's tools; the same names as in `test_python_tools.py`."""

import asyncio
import threading

import pytest

from codex_app_server import ImageInput, tool
from e2e.sdk.outcomes import PIXEL, item_of, tools_told
from model_replies import DEADLINE_SECONDS, at_once, calls, says

pytestmark = pytest.mark.real


@tool
async def add(a: int, b: int = 1) -> int:
    """Add two numbers.

    Args:
        a: the first
    """
    return a + b


def test_the_model_is_told_of_a_tool_and_calls_it_twice_in_a_turn(with_codex, model):
    async def work(codex):
        model.replies(calls("add", a=1, b=2), calls("add", a=3), says("3 and 4"))
        result = await (await codex.thread_start(tools=[add])).run("add")
        told = tools_told(model.requests[0])["add"]
        assert (told["description"], told["strict"]) == ("Add two numbers.", False)
        assert told["parameters"] == {
            "type": "object",
            "properties": {"a": {"type": "integer", "description": "the first"}, "b": {"type": "integer"}},
            "required": ["a"],
            "additionalProperties": False,
        }
        assert model.requests[2].outputs == ["3", "4"]
        called = [item for item in result.items if item.type == "dynamicToolCall"]
        assert [(item.status, item.success, item.tool) for item in called] == [("completed", True, "add")] * 2
        assert result.final_response == "3 and 4"

    with_codex(work)


def test_failures_reach_the_model_and_the_turn_goes_on(with_codex, model):
    @tool
    async def fail():
        await asyncio.sleep(0)
        raise LookupError("no such city")

    async def work(codex):
        model.replies(calls("fail"), calls("add", a="one"), says("never mind"))
        result = await (await codex.thread_start(tools=[fail, add])).run("try")
        assert model.requests[2].outputs[0] == "LookupError: no such city"
        assert model.requests[2].outputs[1].startswith("ValueError: wrong arguments: Expected `int`, got `str`")
        called = [item for item in result.items if item.type == "dynamicToolCall"]
        assert [(item.status, item.success) for item in called] == [("failed", False)] * 2
        assert (result.status, result.final_response) == ("completed", "never mind")

    with_codex(work)


def test_an_image_and_nothing_reach_the_model(with_codex, model):
    @tool
    async def picture():
        return ["a pixel", ImageInput(PIXEL)]

    @tool
    def nothing():
        pass

    async def work(codex):
        model.replies(calls("picture"), calls("nothing"), says("seen"))
        await (await codex.thread_start(tools=[picture, nothing])).run("look")
        [text, image], empty = model.requests[2].outputs
        assert (text["text"], image["image_url"], empty) == ("a pixel", PIXEL, "")

    with_codex(work)


def test_two_calls_at_once_run_beside_each_other(with_codex, model):
    async def work(codex):
        arrived: list[str] = []
        met = asyncio.Event()

        @tool
        async def meet(who: str) -> str:
            arrived.append(who)
            if len(arrived) == 2:
                met.set()
            await met.wait()
            return f"{who} has met the other"

        model.replies(at_once(calls("meet", who="a"), calls("meet", who="b")), says("good"))
        assert (await (await codex.thread_start(tools=[meet])).run("meet")).status == "completed"
        assert model.requests[1].outputs == ["a has met the other", "b has met the other"]

    with_codex(work)


def test_an_interrupted_turn_cancels_its_tool(with_codex, model):
    async def work(codex):
        begun, cancelled = asyncio.Event(), asyncio.Event()

        @tool
        async def endless() -> str:
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise
            return "too late"

        thread = await codex.thread_start(tools=[endless])
        model.replies(calls("endless"))
        turn = await thread.turn("go")
        await begun.wait()
        await turn.interrupt()
        result = await turn.run()
        assert (result.status, item_of(result, "dynamicToolCall").status) == ("interrupted", "failed")
        await cancelled.wait()
        assert (await thread.run("again")).status == "completed"

    with_codex(work)


def test_a_tool_may_run_a_turn_of_another_thread(with_codex, model):
    async def work(codex):
        @tool
        async def ask(question: str) -> str:
            return (await (await codex.thread_start()).run(question)).final_response

        model.replies(calls("ask", question="why?"), says("because"), says("it said so"))
        assert (await (await codex.thread_start(tools=[ask])).run("ask")).final_response == "it said so"
        assert model.requests[2].outputs == ["because"]

    with_codex(work)


def test_a_resumed_thread_still_has_its_tools(with_codex, model):
    async def work(codex):
        thread = await codex.thread_start(tools=[add])
        await thread.run("hi")
        model.replies(calls("add", a=1), says("2"))
        assert (await (await codex.thread_resume(thread.id, tools=[add])).run("add")).final_response == "2"
        assert model.requests[2].outputs == ["2"]

    with_codex(work)


def test_a_plain_function_may_block_while_events_are_read(with_codex, model):
    async def work(codex):
        read = threading.Event()

        @tool
        def wait() -> str:
            return str(read.wait(DEADLINE_SECONDS))

        model.replies(calls("wait"), says("good"))
        turn = await (await codex.thread_start(tools=[wait])).turn("go")
        async for event in turn.stream():
            if event.method == "item/started" and event.params.item.type == "dynamicToolCall":
                read.set()
        assert model.requests[1].outputs == ["True"]

    with_codex(work)
