"""What the type checkers must know of structured output and tools; nobody runs this. A wrong line is marked as one."""

from dataclasses import dataclass
from typing import Any, TypedDict

import msgspec
import pydantic
from typing_extensions import assert_type

from codex_app_server import AsyncCodex, AsyncThread, AsyncTurn, Codex, Thread, Tool, ToolCall, Turn, TurnResult, tool


@dataclass
class Line:
    length: int


class Point(msgspec.Struct):
    x: int


class Place(TypedDict):
    name: str


class Model(pydantic.BaseModel):
    size: int


def outputs(thread: Thread) -> None:
    assert_type(thread.run("text", output_type=Line), TurnResult[Line])
    assert_type(thread.run("text", output_type=Line).output, Line)
    assert_type(thread.run("text", output_type=Point).output.x, int)
    assert_type(thread.run("text", output_type=Place).output, Place)
    assert_type(thread.run("text", output_type=Model).raise_for_status().output.size, int)
    assert_type(thread.run("text", output_type=list[Model]).output, list[Model])
    assert_type(thread.turn("text", output_type=Line), Turn[Line])
    assert_type(thread.turn("text", output_type=Line).run().output, Line)
    assert_type(thread.run("text", output_schema={"type": "object"}).output, Any)
    plain: TurnResult = thread.run("text")
    assert_type(plain, TurnResult[Any])
    thread.run("text", output_type={"type": "object"})  # type: ignore[arg-type]
    _ = thread.run("text", output_type=Line).output.width  # type: ignore[attr-defined]


async def async_outputs(thread: AsyncThread) -> None:
    assert_type(await thread.run("text", output_type=Line), TurnResult[Line])
    assert_type((await thread.run("text", output_type=list[Model])).output, list[Model])
    turn = await thread.turn("text", output_type=Point)
    assert_type(turn, AsyncTurn[Point])
    assert_type((await turn.run()).output, Point)
    assert_type((await thread.run("text")).output, Any)
    _ = (await thread.run("text", output_type=Line)).output.width  # type: ignore[attr-defined]


@tool
def add(a: int, b: int = 1) -> int:
    return a + b


@tool(name="later", description="Wait.")
async def wait(call: ToolCall) -> str:
    return call.turn_id


def calls() -> None:
    assert_type(add(1, b=2), int)
    tools: list[Tool[..., Any]] = [add, wait]
    assert_type(tools[0].name, str)
    add("1")  # type: ignore[arg-type]
    add(1, c=2)  # type: ignore[call-arg]
    tool(3)  # type: ignore[call-overload]


async def registered(codex: Codex, async_codex: AsyncCodex) -> None:
    assert_type(codex.thread_start(tools=[add]), Thread)
    assert_type(codex.thread("id", tools=[add, add]), Thread)
    assert_type(await async_codex.thread_start(tools=[add, wait]), AsyncThread)
    codex.thread_start(tools=[len])  # type: ignore[list-item]
