"""A turn on the screen: plain text, or one JSON object a line. What the model writes cannot steer the terminal."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from ._terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._item_views import ItemView
    from ._turns import TurnResult
    from .config import Deadline
    from .turn import Turn


class View(Protocol):
    """Shows a turn."""

    def follow(self, turn: Turn, timeout_seconds: Deadline = ...) -> None:
        """Show the turn as it goes, until its end; raises what `Turn.stream` does."""

    def end(self, result: TurnResult) -> None:
        """Say what it came to."""

    def pause(self) -> AbstractContextManager[object]:
        """Leave the terminal to somebody else for a while."""
        ...


class PlainView:
    """The agent's words on `out`, and what it does on `log`."""

    def __init__(self, out: TextIO, log: TextIO) -> None:
        self._out = out
        self._log = log
        self._speaking: ItemView | None = None

    def follow(self, turn: Turn, timeout_seconds: Deadline = ...) -> None:
        """Show the turn as it goes, until its end; raises what `Turn.stream` does."""
        for item in turn.events(turn_timeout_seconds=timeout_seconds):
            if item.type == "agentMessage":
                self._speak(item)
            elif item.type != "userMessage" and item.completed:
                self._write(self._log, "".join(f"{line}\n" for line in lines_of(item)))

    def end(self, result: TurnResult) -> None:
        """Say what it came to."""
        if self._speaking is not None:
            self._write(self._out, "\n")
        self._write(self._log, f"{outcome(result)}\n")

    def pause(self) -> AbstractContextManager[object]:
        """Nothing is drawn that would be in the way."""
        return nullcontext()

    def _speak(self, item: ItemView) -> None:
        if item.delta:
            if self._speaking not in {None, item}:
                self._write(self._out, "\n\n")
            self._speaking = item
            self._write(self._out, visible_text(item.delta))

    @staticmethod
    def _write(stream: TextIO, text: str) -> None:
        stream.write(text)
        stream.flush()


class JsonView:
    """One line for each notification, in ASCII."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def follow(self, turn: Turn, timeout_seconds: Deadline = ...) -> None:
        """Show the turn as it goes, until its end; raises what `Turn.stream` does."""
        from ._wire import encode  # noqa: PLC0415 - msgspec takes a while, and --help does without

        for each in turn.stream(turn_timeout_seconds=timeout_seconds):
            told: Any = json.loads(encode({"method": each.method, "params": each.params}))
            self._out.write(json.dumps(told) + "\n")
            self._out.flush()

    def end(self, result: TurnResult) -> None:
        """The last notification has said it."""

    def pause(self) -> AbstractContextManager[object]:
        """Nothing is drawn that would be in the way."""
        return nullcontext()


def visible_text(text: str) -> str:
    """`text` with its lines and tabs, and all else that does not print as itself escaped."""
    if text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(map(visible, line.split("\t"))) for line in lines)


def headline(item: ItemView) -> str:
    """What the item is about, in one line."""
    it: Any = item.item
    match item.type:
        case "commandExecution" if it is not None:
            told = f"$ {it.command}"
        case "fileChange" if it is not None:
            told = "changes " + ", ".join(str(getattr(change, "path", "a file")) for change in it.changes or ())
        case "mcpToolCall" if it is not None:
            told = f"calls {it.server}.{it.tool}"
        case "dynamicToolCall" if it is not None:
            told = f"calls {it.tool}"
        case "reasoning":
            told = "thinks"
        case "webSearch" if it is not None:
            told = f"searches {it.query}"
        case kind:
            told = kind
    return visible(told)


def lines_of(item: ItemView) -> Iterator[str]:
    """What is to be said of a finished item other than a message."""
    code = getattr(item.item, "exit_code", None)
    ended = f"exit {code}" if code else item.status
    yield headline(item) if ended == "completed" else f"{headline(item)} ({visible(ended)})"
    if item.type != "webSearch" and item.text:
        yield from (f"  {line}" for line in visible_text(item.text).rstrip("\n").split("\n"))


def outcome(result: TurnResult) -> str:
    """What a turn came to, in one line."""
    told = [str(result.status)]
    if result.error is not None:
        told.append(str(getattr(result.error, "message", result.error)))
    if result.duration_seconds is not None:
        told.append(f"{result.duration_seconds:.1f} s")
    tokens = getattr(getattr(result.usage, "last", None), "total_tokens", None)
    if tokens is not None:
        told.append(f"{tokens} tokens")
    return visible(" - ".join(told))
