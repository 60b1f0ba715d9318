"""What can go wrong, by whose turn it is to act; the exit code belongs to the class.

ToolkitError
├── CheckFailed          1  a wheel, payload or release is not what it says
├── UsageProblem         2  the command's arguments or inputs must change
│   ├── DataProblem      2  a file under platforms/ must change
│   └── PayloadRefused   2  the given executable, directory or archive cannot be staged
├── NetworkFailed        3  the network or the registry failed: worth a retry
├── IntegrityFailed      4  bytes differ from what the lock or the registry promised
└── IndexConflict        5  a package index holds something else under a name or version of this release
"""

from collections.abc import Sequence

_LISTED = 10


class ToolkitError(Exception):
    """Base of all errors of this toolkit.

    Args:
        message: what happened, with the value that was met.
        fix: what to do next, as a sentence or a command; empty when the message says it.
    """

    exit_code = 1

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the fix, so that an error crosses process borders whole."""
        return (_rebuild, (type(self), self.message, self.fix))


class CheckFailed(ToolkitError):
    """A wheel, payload or release is not what it says."""

    exit_code = 1


class UsageProblem(ToolkitError):
    """The command's arguments or inputs must change."""

    exit_code = 2


class DataProblem(UsageProblem):
    """A file under `platforms/` must change; the message names file and key."""


class PayloadRefused(UsageProblem):
    """The given executable, directory or archive cannot be staged."""


class NetworkFailed(ToolkitError):
    """The network or the registry failed; the same command may succeed later."""

    exit_code = 3


class IntegrityFailed(ToolkitError):
    """Bytes differ from what the lock or the registry promised."""

    exit_code = 4


class IndexConflict(ToolkitError):
    """A package index holds something else under a name or version of this release; nothing overwrites it."""

    exit_code = 5


def listed(names: Sequence[str]) -> str:
    """The first names, and how many there are beside: enough to see what is meant."""
    shown = ", ".join(names[:_LISTED])
    return shown if len(names) <= _LISTED else f"{shown} and {len(names) - _LISTED} more"


def _rebuild(kind: type[ToolkitError], message: str, fix: str) -> ToolkitError:
    return kind(message, fix=fix)
