"""What Windows does not have: marks for the tests that need it, each with the reason for which they are skipped."""

import os
import signal

import pytest

WINDOWS = os.name == "nt"
NO_SIGNALS = "Windows has no signals: who ends a process from outside ends it at once, and names its exit status"
NO_SCRIPTS = "Windows starts no scripts as programs"
NO_TERMINALS = "Windows has no pseudo terminals that Python can open"

SIGNALS = pytest.mark.skipif(WINDOWS, reason=NO_SIGNALS)
# Where nothing is, as messages tell it.
NOWHERE = os.path.abspath("/nowhere")  # noqa: PTH100 - there is no other way to ask for what the SDK does
# How a server that `callers.kill` has ended tells so: its exit status, and the signal.
KILLED = (signal.SIGTERM, None) if WINDOWS else (None, 9)


def script(path, *lines):
    """A program made of lines for a shell; skips the test where there is no such thing."""
    if WINDOWS:
        pytest.skip(NO_SCRIPTS)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)
    return path
