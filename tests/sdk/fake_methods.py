"""The methods of `tests/fake_app_server.py`, and what both client test modules need."""

import os
import select
from contextlib import contextmanager
from functools import partial
from time import monotonic

from codex_app_server import Method, NotificationMethod
from codex_app_server._patience import Patience

ECHO = Method("fake/echo", dict, dict)
LOSE = Method("fake/lose", dict, dict)
HOLD = Method("fake/hold", dict, dict)
RELEASE = Method("fake/release", dict, dict)
REFUSE = Method("fake/refuse", dict, dict)
WRITE = Method("fake/write", dict, dict)
LONG_LINE = Method("fake/long/line", dict, dict)
FLOOD = Method("fake/flood", dict, dict)
DIE = Method("fake/die", dict, dict)
NO_SUCH = Method("fake/no/such", dict, dict)
ORPHAN = Method("fake/orphan", dict, dict)
MUTE = Method("fake/mute", dict, dict)
ASK = Method("fake/ask", dict, dict)
ENVIRONMENT = Method("fake/environment", dict, dict)
NOW = Method("fake/now", dict, dict)
HELLO = NotificationMethod("fake/hello", dict)

PATIENT_TURN = Patience(None, None, 0.0)
COMMAND_APPROVAL = "item/commandExecution/requestApproval"
DELTA = {"threadId": "h", "turnId": "t", "itemId": "i", "delta": "hello you"}


def impatient(**timeouts):
    """Patience from now on."""
    return Patience(**{"turn_timeout_seconds": None, "idle_timeout_seconds": None, **timeouts}, since=monotonic())


def patience(turn, **timeouts):
    """How `read` waits for a turn."""
    return partial(impatient(**timeouts).left, turn)


def PATIENT(_since, _now):  # noqa: N802 - a constant that happens to be a function
    """Waits for ever."""


def is_gone(pid):
    """Whether a process of our own is no more, not even as a zombie."""
    if os.name == "nt":  # where `os.kill` would end it, and where there are no zombies
        return ends(pid, 0)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@contextmanager
def watched(pid):
    """Gives a function that waits for the end of a process that need not be our child; it says whether it came."""
    if os.name == "nt":
        with _watched_on_windows(pid) as ends_within:
            yield ends_within
        return
    descriptor = os.pidfd_open(pid)
    try:
        yield lambda seconds: bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


@contextmanager
def _watched_on_windows(pid):
    import _winapi

    may_wait = 0x100000  # SYNCHRONIZE
    try:
        process = _winapi.OpenProcess(may_wait, False, pid)  # noqa: FBT003 - its only way
    except OSError as error:
        raise ProcessLookupError(pid) from error
    try:
        yield lambda seconds: _winapi.WaitForSingleObject(process, int(seconds * 1000)) == _winapi.WAIT_OBJECT_0
    finally:
        _winapi.CloseHandle(process)


def ends(pid, seconds):
    """Whether a process ends in time; one that is gone has."""
    try:
        with watched(pid) as ends_within:
            return ends_within(seconds)
    except ProcessLookupError:
        return True
