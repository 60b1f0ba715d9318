"""Asking whoever sits at the terminal."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, TextIO

from ._decisions import COMMANDS, NETWORK, Decision
from ._wire import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .approvals import ApprovalRequest

SLICE_SECONDS = 0.2
"""How soon a question goes away that needs no answer any more."""
LONGEST_CHANGE_LINES = 200
LINE_BYTES = 4096

# What else may be granted along with it.
BEYOND = {
    "additional_permissions": "with:   ",
    "network_approval_context": "network:",
    "grant_root": "and all under",
    "environment_id": "on:     ",
}

_logger = logging.getLogger("codex_app_server")
_asking = threading.Lock()  # one question at a time


def ask(request: ApprovalRequest, keyboard: TextIO | None, screen: TextIO | None) -> Decision | None:
    """What the person decides; None when that is no longer needed."""
    if keyboard is None or screen is None or not keyboard.isatty():
        _logger.warning("declined %s: there is no terminal to ask on", request.request.method)
        return Decision.decline
    choices = _choices(request)
    with _asking:
        if request.resolved:
            return None
        _forget_keystrokes(keyboard)
        screen.write("\n".join([*described(request), *(f"  [{key}] {told}" for key, (_, told) in choices.items()), ""]))
        while True:
            screen.write("> ")
            screen.flush()
            line = _read_line(keyboard, request)
            if line is None:
                screen.write("\n(no longer needed)\n" if request.resolved else "\n")
                return None if request.resolved else Decision.decline
            if line.strip().lower() in choices:
                return choices[line.strip().lower()][0]


def described(request: ApprovalRequest) -> Iterator[str]:
    """The lines that say what is asked for; nothing in them can move the cursor or pass for another line."""
    params = request.request.params
    what = "run a command" if request.kind == "command" else "change files"
    yield ""
    yield "The model wants to " + ("write to a command that runs:" if _is_input(params) else f"{what}:")
    if request.command is not None:
        yield f"  command: {visible(request.command)}"
    if request.cwd is not None:
        yield f"  in:      {visible(request.cwd)}"
    if request.reason is not None:
        yield f"  reason:  {visible(request.reason)}"
    for name, told in BEYOND.items():
        if getattr(params, name, None) is not None:
            yield f"  {told} {visible(encode(getattr(params, name)).decode())}"
    if request.kind == "file_change" and request.changes is None:
        yield "  (what would change is not known)"
    for change in request.changes or ():
        moved = "" if change.moved_to is None else f" -> {visible(change.moved_to)}"
        yield f"  {visible(change.kind)} {visible(change.path)}{moved}"
        lines = change.diff.splitlines()
        yield from (f"    | {visible(line)}" for line in lines[:LONGEST_CHANGE_LINES])
        if len(lines) > LONGEST_CHANGE_LINES:
            yield f"    ({len(lines) - LONGEST_CHANGE_LINES} more lines)"


def _is_input(params: Any) -> bool:  # noqa: ANN401 - the params of several methods
    return getattr(params, "kind", None) == "writeStdin"


def visible(text: str) -> str:
    """The text with everything that does not print as itself escaped."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _choices(request: ApprovalRequest) -> dict[str, tuple[Decision, str]]:
    choices = {
        "y": (Decision.accept, "yes, this once"),
        "s": (Decision.accept_for_session, "yes, and do not ask again for the same in this session"),
        "n": (Decision.decline, "no, and go on"),
        "c": (Decision.cancel, "no, and interrupt the turn"),
    }
    amendments = [each for each in request.available_decisions if each.kind in {COMMANDS, NETWORK}]
    for number, each in enumerate(amendments, start=1):
        what = visible(" ".join(each.amendment))
        told = f"from now on run what begins with: {what}" if each.kind == COMMANDS else f"from now on: {what}"
        choices[str(number)] = (each, told)
    return choices


def _read_line(keyboard: TextIO, request: ApprovalRequest) -> str | None:
    """What is typed next; None at the end of input, or when no answer is needed any more."""
    if os.name == "nt":  # the console cannot be waited for
        return keyboard.readline() or None
    from select import select  # noqa: PLC0415 - only who is asked needs it

    while not select([keyboard], [], [], SLICE_SECONDS)[0]:
        if request.resolved:
            return None
    return os.read(keyboard.fileno(), LINE_BYTES).decode(errors="replace") or None


def _forget_keystrokes(keyboard: TextIO) -> None:
    """What was typed before the question is no answer to it."""
    if os.name == "nt":
        from msvcrt import getwch, kbhit  # type: ignore[attr-defined] # noqa: PLC0415 - only who is asked needs it

        while kbhit():
            getwch()
    else:
        from termios import TCIFLUSH, tcflush  # noqa: PLC0415 - only who is asked needs it

        tcflush(keyboard, TCIFLUSH)


def terminal() -> tuple[TextIO | None, TextIO | None]:
    """Where to read and where to write; what a program prints itself may go elsewhere."""
    return sys.stdin, sys.stderr
