"""Work that waits for the network, side by side in threads."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from .errors import ToolkitError
from .reporting import Reporter

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

_WAKE_SECONDS = 0.5


def in_threads(
    work: Callable[[Item], Outcome], items: Sequence[Item], *, jobs: int, reporter: Reporter
) -> list[Outcome]:
    """The outcomes of `work`, in the order of `items`, of which `jobs` are in work at once.

    Every item gets its turn, whatever happens to the others. An interruption does not wait for the running ones.

    Raises:
        ToolkitError: the gravest (by exit code) of the items' errors; the others are noted.
    """
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Outcome | None, BaseException | None]] = queue.SimpleQueue()
    for index in range(len(items)):
        todo.put(index)

    def run() -> None:
        while not todo.empty():
            try:
                index = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((index, work(items[index]), None))
            except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
                done.put((index, None, error))

    for _ in range(min(jobs, len(items))):
        threading.Thread(target=run, daemon=True).start()  # an executor's threads would hold the interpreter's exit
    outcomes: dict[int, Outcome] = {}
    errors: list[ToolkitError] = []
    for _ in items:
        index, outcome, error = _next(done)
        if isinstance(error, ToolkitError):
            errors.append(error)
        elif error is not None:
            raise error
        else:
            outcomes[index] = outcome  # type: ignore[assignment] # without an error it is an Outcome
    _raise_gravest(errors, reporter)
    return [outcomes[index] for index in range(len(items))]


def _next(done: "queue.SimpleQueue[Outcome]") -> Outcome:
    while True:
        try:
            return done.get(timeout=_WAKE_SECONDS)  # without a timeout Ctrl-C would not come through on Windows
        except queue.Empty:  # noqa: PERF203 - twice a second
            continue


def _raise_gravest(errors: list[ToolkitError], reporter: Reporter) -> None:
    if not errors:
        return
    gravest = max(errors, key=lambda error: error.exit_code)
    for error in errors:
        if error is not gravest:
            reporter.note(error.message if error.fix == gravest.fix else f"{error.message}. {error.fix}")
    raise gravest
