"""What a function is to a model: its schema, its description, and what is refused."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

import msgspec
import pydantic
import pytest

from codex_app_server import ToolCall, UsageError, tool


class Unit(enum.Enum):
    CELSIUS = "C"


class Cat(msgspec.Struct, tag=True):
    lives: int


class Dog(msgspec.Struct, tag=True):
    name: str


class Place(TypedDict):
    latitude: float


class Model(pydantic.BaseModel):
    size: int


@dataclass
class Span:
    start: int
    end: int = 9


@tool
def weather(
    city: str,
    days: Annotated[int, msgspec.Meta(ge=1, description="how far ahead")] = 1,
    *,
    unit: Unit = Unit.CELSIUS,
    kind: Literal["short", "long"] | None = None,
) -> str:
    """Tell the weather
    of a city.

    It is always fine.

    Args:
        city (str): its name,
            in English
        days: the annotation knows better
        nothing: there is no such parameter

    Returns:
        kind: not a parameter either
    """
    return f"{city} {days} {unit} {kind}"


def test_a_functions_annotations_become_a_schema():
    assert weather.signature.schema == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "its name, in English"},
            "days": {"type": "integer", "minimum": 1, "description": "how far ahead"},
            "unit": {"$ref": "#/$defs/Unit"},
            "kind": {"anyOf": [{"type": "string", "enum": ["long", "short"]}, {"type": "null"}]},
        },
        "required": ["city"],
        "additionalProperties": False,
        "$defs": {"Unit": {"type": "string", "enum": ["C"]}},
    }


def test_a_functions_name_and_first_paragraph_introduce_it():
    assert (weather.name, weather.description) == ("weather", "Tell the weather of a city.")
    assert "Tell the weather of a city." in repr(weather)


def test_both_can_be_given_instead():
    @tool(name="sky", description="Look up.")
    def weather():
        pass

    assert (weather.name, weather.description) == ("sky", "Look up.")
    assert weather.signature.schema == {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }


def test_a_tool_is_still_the_function():
    assert weather("Oslo", days=2) == "Oslo 2 Unit.CELSIUS None"


def test_a_bound_method_is_a_tool_too():
    class Station:
        def read(self, sensor: int) -> int:
            return sensor + 1

    read = tool(Station().read)
    assert [*read.signature.schema["properties"]] == ["sensor"]
    assert read(1) == 2


def test_arguments_come_in_their_annotated_types():
    @tool
    def take(pet: Cat | Dog, place: Place, model: list[Model], span: Span, bytes_: bytes = b""):
        pass

    content = {
        "pet": {"type": "Dog", "name": "x"},
        "place": {"latitude": 1},
        "model": [{"size": 2}],
        "span": {"start": 3},
    }
    assert take.signature.arguments(content) == {
        "pet": Dog("x"),
        "place": {"latitude": 1.0},
        "model": [Model(size=2)],
        "span": Span(3, 9),
    }


def test_a_default_is_the_functions_own():
    marker = object()

    @tool
    def take(value: list[int] = marker):
        return value

    assert take.signature.arguments({}) == {}
    assert take.signature.arguments({"value": [1]}) == {"value": [1]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"city": 1}, r"Expected `str`, got `int` - at `\$.city`"),
        ({"city": "x", "days": 0}, "Expected `int` >= 1"),
        ({"city": "x", "town": "y"}, "unknown field `town`"),
        ({}, "missing required field `city`"),
        ([], "Expected `object`"),
        (None, "Expected `object`"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(content, message):
    with pytest.raises(ValueError, match=f"wrong arguments: .*{message}"):
        weather.signature.arguments(content)


def test_the_context_is_no_argument_of_the_models():
    @tool
    def plain(call: ToolCall, x: int):
        pass

    @tool
    def optional(x: int, call: ToolCall | None = None):
        pass

    for each in (plain, optional):
        assert [*each.signature.schema["properties"]] == ["x"]
        assert each.signature.context == "call"


def no_annotation(a):
    pass


def any_number(*a: int):
    pass


def any_names(**a: int):
    pass


def nameless(a: int, /):
    pass


def strange(a: Callable[[], int]):
    pass


def ambiguous(a: Cat | Span):
    pass


def modelled(a: Model | int):
    pass


def pair(a: tuple[int, str]):
    pass


def unknown(a: "Nowhere"):  # noqa: F821 - on purpose
    pass


def generator():
    yield


class Station:
    def read(self, sensor: int):
        pass


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (no_annotation, "tool 'no_annotation': the parameter 'a' has no annotation"),
        (any_number, "the parameter 'a' takes any number of values; write a list"),
        (any_names, "the parameter 'a' takes any names; write each one, or a dict"),
        (nameless, "the parameter 'a' has no name for callers; remove the '/'"),
        (strange, "tool 'strange', parameter 'a': Callable has no JSON schema"),
        (ambiguous, "parameter 'a': Type unions may not contain more than one dict-like type"),
        (modelled, "parameter 'a': Type unions containing a custom type"),
        (pair, "parameter 'a': a tuple of fixed items cannot be described; write an object with named fields"),
        (unknown, "name 'Nowhere' is not defined; define the types of its parameters at the top of their module"),
        (generator, "tool 'generator' is a generator; return the result as one value"),
        (Station.read, "the parameter 'self' has no annotation; make a tool of the bound method"),
        (Station, r"takes a function, not <class .*; write @tool or @tool\(name=...\)"),
        ("weather", "takes a function, not 'weather'"),
    ],
)
def test_what_a_model_cannot_call_is_refused_when_it_is_decorated(function, message):
    with pytest.raises(UsageError, match=message):
        tool(function)


@pytest.mark.parametrize("name", ["", "two words", "dotted.name", "ü", "x" * 129, "mcp", "mcp__x", "x\n"])
def test_a_name_that_the_server_refuses_is_refused_first(name):
    def function():
        pass

    with pytest.raises(UsageError, match="cannot be a tool's name; write up to 128 of"):
        tool(name=name)(function)


@pytest.mark.parametrize("name", ["x" * 128, "-", "1a", "mcp_x"])
def test_a_name_that_the_server_takes_is_taken(name):
    def function(x: dict[str, Any]):
        pass

    assert tool(name=name)(function).name == name
