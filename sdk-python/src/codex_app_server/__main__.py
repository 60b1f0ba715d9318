"""The command line, for a try-out and for a diagnosis: `python -m codex_app_server --help`.

Exit status: 0 the turn completed, or nothing is wrong; 1 it failed, or something is; 2 usage; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from .errors import AppServerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
MARKS = {"ok": "ok", "warning": "WARNING", "problem": "PROBLEM"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # a terminal may know fewer characters than the model
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # they are TextIOWrappers here
    try:
        status: int = options.command(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read us has gone; at its exit Python would stumble over that again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except AppServerError as error:
        from ._views import visible_text  # noqa: PLC0415 - only an error needs it

        sys.stderr.write(f"{visible_text(str(error))}\n")
        return USAGE if isinstance(error, UsageError) else FAILED
    return status


def _run(options: argparse.Namespace) -> int:
    from ._run_command import run  # noqa: PLC0415 - --help does without

    return run(options)


def _doctor(options: argparse.Namespace) -> int:
    import json  # noqa: PLC0415 - --help does without

    from msgspec import to_builtins  # noqa: PLC0415 - --help does without

    from . import doctor  # noqa: PLC0415 - --help does without
    from ._views import visible_text  # noqa: PLC0415 - --help does without
    from .config import AppServerConfig  # noqa: PLC0415 - --help does without

    diagnosis = doctor.examine(AppServerConfig(codex_bin=options.codex_bin), timeout_seconds=options.timeout)
    if options.json:
        sys.stdout.write(json.dumps({"healthy": diagnosis.healthy, **to_builtins(diagnosis)}, indent=2) + "\n")
    else:
        for finding in diagnosis.findings:
            told = visible_text(finding.summary).replace("\n", "\n    ")
            sys.stdout.write(f"{MARKS[finding.state]:8}{finding.topic}: {told}\n")
            if finding.fix:
                sys.stdout.write(f"        fix: {visible_text(finding.fix)}\n")
    return OK if diagnosis.healthy else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m codex_app_server", description="Codex, from the command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run one turn and show it as it goes")
    run.set_defaults(command=_run)
    run.add_argument("prompt", help="what to say; - reads it from standard input")
    run.add_argument("--cwd", help="where the turn works; the current directory otherwise")
    run.add_argument("--model", help="the configured one otherwise")
    run.add_argument("--sandbox", choices=["read-only", "workspace-write", "danger-full-access"])
    run.add_argument(
        "--approve",
        choices=["ask", "never", "always"],
        default="ask",
        help="what needs approval: ask on the terminal (the default; without one it is declined), decline, accept",
    )
    run.add_argument(
        "--view",
        choices=["auto", "live", "plain", "json"],
        default="auto",
        help="live needs rich (the extra [cli]) and is the default on a terminal; json is one notification per line",
    )
    run.add_argument("--json", action="store_const", const="json", dest="view", help="the same as --view json")
    run.add_argument("--timeout", type=float, metavar="SECONDS", help="for the whole turn")
    doctor = commands.add_parser("doctor", help="say what keeps turns from running, and what to do about it")
    doctor.set_defaults(command=_doctor)
    doctor.add_argument("--json", action="store_true", help="one JSON document")
    doctor.add_argument("--timeout", type=float, metavar="SECONDS", default=30.0)
    for command in (run, doctor):
        command.add_argument("--codex-bin", metavar="FILE", help="the codex executable to use")
    return parser


if __name__ == "__main__":
    sys.exit(main())
