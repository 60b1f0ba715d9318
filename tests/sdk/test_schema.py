"""Schemas as plain dicts, and what they are for types of every kind."""

import enum
import itertools
import json
from dataclasses import dataclass, make_dataclass
from typing import Annotated, Any, Generic, Literal, TypedDict, TypeVar

import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_app_server import UsageError
from codex_app_server._schema import gathered, strict
from codex_app_server._user_types import encode, reader, schema_of

T = TypeVar("T")
numbers = itertools.count()


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Cat(msgspec.Struct, tag=True):
    lives: int


class Dog(msgspec.Struct, tag=True):
    name: str | None = None


class Node(msgspec.Struct):
    """A node."""

    children: "list[Node]"


class Model(pydantic.BaseModel):
    """A model."""

    size: int = pydantic.Field(ge=1, description="how big")
    children: "list[Model]" = []


class Choice(pydantic.BaseModel):
    kind: Literal["choice"]


class Other(pydantic.BaseModel):
    kind: Literal["other"]


class Wide(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    pick: Choice | Other = pydantic.Field(discriminator="kind")


class Box(msgspec.Struct, Generic[T]):
    inside: T


class Pair(TypedDict):
    first: int
    second: Annotated[str, msgspec.Meta(description="the other")]


@dataclass
class Whole:
    pet: Cat | Dog
    color: Annotated[Color, msgspec.Meta(description="of it")] = Color.RED
    level: Literal[1, 2] | None = None
    note: Annotated[str, msgspec.Meta(max_length=3, pattern="^a")] = ""
    count: Annotated[int, msgspec.Meta(ge=0)] = 0


def strict_of(kind):
    return strict(schema_of(kind, "it"), "it")


def obj(**properties):
    """What a strict object of these is."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


INTEGER, TEXT, NULL = {"type": "integer"}, {"type": "string"}, {"type": "null"}


def test_every_field_is_required_and_no_other_allowed():
    assert strict_of(Pair) == obj(first=INTEGER, second={**TEXT, "description": "the other"})


def test_a_dataclass_with_unions_enums_and_limits():
    cat = obj(type={**TEXT, "enum": ["Cat"]}, lives=INTEGER)
    dog = obj(type={**TEXT, "enum": ["Dog"]}, name={"anyOf": [TEXT, NULL]})
    assert strict_of(Whole) == {
        **obj(
            pet={"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]},
            color={**TEXT, "enum": ["blue", "red"], "description": "of it"},
            level={"anyOf": [{**INTEGER, "enum": [1, 2]}, NULL]},
            note={**TEXT, "pattern": "^a"},
            count={**INTEGER, "minimum": 0},
        ),
        "$defs": {"Cat": cat, "Dog": dog},
    }


def test_a_type_that_holds_itself_keeps_its_definition():
    node = {**obj(children={"type": "array", "items": {"$ref": "#/$defs/Node"}}), "description": "A node."}
    assert strict_of(Node) == {**node, "$defs": {"Node": node}}


def test_a_model_of_pydantics_is_described_by_itself():
    children = {"type": "array", "items": {"$ref": "#/$defs/Model"}}
    size = {**INTEGER, "minimum": 1, "description": "how big"}
    model = {**obj(size=size, children=children), "description": "A model."}
    assert strict_of(Model) == {**model, "$defs": {"Model": model}}


def test_a_union_of_exactly_one_becomes_one_of_any():
    wide = strict_of(Wide)
    assert wide["properties"]["pick"] == {"anyOf": [{"$ref": "#/$defs/Choice"}, {"$ref": "#/$defs/Other"}]}
    assert wide["additionalProperties"] is False


def test_models_within_other_types_bring_their_definitions_to_the_root():
    schema = strict_of(Box[list[Model]])
    assert schema["properties"]["inside"]["items"] == {"$ref": "#/$defs/Model"}
    assert [*schema["$defs"]] == ["Model"]
    assert json.dumps(schema).count("$defs") == 1 + json.dumps(schema).count("#/$defs/")


def test_definitions_that_only_definitions_mention_are_kept():
    inner = make_dataclass("Inner", [("node", Node)])
    assert sorted(strict_of(make_dataclass("Outer", [("inners", list[inner])]))["$defs"]) == ["Inner", "Node"]


def test_bare_values_get_their_type_which_the_server_would_take_for_text():
    schema = {"type": "object", "properties": {"a": {"enum": [None, 1]}, "b": {"const": True}, "c": {"enum": [0.5]}}}
    kinds = [each["type"] for each in gathered(schema, "it")["properties"].values()]
    assert kinds == [["integer", "null"], "boolean", "number"]


def test_formats_and_patterns_that_are_not_taken_are_left_out():
    given = {"type": "object", "properties": {"a": {**TEXT, "format": "uri"}, "b": {**TEXT, "pattern": "(?!x)"}}}
    assert strict(given, "it") == obj(a=TEXT, b=TEXT)
    dated = {"type": "object", "properties": {"a": {**TEXT, "format": "date-time"}}}
    assert strict(dated, "it")["properties"]["a"] == {**TEXT, "format": "date-time"}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Box[dict[str, int]], r"it\.inside: a strict schema cannot have an object with any keys; write an object"),
        (Box[list[dict[str, int]]], r"it\.inside\[\]: .* any keys"),
        (Box[Any], r"it\.inside: .* anything at all; give it a type"),
        (Box[list], r"it\.inside: .* a list of anything; give its items a type"),
        (Box[Box[dict[str, int]]], r"Box_dict.*\.inside: .* any keys"),
        (Box[tuple[int, str]], r"Box_.*\.inside: a tuple of fixed items cannot be described"),
        (Box[complex], "it: complex has no JSON schema; use a Struct, a dataclass or a TypedDict"),
        (Cat | Pair, "it: .*dict-like"),
        (make_dataclass("Late", [("field", "Nowhere")]), "it: name 'Nowhere' is not defined"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_place(kind, message):
    with pytest.raises(UsageError, match=f"^{message}"):
        strict_of(kind)


@pytest.mark.parametrize("keyword", ["not", "patternProperties", "if", "dependentRequired"])
def test_a_keyword_that_is_not_taken_is_refused_and_not_dropped(keyword):
    given = {"type": "object", "properties": {"a": {**TEXT, keyword: {}}}}
    with pytest.raises(UsageError, match=rf"^it\.a: a strict schema cannot say '{keyword}'"):
        strict(given, "it")


def test_two_types_of_one_name_are_refused():
    def holds(kind):
        return {"$ref": "#/$defs/Same", "$defs": {"Same": {"type": kind}}}

    same = {"type": "object", "properties": {"a": holds("string"), "b": holds("string")}}
    assert gathered(same, "it")["$defs"] == {"Same": TEXT}
    both = {"type": "object", "properties": {"a": holds("string"), "b": holds("integer")}}
    with pytest.raises(UsageError, match=r"^it: two types are named 'Same'; rename one of them"):
        gathered(both, "it")


def kinds():
    leaves = st.sampled_from([int, str, bool, float, Color, Literal["a", 1], int | None, Pair, Model, Cat | Dog])
    return st.recursive(leaves, lambda inner: inner.map(lambda kind: list[kind]) | inner.map(holding))


def holding(kind):
    """A new dataclass around it: `Box[...]` of several kinds has one name for all on Python 3.10."""
    return make_dataclass(f"Holding{next(numbers)}", [("inside", kind)])


def objects(node):
    """Every object in a schema."""
    if isinstance(node, dict):
        yield from [node] if node.get("type") == "object" else []
        for each in node.values():
            yield from objects(each)
    elif isinstance(node, list):
        for each in node:
            yield from objects(each)


@given(kinds())
def test_whatever_is_described_is_strict_throughout_and_closed_in_itself(kind):
    schema = strict_of(Box[kind])
    for each in objects(schema):
        assert each["required"] == [*each["properties"]]
        assert each["additionalProperties"] is False
    text = json.dumps(schema)
    for name in schema.get("$defs", {}):
        assert f'"#/$defs/{name}"' in text
    for keyword in ("title", "default", "discriminator", "oneOf"):
        assert f'"{keyword}":' not in text


def test_values_are_read_as_they_are_written_models_within_others_as_well():
    value = Box[list[Model]](inside=[Model(size=1, children=[Model(size=2)])])
    assert reader(Box[list[Model]], "it")(encode(value)) == value
    with pytest.raises(msgspec.ValidationError, match="greater than or equal to 1"):
        reader(Box[Model], "it")('{"inside": {"size": 0}}')
