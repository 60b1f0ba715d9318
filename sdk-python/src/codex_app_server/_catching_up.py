"""What has happened in turns while there was no connection, out of the record of their thread. No I/O, no clock.

The answer to `thread/resume` tells of each turn its status and the items that are complete. What was not heard of is
told again as the events that it would have been; the text of the deltas is in the items.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ._protocol import UNDECODABLE, Event, encode_notification
from ._turns import END, ITEM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._turns import OpenTurn

RUNNING = "inProgress"


class _Item(msgspec.Struct):
    id: str | None = None
    completed_at: int | None = msgspec.field(default=None, name="completedAtMs")


class _Turn(msgspec.Struct):
    id: str
    status: str
    items: list[msgspec.Raw] = []


class _Thread(msgspec.Struct):
    id: str
    turns: list[msgspec.Raw] = []


class _Result(msgspec.Struct):
    thread: _Thread


class _Answer(msgspec.Struct):
    result: _Result


class _Params(msgspec.Struct):
    item: _Item


class _Completion(msgspec.Struct):
    params: _Params


class Missed(NamedTuple):
    """What was missed of a turn that is known here."""

    turn_id: str
    events: list[Event]


def missed(line: bytes, turns: Mapping[str, OpenTurn]) -> Iterator[Missed]:
    """What an answer tells of `turns`, if it is one to `thread/resume`; nothing of those that it does not know."""
    try:
        thread = msgspec.json.decode(line, type=_Answer).result.thread
        for raw in thread.turns:
            told = msgspec.json.decode(raw, type=_Turn)
            if told.id in turns:
                yield Missed(told.id, _events(thread.id, told, raw, turns[told.id]))
    except UNDECODABLE:
        return  # a server that tells it in another way; what is not told of counts as lost


def _events(thread_id: str, told: _Turn, raw: msgspec.Raw, turn: OpenTurn) -> list[Event]:
    over = told.status != RUNNING
    heard = Counter(_completed_id(event) for event in turn.record if event.method == ITEM)
    of = {"threadId": thread_id, "turnId": told.id}
    events = []
    for each in told.items:
        item = msgspec.json.decode(each, type=_Item)
        if heard[item.id]:
            heard[item.id] -= 1
        elif over or item.completed_at is not None:
            events.append(_event(ITEM, told.id, {**of, "item": each, "completedAtMs": item.completed_at or 0}))
    if over:
        events.append(_event(END, told.id, {"threadId": thread_id, "turn": raw}))
    return events


def _event(method: str, turn_id: str, params: object) -> Event:
    return Event(method, encode_notification(method, params).rstrip(b"\n"), turn_id)


def _completed_id(event: Event) -> str | None:
    return msgspec.json.decode(event.line, type=_Completion).params.item.id
