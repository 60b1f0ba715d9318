"""How every command runs, prints and exits.

Exit codes: 0 fine, 1 a check failed, 2 usage, 3 network (worth a retry), 4 integrity, 5 conflict, 130 interrupted.
"""

import errno
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import msgspec

from ..errors import ToolkitError
from ..terminal import Terminal, console, interruptible, settle_streams, shown

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Result:
    """What a command answers: `value` for --json, `text` (a string or anything rich prints) for people."""

    value: object
    text: object
    passed: bool = True


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    settle_streams()
    try:
        return int(commands.main(arguments, prog_name="update_sdk_artifacts.py", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ToolkitError as error:
        return _failed(error.message, error.fix, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _failed("interrupted", "run the same command again to go on", INTERRUPTED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fix = "free space where the output goes" if error.errno == errno.ENOSPC else "see to that file or directory"
        return _failed(f"{where}{error.strerror or error}", f"{fix}, and run the same command again", 1)


def _failed(message: str, fix: str, code: int) -> int:
    say = functools.partial(console(stderr=True).print, markup=False, highlight=False, soft_wrap=True)
    say(shown(f"error: {message}"))
    if fix:
        say(shown(f"  fix: {fix}"))
    return code


def command(name: str, summary: str) -> Callable[[Callable[..., Result]], click.Command]:
    """Register a function as a command: it gets a `reporter`, and its Result is printed as --json asks."""

    def register(function: Callable[..., Result]) -> click.Command:
        @commands.command(name, short_help=summary)
        @click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document.")
        @click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on stderr.")
        @functools.wraps(function)
        def run(*, as_json: bool, quiet: bool, **given: Any) -> int:
            with Terminal(quiet=quiet) as terminal, interruptible(terminal):
                result = function(reporter=terminal, **given)
            if as_json:
                click.echo(msgspec.json.format(msgspec.json.encode(result.value, enc_hook=str), indent=2))
            elif result.text:
                text = shown(result.text) if isinstance(result.text, str) else result.text
                console().print(text, markup=False, highlight=False, soft_wrap=isinstance(text, str))
            return 0 if result.passed else 1

        return run

    return register


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def commands() -> None:
    """Take prebuilt codex payloads to a complete, proven set of wheels.

    The whole way is `release`, after `pin` once per runtime version; its steps are commands, too: `fetch`,
    `stage-runtime`, `build` and `verify`, and for the SDK `stage-sdk`. `publish` takes the release to an index.
    Results go to stdout, progress to stderr.

    Exit codes: 0 fine, 1 a check failed, 2 usage, 3 network (worth a retry), 4 integrity, 5 conflict, 130 interrupted.
    """
