"""What a turn's last message is asked to be, and what it is then; no server."""

import copy
import enum
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from typing import Annotated, TypedDict

import msgspec
import pydantic
import pytest

from codex_app_server import OutputMismatch, TurnFailedError, TurnInterruptedError, TurnResult, UsageError
from codex_app_server._output import expect, filled


class Size(enum.Enum):
    BIG = "big"


class Point(msgspec.Struct):
    x: int
    label: str | None = None


@dataclass
class Line:
    start: Point
    end: Point


class Shape(TypedDict):
    lines: list[Line]


class Model(pydantic.BaseModel):
    size: int = pydantic.Field(ge=1)


def result(text, status="completed"):
    rest = dict.fromkeys(("error", "usage", "started_at", "completed_at", "duration_seconds"))
    return TurnResult(id="t", thread_id="h", status=status, items=[], final_response=text, **rest)


def output_of(text, kind, schema=None, status="completed"):
    return filled(result(text, status), expect(kind, schema)).output


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Point, '{"x": 1, "label": null}', Point(1)),
        (Line, '{"start": {"x": 1}, "end": {"x": 2}}', Line(Point(1), Point(2))),
        (Shape, '{"lines": [{"start": {"x": 1}, "end": {"x": 2}}]}', {"lines": [Line(Point(1), Point(2))]}),
        (Model, '{"size": 3}', Model(size=3)),
        (list[Model], '{"value": [{"size": 3}]}', [Model(size=3)]),
        (list[Point], '{"value": [{"x": 1}]}', [Point(1)]),
        (int, '{"value": 3}', 3),
        (Size, '{"value": "big"}', Size.BIG),
        (Point | None, '{"value": null}', None),
    ],
)
def test_a_message_becomes_a_value_of_the_type(kind, text, value):
    assert output_of(text, kind) == value


def test_what_is_no_object_is_asked_for_within_one():
    point = expect(Point, None).schema
    assert expect(list[Point], None).schema == {
        "type": "object",
        "properties": {"value": {"type": "array", "items": {"$ref": "#/$defs/Point"}}},
        "required": ["value"],
        "additionalProperties": False,
        "$defs": {"Point": point},
    }


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Point, "Sure! Here it is:", "the last message of turn t is no Point: JSON is malformed"),
        (Point, '{"x": "1"}', r"is no Point: Expected `int`, got `str` - at `\$.x`"),
        (Point, "{}", "missing required field `x`"),
        (Point, "", "is no Point: "),
        (Model, '{"size": 0}', "is no Model: .*\n.*\n.*greater than or equal to 1"),
        (list[Model], '{"value": [{"size": 0}]}', r"is no list\[.*Model\]: "),
        (list[Point], '[{"x": 1}]', "Expected `object`, got `array`"),
        (Point, "[" * 100_000, "is no Point: "),
    ],
)
def test_a_message_that_does_not_fit_is_a_mismatch_with_its_text(kind, text, message):
    with pytest.raises(OutputMismatch, match=message) as caught:
        output_of(text, kind)
    assert caught.value.raw == text


def test_a_turn_without_a_message_is_a_mismatch_without_a_text():
    with pytest.raises(OutputMismatch, match="turn t ended without a message; Point was asked for") as caught:
        output_of(None, Point)
    assert caught.value.raw is None


def test_a_turn_that_did_not_complete_says_so_and_not_that_its_message_does_not_fit():
    with pytest.raises(TurnFailedError):
        output_of("half", Point, status="failed")
    with pytest.raises(TurnInterruptedError):
        output_of("half", Point, status="interrupted")


def test_a_schema_of_the_callers_own_makes_the_output_plain_json():
    schema = {"type": "object"}
    assert expect(None, schema).schema is schema
    assert output_of('{"a": [1]}', None, schema) == {"a": [1]}
    with pytest.raises(OutputMismatch, match="is no JSON"):
        output_of("text", None, schema)


def test_nothing_asked_for_is_no_output():
    assert expect(None, None) is None
    assert expect(None, msgspec.UNSET) is None
    assert output_of("text", None) is None


def test_a_result_is_one_value_that_can_be_sent_elsewhere():
    good, bad = (filled(result(text), expect(Point, None)) for text in ('{"x": 1}', "text"))
    assert good.output is good.output
    assert good == filled(result('{"x": 1}'), expect(Point, None))
    assert pickle.loads(pickle.dumps(good)).output == Point(1)
    for again in (pickle.loads(pickle.dumps(bad)), copy.deepcopy(bad)):
        with pytest.raises(OutputMismatch) as caught:
            _ = again.output
        assert caught.value.raw == "text"


@pytest.mark.parametrize(
    ("kind", "schema", "message"),
    [
        (dict[str, int], None, r"dict\[str, int\]: a strict schema cannot have an object with any keys"),
        (complex, None, "output_type: complex has no JSON schema"),
        (Point(1), None, "output_type"),
        (Annotated[int, {}], None, "output_type is .*unhashable type"),
        ({"type": "object"}, None, "output_type is a dict; write output_schema="),
        (Point, {"type": "object"}, "output_type and output_schema are both given"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(kind, schema, message):
    with pytest.raises(UsageError, match=message):
        expect(kind, schema)


def test_pydantic_is_not_loaded_for_those_who_have_no_model_of_it():
    code = """
import dataclasses, sys
from codex_app_server import tool
from codex_app_server._output import expect
Answer = dataclasses.make_dataclass("Answer", [("number", int)])
expect(Answer, None)
tool(name="ask")(lambda: None)
print("pydantic" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert told.stdout == "False\n"
