"""What there is to read in each type of item. No I/O, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BREAK = "\n\n"
"""Between two paragraphs."""

# Notifications that bring text piece by piece: the type of their item, and what numbers its paragraphs.
DELTAS: dict[str, tuple[str, str | None]] = {
    "item/agentMessage/delta": ("agentMessage", None),
    "item/plan/delta": ("plan", None),
    "item/reasoning/summaryTextDelta": ("reasoning", "summary_index"),
    "item/reasoning/textDelta": ("reasoning", "content_index"),
    "item/commandExecution/outputDelta": ("commandExecution", None),
    "item/fileChange/outputDelta": ("fileChange", None),
}


def text_of(item: Any) -> str | None:  # noqa: ANN401 - any of the items, also one of a newer server
    """All the text of `item`; None when it is no item to read, or has none yet."""
    read = _READERS.get(getattr(item, "type", ""))
    try:
        text = None if read is None else read(item)
    except (AttributeError, TypeError):  # fields of other kinds than this version's
        return None
    return text if isinstance(text, str) else None


def text_of_changes(changes: Any) -> str | None:  # noqa: ANN401 - see `text_of`
    """Each file's name and what changes in it; None when these are no changes."""
    try:
        return "\n".join(f"{getattr(change.kind, 'type', 'change')} {change.path}\n{change.diff}" for change in changes)
    except (AttributeError, TypeError):
        return None


def _answer(call: Any) -> object:  # noqa: ANN401 - see `text_of`
    if call.error is not None:
        return call.error.message
    return None if call.result is None else "\n".join(_texts(call.result.content))


def _texts(parts: Iterable[Any]) -> list[str]:
    """The texts among parts that may be structs or plain JSON."""
    found = (part.get("text") if isinstance(part, dict) else getattr(part, "text", None) for part in parts)
    return [text for text in found if isinstance(text, str)]


_READERS: dict[str, Callable[[Any], object]] = {
    "agentMessage": lambda item: item.text,
    "plan": lambda item: item.text,
    "reasoning": lambda item: BREAK.join([*item.summary, *item.content]),
    "commandExecution": lambda item: item.aggregated_output,
    "fileChange": lambda item: text_of_changes(item.changes),
    "userMessage": lambda item: "\n".join(_texts(item.content)),
    "dynamicToolCall": lambda item: "\n".join(_texts(item.content_items or ())),
    "mcpToolCall": _answer,
    "webSearch": lambda item: item.query,
}
