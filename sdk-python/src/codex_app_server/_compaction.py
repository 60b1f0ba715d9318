"""Which turn a compaction is: the answer to its request does not tell, and a turn that runs makes way for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ._protocol import UNDECODABLE
from ._sequel import Sequel

if TYPE_CHECKING:
    from ._protocol import Event

STARTED = "turn/started"
ITEM = "item/started"
KIND = "contextCompaction"


class _Item(msgspec.Struct, gc=False):
    type: str | None = None


class _Params(msgspec.Struct, gc=False):
    thread_id: str | None = msgspec.field(default=None, name="threadId")
    item: _Item | None = None


class _Line(msgspec.Struct, gc=False):
    params: _Params | None = None


_read = msgspec.json.Decoder(_Line).decode


def compaction(thread_id: str) -> Sequel[str]:
    """The id of the turn in which the thread is compacted.

    A turn of the model's may be compacted on its way as well, but that one has started before the request.
    """
    started: set[str] = set()

    def find(_answer: bytes, event: Event) -> str | None:
        try:
            params = _read(event.line).params
        except UNDECODABLE:
            return None
        if params is None or params.thread_id != thread_id or event.turn_id is None:
            return None
        if event.method == STARTED:
            started.add(event.turn_id)
        elif event.turn_id in started and params.item is not None and params.item.type == KIND:
            return event.turn_id
        return None

    return Sequel(frozenset({STARTED, ITEM}), find)
