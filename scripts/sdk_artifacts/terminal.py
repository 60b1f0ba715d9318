"""What a person sees on stderr: bars on a terminal, a line when work starts and ends anywhere else."""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from .reporting import Advance

_PLAIN_WIDTH = 160


class _Amount(ProgressColumn):
    """How much is done, of how much, and how fast; nothing for work that is not counted."""

    def render(self, task: Task) -> Text:
        """Draw one task's amount."""
        if not task.completed:
            return Text()
        whole = f"/{task.total / 10**6:.1f}" if task.total else ""
        speed = f", {task.speed / 10**6:.0f} MB/s" if task.speed else ""
        return Text(f"{task.completed / 10**6:.1f}{whole} MB{speed}", justify="right")


class Terminal:
    """A `Reporter` on stderr. Honours NO_COLOR, CI, TERM=dumb and a stderr that is no terminal."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._console = console(stderr=True)
        self._lively = self._console.is_terminal and not os.environ.get("CI") and not self._console.is_dumb_terminal
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
            BarColumn(bar_width=30),
            _Amount(),
            TimeElapsedColumn(),
            expand=True,
            console=self._console,
            disable=quiet or not self._lively,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def cancel(self) -> None:
        """Make every running task raise KeyboardInterrupt at its next step, in whatever thread it runs."""
        self._cancelled.set()

    def note(self, text: str) -> None:
        """Say one line that stays."""
        if not self._quiet:
            self._line(text)

    def warn(self, text: str) -> None:
        """Say one line that stays, even when quiet."""
        self._line(text)

    @property
    def is_interactive(self) -> bool:
        """Whether there is somebody to ask."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def confirm(self, question: str) -> bool:
        """Whether the person at the terminal says yes."""
        self._progress.stop()  # it redraws the line on which the answer is typed
        try:
            self._console.print(f"{shown(question)} [y/N] ", end="", markup=False, highlight=False, soft_wrap=True)
            return sys.stdin.readline().strip().lower() in ("y", "yes")
        finally:
            self._progress.start()

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Show work of `total` bytes until the context ends."""
        draw = self._drawn if self._lively and not self._quiet else self._told
        with draw(label, total) as advance:
            yield advance

    @contextmanager
    def _drawn(self, label: str, total: int | None) -> Iterator[Advance]:
        bar = self._progress.add_task(shown(label), total=total)

        def advance(amount: int) -> None:
            self._check()
            self._progress.advance(bar, amount)

        try:
            yield advance
        finally:
            self._progress.remove_task(bar)

    @contextmanager
    def _told(self, label: str, total: int | None) -> Iterator[Advance]:
        started = time.monotonic()
        if not self._quiet:
            self._line(f"{label} ..." if total is None else f"{label} ({megabytes(total)}) ...")
        yield lambda _: self._check()
        if not self._quiet:
            self._line(f"{label}: {time.monotonic() - started:.1f} s")

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise KeyboardInterrupt

    def _line(self, text: str) -> None:
        with self._lock:
            self._console.print(shown(text), markup=False, highlight=False, soft_wrap=True)


@contextmanager
def interruptible(terminal: Terminal) -> Iterator[None]:
    """SIGINT and SIGTERM stop every thread at the next step of its task, and raise KeyboardInterrupt here."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        terminal.cancel()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def settle_streams() -> None:
    """Give the process standard streams that take every text: closed ones lead nowhere, narrow ones get escapes."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # and what is opened first takes the free number, so that no file of ours gets it
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for as long as we live
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def console(*, stderr: bool = False) -> Console:
    """A console for stdout or stderr that colours nothing when NO_COLOR is set and folds nothing in a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PLAIN_WIDTH
    return Console(stderr=stderr, width=width, no_color=True if os.environ.get("NO_COLOR") else None, emoji=False)


def shown(text: str) -> str:
    """The text, with whatever a terminal would obey rather than show spelled out: wheels and servers are quoted."""
    if all(line.isprintable() for line in text.split("\n")):
        return text
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in text
    )


def megabytes(size: int) -> str:
    """A size in bytes as people read it, in units of 10^6 (`142.4 MB`) or of 10^3 below that."""
    return f"{size / 10**6:.1f} MB" if size >= 10**6 else f"{size / 10**3:.1f} kB"
