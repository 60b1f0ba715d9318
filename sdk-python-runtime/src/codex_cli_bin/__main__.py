"""Run the bundled executable: the `codex` command, and `python -m codex_cli_bin`.

On POSIX the executable takes over this very process: signals, exit status, standard streams and terminal are its own.
Windows cannot do that: there it is a child that this process waits for.

All arguments are the executable's. Only `python -m codex_cli_bin --doctor` is ours; after `--`, even that one is not.
"""

import os
import sys

from . import RuntimeUnavailable, bundled_codex_path, bundled_path_dir

_NOT_FOUND, _CANNOT_RUN = 127, 126  # the exit statuses that shells have for these
_ABSENT = ("executable-missing", "frozen", "nothing-bundled", "zipimport")


def main() -> int:
    """Run the executable with this process's arguments; returns only on Windows, or when it cannot be run."""
    return _run(sys.argv[1:])


def _module(arguments: list[str]) -> int:
    if arguments[:1] == ["--doctor"]:
        from ._doctor import main as doctor  # noqa: PLC0415 - needed by nobody else

        return doctor(arguments[1:])
    if arguments[:2] == ["--", "--doctor"]:
        arguments = arguments[1:]
    return _run(arguments)


def _run(arguments: list[str]) -> int:
    try:
        path = bundled_codex_path()
        _put_first_on_path(bundled_path_dir())
        return _become([path, *arguments])
    except RuntimeUnavailable as error:
        sys.stderr.write(f"codex: {error}\n")
        return _NOT_FOUND if error.cause in _ABSENT else _CANNOT_RUN


def _put_first_on_path(directory: str | None) -> None:
    if directory is not None:
        # An empty place on PATH would be the current directory, whoever's that is.
        os.environ["PATH"] = os.pathsep.join([directory, os.environ.get("PATH") or os.defpath])


def _become(command: list[str]) -> int:
    try:
        if sys.platform == "win32":
            from ._windows import run  # noqa: PLC0415 - cannot be imported elsewhere

            return run(command)
        import signal  # noqa: PLC0415 - only this branch needs it

        # Python ignores these two for itself, and what is ignored stays so in the next program.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        os.execv(command[0], command)  # noqa: S606 - no shell is the point
    except OSError as error:
        from ._doctor import cause  # noqa: PLC0415 - nobody pays for the doctor who does not need one

        raise cause(error) from error


if __name__ == "__main__":
    sys.exit(_module(sys.argv[1:]))
