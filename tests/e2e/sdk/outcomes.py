"""What both halves of the tests expect of a real turn."""

import asyncio
from dataclasses import dataclass

import pydantic

from model_replies import breaks_off, fails, refuses

DELTA = "item/agentMessage/delta"
WHOLE_TURN = [
    "turn/started",
    "item/started",
    "item/completed",
    "item/started",
    "item/completed",
    "thread/tokenUsage/updated",
    "turn/completed",
]
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
# Settings of a thread whose commands just run.
FREE = {"approval_policy": "never", "sandbox": "danger-full-access"}
# Arguments of a command that has to be approved.
ESCALATED = {"sandbox_permissions": "require_escalated", "justification": "on purpose"}
# What `apply_patch` is given to make a file.
PATCH = "*** Begin Patch\n*** Add File: made.txt\n+hello\n*** End Patch\n"
# More than the server takes in one frame.
LARGE_CURSOR = "x" * (20 * 1024 * 1024)
WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "tells the weather",
    "inputSchema": {"type": "object", "properties": {}},
}


@dataclass
class Answer:
    """What a message is asked to be."""

    number: int
    note: str | None = None


class Model(pydantic.BaseModel):
    """The same for pydantic."""

    number: int = pydantic.Field(ge=1)
    inner: "list[Model]" = []


ANSWER = {
    "type": "object",
    "properties": {"number": {"type": "integer"}, "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    "required": ["number", "note"],
    "additionalProperties": False,
}
MODEL = {
    "type": "object",
    "description": "The same for pydantic.",
    "properties": {
        "number": {"type": "integer", "minimum": 1},
        "inner": {"type": "array", "items": {"$ref": "#/$defs/Model"}},
    },
    "required": ["number", "inner"],
    "additionalProperties": False,
}
# A type, the schema that the model gets, what it says, and what the output is.
ANSWERS = {
    "dataclass": (
        Answer,
        {**ANSWER, "description": "What a message is asked to be."},
        '{"number": 3, "note": null}',
        Answer(3),
    ),
    "pydantic": (
        Model,
        {**MODEL, "$defs": {"Model": MODEL}},
        '{"number": 3, "inner": [{"number": 4, "inner": []}]}',
        Model(number=3, inner=[Model(number=4)]),
    ),
    "list": (
        list[int],
        {
            "type": "object",
            "properties": {"value": {"type": "array", "items": {"type": "integer"}}},
            "required": ["value"],
            "additionalProperties": False,
        },
        '{"value": [3]}',
        [3],
    ),
}
# A picture of one pixel.
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _is(name):
    return lambda information: information == name


# What the model does, a part of the turn's error message, and whether a `codexErrorInfo` is the right one.
FAILURES = {
    "429": (
        refuses(429),
        "429 Too Many Requests",
        lambda information: information.response_too_many_failed_attempts.http_status_code == 429,
    ),
    "500": (refuses(500), "high demand", _is("internalServerError")),
    "broken stream": (breaks_off("a", "b"), "stream disconnected before completion", _is("other")),
    "rate limit": (fails("rate_limit_exceeded"), "rate limit exceeded", _is("rateLimitExceeded")),
    "context": (fails("context_length_exceeded"), "context window", _is("contextWindowExceeded")),
}


def deltas_of(events):
    """The pieces of text in these notifications."""
    return [event.params.delta for event in events if event.method == DELTA]


def is_idle(event, thread_id):
    """Whether this notification says that the thread has nothing to do."""
    changed = event.method == "thread/status/changed" and event.params.thread_id == thread_id
    return changed and event.params.status.type == "idle"


def item_of(result, kind):
    """The only item of that type in a turn's result."""
    [item] = [item for item in result.items if item.type == kind]
    return item


def format_of(request):
    """The form that a model's answer must have, None for any."""
    return request.body["text"].get("format")


def tools_told(request):
    """The tools that a model is told of, by name."""
    return {each["name"]: each for each in request.body["tools"] if "name" in each}


async def all_of(events):
    """A stream to its end."""
    return [event async for event in events]


async def passing(gate, replies=1):
    """Wait for the model without holding up the loop."""
    await asyncio.to_thread(gate.wait_until_reached, replies)
