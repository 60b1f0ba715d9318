"""Tools, calls of them and what must come of each, as data for both halves of the tests."""

from dataclasses import dataclass

import pydantic

from codex_app_server import ImageInput, TextInput, ToolCall, tool

PICTURE = "data:image/png;base64,AAAA"


@dataclass
class Place:
    name: str
    height: int = 0


class Model(pydantic.BaseModel):
    size: int


@tool
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@tool
def show(what: str):
    """Show something."""
    shown = {
        "text": "as it is",
        "nothing": None,
        "place": Place("Oslo"),
        "model": [Model(size=1)],
        "texts": ["a", "b"],
        "picture": ImageInput(PICTURE),
        "both": ["a", TextInput("b"), ImageInput(PICTURE), {"c": 1}],
        "remote": ImageInput("https://example.org/a.png"),
        "object": object(),
    }
    return shown[what]


@tool
def fail(secret: str):
    """Fail."""
    raise ZeroDivisionError(f"no way with {secret}")


@tool
def whose(call: ToolCall) -> list[str]:
    """Tell who calls."""
    return [call.thread_id, call.turn_id, call.call_id, str(call.cancelled)]


TOOLS = [add, show, fail, whose]


def text(content):
    return {"type": "inputText", "text": content}


IMAGE = {"type": "inputImage", "imageUrl": PICTURE}

# The tool, its arguments, and the items that the model gets.
GOOD = {
    "number": ("add", {"a": 2, "b": 3}, [text("5")]),
    "default": ("add", {"a": 2}, [text("3")]),
    "text": ("show", {"what": "text"}, [text("as it is")]),
    "nothing": ("show", {"what": "nothing"}, [text("")]),
    "dataclass": ("show", {"what": "place"}, [text('{"name":"Oslo","height":0}')]),
    "models": ("show", {"what": "model"}, [text('[{"size":1}]')]),
    "texts": ("show", {"what": "texts"}, [text('["a","b"]')]),
    "picture": ("show", {"what": "picture"}, [IMAGE]),
    "both": ("show", {"what": "both"}, [text("a"), text("b"), IMAGE, text('{"c":1}')]),
    "context": ("whose", {}, [text('["thread-1","t","c","False"]')]),
}
# The tool, its arguments, and the beginning of what the model is told.
BAD = {
    "wrong type": ("add", {"a": "2"}, "ValueError: wrong arguments: Expected `int`, got `str` - at `$.a`"),
    "missing": ("add", {}, "ValueError: wrong arguments: Object missing required field `a`"),
    "unknown argument": ("add", {"a": 1, "c": 2}, "ValueError: wrong arguments: Object contains unknown field `c`"),
    "no object": ("add", "2", "ValueError: wrong arguments: Expected `object`"),
    "unknown tool": ("sub", {}, "LookupError: there is no tool 'sub'; there are ['add', 'fail', 'show', 'whose']"),
    "raises": ("fail", {"secret": "s3cret"}, "ZeroDivisionError: no way with s3cret"),
    "no JSON": ("show", {"what": "object"}, "TypeError: object is no JSON"),
    "remote picture": ("show", {"what": "remote"}, "ValueError: an image that a tool returns must be a data: URL"),
}


def call_of(name, arguments, **others):
    """The params of `fake/ask` that have the server call the tool."""
    params = {"tool": name, "arguments": arguments, "threadId": "thread-1", "turnId": "t", "callId": "c", **others}
    return {"method": "item/tool/call", "params": params}
