"""`python -m codex_app_server run`: one turn, shown as it goes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ._views import JsonView, PlainView
from .codex import Codex
from .config import AppServerConfig
from .errors import AppServerError, ConnectionClosedError
from .policies import accept_all, ask_on_terminal, decline_all

if TYPE_CHECKING:
    from argparse import Namespace

    from ._decisions import Decision
    from ._views import View
    from .approvals import ApprovalRequest, Policy
    from .turn import Turn

COMPLETED, FAILED, INTERRUPTED = 0, 1, 130
STOP_SECONDS = 5.0


def run(options: Namespace) -> int:
    """Run the turn; the exit status."""
    view = _choose_view(options.view)
    prompt = sys.stdin.read() if options.prompt == "-" else options.prompt
    config = AppServerConfig(codex_bin=options.codex_bin, cwd=options.cwd, turn_timeout_seconds=options.timeout)
    with Codex(config, approvals=_choose_policy(options.approve, view)) as codex:
        thread = codex.thread_start(
            cwd=options.cwd,
            model=options.model,
            sandbox=options.sandbox,
            approval_policy="never" if options.approve == "never" else "on-request",
        )
        return _follow(thread.turn(prompt), view)


def _follow(turn: Turn, view: View) -> int:
    try:
        view.follow(turn)
        result = turn.run()
    except KeyboardInterrupt:
        _stop(turn)
        try:
            view.follow(turn, STOP_SECONDS)
        except AppServerError:  # closing the connection is what is left
            return INTERRUPTED
        result = turn.run()
    except ConnectionClosedError:  # it is over with the server
        raise
    except BaseException:  # a deadline, or a closed pipe: nobody watches the turn any more
        _stop(turn)
        raise
    view.end(result)
    return {"completed": COMPLETED, "interrupted": INTERRUPTED}.get(result.status, FAILED)


def _stop(turn: Turn) -> None:
    try:
        turn.interrupt(timeout_seconds=STOP_SECONDS)
    except AppServerError as error:
        sys.stderr.write(f"{error}\n")


def _choose_view(name: str) -> View:
    if name == "json":
        return JsonView(sys.stdout)
    if name == "live" or (name == "auto" and sys.stdout.isatty() and _has_rich()):
        from ._live import LiveView, new_console  # noqa: PLC0415 - an extra

        return LiveView(new_console())
    return PlainView(sys.stdout, sys.stderr)


def _has_rich() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - only for a terminal

    return find_spec("rich") is not None


def _choose_policy(name: str, view: View) -> Policy:
    def ask(request: ApprovalRequest) -> Decision | None:
        with view.pause():
            return ask_on_terminal(request)

    return {"ask": ask, "never": decline_all, "always": accept_all}[name]
