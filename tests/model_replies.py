"""What a model on loopback can do with one request, and what it can be asked; see `loopback_model.py`."""

import itertools
import json
import threading
from dataclasses import dataclass
from typing import Any, TypeAlias

DEADLINE_SECONDS = 60
USAGE = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 3},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 18,
}


class Gate:
    """A place in one reply, or in several, where the model stalls until the test opens it."""

    def __init__(self) -> None:
        self._reached = threading.Semaphore(0)
        self._opened = threading.Event()

    def wait_until_reached(self, replies: int = 1) -> None:
        """Wait until so many replies stand here: the server has been sent all that comes before."""
        for _ in range(replies):
            assert self._reached.acquire(timeout=DEADLINE_SECONDS), "the model's reply did not get as far as its gate"

    def open(self) -> None:
        """Let the replies go on."""
        self._opened.set()

    def pass_through(self) -> None:
        """Stall here; for the model."""
        self._reached.release()
        assert self._opened.wait(DEADLINE_SECONDS), "nobody opened the gate"


Event: TypeAlias = dict[str, Any]
Piece: TypeAlias = Event | Gate


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model does with one request: a refusal with its status, or a stream of pieces."""

    pieces: tuple[Piece, ...] = ()
    status: int = 200
    code: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the server made of the model."""

    body: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        """All that the user said, the context that the server adds included."""
        messages = (item for item in self.body["input"] if item.get("role") == "user")
        return [part["text"] for message in messages for part in message["content"] if part["type"] == "input_text"]

    @property
    def outputs(self) -> list[Any]:
        """What the tools gave back."""
        return [item["output"] for item in self.body["input"] if item["type"].endswith("_call_output")]


def says(*deltas: str | Gate) -> Reply:
    """A message in these pieces, and the end."""
    text = "".join(delta for delta in deltas if isinstance(delta, str))
    return Reply((*_opening(), *map(_delta, deltas), _item_done(_message(text)), _completed()))


def breaks_off(*deltas: str | Gate) -> Reply:
    """The first pieces of a message; then the connection is closed."""
    return Reply((*_opening(), *map(_delta, deltas)))


def calls(name: str, **arguments: Any) -> Reply:
    """A call of the tool `name`."""
    call_id = f"call-{next(_numbers)}"
    item = {"type": "function_call", "call_id": call_id, "name": name, "arguments": json.dumps(arguments)}
    return Reply((_created(), _item_done(item), _completed()))


def at_once(*replies: Reply) -> Reply:
    """What these replies, such as `calls`, have in the middle, as one reply."""
    return Reply((_created(), *(piece for reply in replies for piece in reply.pieces[1:-1]), _completed()))


def patches(patch: str) -> Reply:
    """A call of `apply_patch`, whose argument is free text."""
    item = {"type": "custom_tool_call", "call_id": f"call-{next(_numbers)}", "name": "apply_patch", "input": patch}
    return Reply((_created(), _item_done(item), _completed()))


def fails(code: str, message: str = "on purpose") -> Reply:
    """A stream that ends with the error `code`."""
    error = {"code": code, "message": message}
    return Reply((_created(), {"type": "response.failed", "response": {"id": "resp", "error": error}}))


def refuses(status: int, code: str = "scripted") -> Reply:
    """An HTTP error in place of a stream."""
    return Reply(status=status, code=code)


def echoes(request: Request) -> Reply:
    """What the user said last."""
    return says(f"echo: {request.texts[-1]}")


_numbers = itertools.count()


def _created() -> Event:
    return {"type": "response.created", "response": {"id": "resp"}}


def _message(text: str) -> dict[str, Any]:
    return {
        "type": "message",
        "role": "assistant",
        "id": "message",
        "content": [{"type": "output_text", "text": text}] if text else [],
    }


def _opening() -> tuple[Event, ...]:
    return (_created(), {"type": "response.output_item.added", "item": _message("")})


def _delta(delta: str | Gate) -> Piece:
    return delta if isinstance(delta, Gate) else {"type": "response.output_text.delta", "delta": delta}


def _item_done(item: dict[str, Any]) -> Event:
    return {"type": "response.output_item.done", "item": item}


def _completed() -> Event:
    return {"type": "response.completed", "response": {"id": "resp", "usage": USAGE}}
