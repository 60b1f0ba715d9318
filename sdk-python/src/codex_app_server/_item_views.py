"""Notifications of one turn -> its items, each growing. No I/O, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._item_text import BREAK, DELTAS, text_of, text_of_changes
from ._wire import Unknown

if TYPE_CHECKING:
    from ._typed import Notification


_PROGRESS = {"item/mcpToolCall/progress": "mcpToolCall", "item/fileChange/patchUpdated": "fileChange"}


class ItemView:
    """One item of a turn as it grows: a message, a command, a change of files, ...

    A view lives: the next step of its item changes it.

    Attributes:
        id: the item's.
        type: such as "agentMessage", "reasoning", "commandExecution" or "fileChange".
        item: the item as the server started it, and once `completed` as it ended; None when its start was missed.
        delta: what this step added to `text`; often nothing.
        completed: whether this step was its last.
    """

    __slots__ = ("_part", "_pieces", "completed", "delta", "id", "item", "type")

    def __init__(self, item_id: str, kind: str) -> None:
        self.id = item_id
        self.type = kind
        self.item: Any = None
        self.delta = ""
        self.completed = False
        self._pieces: list[str] = []
        self._part: int | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.type} {self.id!r}, {self.status})"

    @property
    def text(self) -> str:
        """What it says so far: a message, a summary of reasoning, a command's output, a diff; nothing for some."""
        if len(self._pieces) > 1:
            self._pieces[:] = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    @property
    def status(self) -> str:
        """The server's word, such as "inProgress", "completed", "failed" or "declined"."""
        told = getattr(self.item, "status", None)
        if isinstance(told, str):
            return told
        return "completed" if self.completed else "inProgress"

    # What follows is for `ItemViews`.

    def grow(self, delta: str, part: int | None = None) -> None:
        """Add `delta`, as a new paragraph when it belongs to another `part`."""
        if part != self._part:
            delta = BREAK + delta if self._pieces else delta
            self._part = part
        self.delta = delta
        self._pieces.append(delta)

    def become(self, text: str | None, *, seamless: bool) -> None:
        """Have exactly `text`, unless it is None; the step is what that adds, if nothing but the end was missing.

        Args:
            text: all of it.
            seamless: whether no piece has gone to another reader.
        """
        shown, self.delta = self.text, ""
        if text is not None and text != shown:
            self.delta = text[len(shown) :] if seamless and text.startswith(shown) else ""
            self._pieces[:] = [text]


class ItemViews:
    """The items of one turn, for one reader of it, who may pause and go on."""

    def __init__(self) -> None:
        self._open: dict[str, ItemView] = {}
        self._from_start = False
        self._speaking: ItemView | None = None

    def take(self, notification: Notification[Any]) -> ItemView | None:
        """The item whose step this is; None when it tells of none."""
        method, params = notification.method, notification.params
        if isinstance(params, Unknown):
            return None
        if (known := DELTAS.get(method)) is not None:
            kind, number = known
            if not _are_texts(params.item_id, params.delta):
                return None
            view = self._open.get(params.item_id) or self._begin(params.item_id, kind)
            view.grow(params.delta, None if number is None else getattr(params, number))
            return view
        if method in {"item/started", "item/completed"}:
            return self._update(params.item, completed=method == "item/completed")
        if method == "turn/started":
            self._from_start = True
        return self._progress(method, params)

    def take_text(self, notification: Notification[Any]) -> str:
        """What this adds to all that the agent says; an empty line stands before each message but the first."""
        view = self.take(notification)
        if view is None or not view.delta or view.type != "agentMessage":
            return ""
        if view is self._speaking:
            return view.delta
        first, self._speaking = self._speaking is None, view
        return view.delta if first else BREAK + view.delta

    def _progress(self, method: str, params: Any) -> ItemView | None:  # noqa: ANN401 - of some notification
        kind = _PROGRESS.get(method)
        if kind is None or not _are_texts(params.item_id, getattr(params, "message", "")):
            return None
        view = self._open.get(params.item_id) or self._begin(params.item_id, kind)
        if kind == "fileChange":
            view.become(text_of_changes(params.changes), seamless=True)
        else:
            view.grow(params.message + "\n")
        return view

    def _begin(self, item_id: str, kind: str) -> ItemView:
        view = self._open[item_id] = ItemView(item_id, kind)
        return view

    def _update(self, item: Any, *, completed: bool) -> ItemView | None:  # noqa: ANN401 - any item, also of a newer server
        item_id = _id_of(item)
        kind: Any = getattr(item, "type", None)
        if not _are_texts(item_id, kind):
            return None
        view = self._open.get(item_id)
        if view is not None and (view.type != kind or (view.item is not None and not completed)):
            view = None  # a message that is cut short has no end, and the next one may have its id
        seamless = self._from_start or not completed or (view is not None and view.item is not None)
        view = view or self._begin(item_id, kind)
        view.item = item
        view.become(text_of(item), seamless=seamless)
        if completed:
            view.completed = True
            del self._open[item_id]
        return view


def _id_of(item: Any) -> Any:  # noqa: ANN401 - any item, and any value where the server is of another version
    if isinstance(item, Unknown):
        return item.raw.get("id", "") if isinstance(item.raw, dict) else None
    return getattr(item, "id", None)


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)
