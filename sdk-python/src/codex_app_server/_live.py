"""A turn on a terminal, drawn with rich (extra `[cli]`): what is finished scrolls by, what grows is shown below it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ._views import headline, lines_of, outcome, visible_text
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.spinner import Spinner

    from ._item_views import ItemView
    from ._turns import TurnResult
    from .config import Deadline
    from .turn import Turn

KEPT_CHARACTERS = 4000
SHOWN_LINES = 12
OUTPUT_LINES = 20
FRAMES_PER_SECOND = 12


def new_console() -> Console:
    """The terminal.

    Raises:
        UsageError: rich is not installed.
    """
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError("the live view needs rich: pip install 'codex-app-server-sdk[cli]'") from None
    return Console(highlight=False, markup=False, emoji=False)


class LiveView:
    """Shows a turn on `console`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._growing: dict[int, tuple[ItemView, str]] = {}
        self._live: Live | None = None  # while a turn is followed
        self._turning = threading.Lock()  # a question is asked on a thread of its own, and may outlive its turn
        self._spinner: Spinner | None = None

    def follow(self, turn: Turn, timeout_seconds: Deadline = ...) -> None:
        """Show the turn as it goes, until its end; raises what `Turn.stream` does."""
        from rich.live import Live  # noqa: PLC0415 - an extra
        from rich.spinner import Spinner  # noqa: PLC0415 - an extra

        self._spinner = Spinner("dots", "", style="cyan")
        self._live = live = Live(
            console=self._console,
            get_renderable=self._draw,
            refresh_per_second=FRAMES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        try:
            with live:
                try:
                    for item in turn.events(turn_timeout_seconds=timeout_seconds):
                        self._take(item)
                finally:
                    with self._turning:
                        self._live = None
        finally:
            for item, _ in self._growing.values():  # an interrupted turn leaves them without an end
                self._print(item)
            self._growing.clear()

    def end(self, result: TurnResult) -> None:
        """Say what it came to."""
        style = {"completed": "green", "interrupted": "yellow"}.get(result.status, "bold red")
        self._console.print(outcome(result), style=style)

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Draw nothing for a while."""
        live = self._live
        if live is None:
            yield
            return
        live.stop()
        try:
            yield
        finally:
            with self._turning:
                if self._live is live:
                    live.start()

    def _take(self, item: ItemView) -> None:
        if item.completed:
            self._growing.pop(id(item), None)
            self._print(item)
        else:
            _, shown = self._growing.get(id(item), (item, ""))
            # The refreshing thread sees whole tuples and whole texts only.
            self._growing[id(item)] = item, (shown + item.delta)[-KEPT_CHARACTERS:]

    def _print(self, item: ItemView) -> None:
        if item.type != "userMessage":
            self._console.print(*_finished(item), sep="\n")

    def _draw(self) -> RenderableType:
        from rich.console import Group  # noqa: PLC0415 - an extra
        from rich.text import Text  # noqa: PLC0415 - an extra

        parts: list[RenderableType] = []
        for item, shown in list(self._growing.values()):
            if item.type not in {"agentMessage", "userMessage"}:
                parts.append(Text(headline(item), style="bold"))
            lines = Text(visible_text(shown), style="dim").wrap(self._console, self._console.width)
            parts.extend(lines[-SHOWN_LINES:])
        return Group(*parts, *([self._spinner] if self._spinner else []))


def _finished(item: ItemView) -> Iterator[RenderableType]:
    from rich.markdown import Markdown  # noqa: PLC0415 - an extra
    from rich.text import Text  # noqa: PLC0415 - an extra

    if item.type == "agentMessage":
        # A link's text may lie about where it leads, so the address is shown.
        yield Markdown(visible_text(item.text), hyperlinks=False)
        return
    first, *rest = lines_of(item)
    yield Text(first, style="bold" if item.status in {"completed", "inProgress"} else "bold red")
    for line in rest[-OUTPUT_LINES:]:
        yield Text(line, style=_colour(item, line))


def _colour(item: ItemView, line: str) -> str:
    if item.type == "fileChange":
        return {"+": "green", "-": "red"}.get(line.strip()[:1], "dim")
    return "dim"
