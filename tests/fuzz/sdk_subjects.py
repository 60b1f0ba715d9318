"""The SDK's readers: whatever a server sends, messages, values and results come of it, or the SDK's own errors."""

from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import msgspec

from codex_app_server import _handshake, _typed, _wire
from codex_app_server._asked import Asked
from codex_app_server._item_views import ItemViews
from codex_app_server._methods import Method, ServerRequest
from codex_app_server._protocol import Answer, Call, Event, Message, Receiver
from codex_app_server._requests import Request, refusal
from codex_app_server._session import Session
from codex_app_server._turns import OpenTurn
from codex_app_server._views import headline, lines_of, outcome
from codex_app_server.errors import AppServerError, ConnectionClosedError
from fuzz.mutants import Mutants, changed_bytes, changed_lines
from fuzz.subject import Subject
from sdk.wire_lines import answer, call, delta, end, failure, item, notification, usage
from sdk.wire_lines import refusal as refused
from traffic import by_name, recorded

_METHODS = sorted(by_name(Method).values(), key=lambda method: method.name)
_ASKED = by_name(ServerRequest)
_TURN = {"id": "t", "status": "completed", "items": [{"type": "agentMessage", "id": "i", "text": "x"}]}
_REQUESTS = ("thread/start", "turn/start", "thread/resume", "model/list")


def _spoken() -> list[Any]:
    """What a server says of one turn, a document for each line."""
    lines = [
        *(delta("t"), item("t", "a", phase="commentary"), item("t", "b"), usage("t", 1), failure("t", "no"), end("t")),
        notification("turn/started", threadId="h", turn={**_TURN, "status": "inProgress"}),
        notification("item/started", threadId="h", turnId="t", item=_TURN["items"][0], startedAtMs=0),
        end("t", "failed", error={"message": "no"}, durationMs=3, startedAt=1, completedAt=2),
        notification("serverRequest/resolved", threadId="h", requestId=1),
        notification(
            "item/reasoning/summaryTextDelta", threadId="h", turnId="t", itemId="r", delta="x", summaryIndex=0
        ),
        notification("item/commandExecution/outputDelta", threadId="h", turnId="t", itemId="c", delta="x"),
        notification("item/mcpToolCall/progress", threadId="h", turnId="t", itemId="m", message="x"),
        notification("item/fileChange/patchUpdated", threadId="h", turnId="t", itemId="f", changes=[]),
        *(call(1, method) for method in _ASKED),
        *(refused(1, -32001), refused(2, -32600, "no", {"codexErrorInfo": "x"})),
        *(answer(number, thread={"id": "h", "turns": [_TURN]}, turn=_TURN) for number in range(1, 6)),
    ]
    return [msgspec.json.decode(line) for line in lines]


def _recorded() -> list[Any]:
    """What the pinned runtime once said."""
    told = []
    for content in recorded():
        name = content.label.split("-", 1)[1].rpartition("-")[0]
        if content.incoming:
            told.append({"method": name, "params": content.value, "id": 1, "result": content.value})
    return told


def _lines() -> Mutants:
    return changed_lines([*_spoken(), *_recorded()])


def _receive(data: bytes) -> list[Message]:
    receiver, middle = Receiver(), len(data) // 2
    return receiver.receive(data[:middle]) + receiver.receive(data[middle:] + b"\n")


def read_messages(data: bytes) -> None:
    """Every line becomes a message, and what it says can be had."""
    messages = _receive(data)
    assert len(messages) == data.count(b"\n") + 1
    for message in messages:
        match message:
            case Event():
                _wire.encode(_typed.notification(message).params)
            case Call():
                _read_call(message)
            case Answer():
                for method in (_METHODS[message.line.count(b"e") % len(_METHODS)], *_METHODS[::40]):
                    with suppress(AppServerError):
                        repr(_typed.result(method, message.line))
                with suppress(AppServerError):
                    _handshake.metadata(message.line)


def _read_call(message: Call) -> None:
    asked = Asked(message)
    asked.started = (Event("item/started", message.line, "t"),)
    assert refusal(asked).endswith(b"\n")
    if message.method in _ASKED:
        request = Request(asked, _ASKED[message.method], lambda *_: None)
        repr((request, request.params, request.item))


def live_through(data: bytes) -> None:
    """A session in the middle of things takes it all, before and after a loss, and the turn has a result."""
    session = Session()
    turn = session.turn("t")
    for _ in range(2):
        reader, loss = turn.read(), ConnectionClosedError("lost")
        for method in _REQUESTS:
            session.request(method, {"threadId": "h"}, Future())
        for chunk in (data[: len(data) // 2], data[len(data) // 2 :] + b"\n"):
            for left in session.receive(chunk, 1.0):
                if isinstance(left, Asked):
                    session.answer(left, refusal(left), 1.0)
        session.data_to_send()
        with suppress(AppServerError):
            reader.refill()
        _settle(turn)
        session.lose(loss)
        session.request("thread/resume", session.resumption("h"), Future(), urgent=loss)
        session.receive(data + b"\n", 2.0)
        session.restore(loss)
    session.close(ConnectionClosedError("closed"))


def _settle(turn: OpenTurn) -> None:
    if turn.over:
        with suppress(AppServerError):
            result = turn.result()
            repr(result)
            outcome(result)
            result.raise_for_status()


def watch_items(data: bytes) -> None:
    """The items of a turn can be followed and shown."""
    views = ItemViews()
    for message in _receive(data):
        if isinstance(message, Event):
            told = _typed.notification(message)
            with suppress(AppServerError):
                assert isinstance(views.take_text(told), str)
                view = views.take(told)
                if view is not None:
                    "".join([view.text, view.status, view.delta, headline(view), *lines_of(view), repr(view)])


SUBJECTS = {
    "messages": Subject(_lines, read_messages),
    "noise": Subject(lambda: changed_bytes([b"\n".join(map(msgspec.json.encode, _spoken()))]), read_messages),
    "session": Subject(lambda: changed_lines(_spoken(), lines_max=8), live_through),
    "items": Subject(lambda: changed_lines(_spoken(), lines_max=8), watch_items),
}
