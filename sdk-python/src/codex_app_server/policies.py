"""Policies: ready-made answers to what the server wants to have approved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from ._commands import plain_words, program_of
from ._decisions import Decision
from .errors import UsageError
from .generated import methods as m

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .approvals import ApprovalRequest, AsyncPolicy, Policy


def decline_all(request: ApprovalRequest) -> Decision:  # noqa: ARG001 - a policy's signature
    """Decline everything, as happens without a policy, only without the warning."""
    return Decision.decline


def accept_all(request: ApprovalRequest) -> Decision:  # noqa: ARG001 - a policy's signature
    """Accept everything.

    This lets the model, and whoever gets a text in front of it, run any command and change any file that the server's
    user can, outside the sandbox as well: use it only in a place that holds nothing to lose and no secrets to leak.
    """
    return Decision.accept


def accept_for_session(request: ApprovalRequest) -> Decision:  # noqa: ARG001 - a policy's signature
    """Accept everything, and have the server not ask again for the same; risks what `accept_all` does."""
    return Decision.accept_for_session


def ask_on_terminal(request: ApprovalRequest) -> Decision | None:
    """Ask whoever sits at the terminal; without one, decline and log that.

    It reads standard input and writes to standard error. Control characters of the model's are shown escaped, and what
    was typed before the question does not count as an answer.
    """
    from ._terminal import ask, terminal  # noqa: PLC0415 - only who asks needs it

    return ask(request, *terminal())


@overload
def allow_commands(prefixes: Iterable[Sequence[str]], *, otherwise: Policy = ...) -> Policy: ...
@overload
def allow_commands(prefixes: Iterable[Sequence[str]], *, otherwise: AsyncPolicy) -> AsyncPolicy: ...
def allow_commands(prefixes: Iterable[Sequence[str]], *, otherwise: AsyncPolicy = decline_all) -> AsyncPolicy:
    """Accept the commands whose arguments begin, word for word, with one of `prefixes`; leave all else to `otherwise`.

    `allow_commands([["git", "status"], ["ls"]])` accepts `ls -l`, and neither `git stash` nor `lsof`. What follows the
    prefix is the model's choice, so do not allow a program that can be told to run others, such as `find` or `env`.
    A command line that does more than to run one program (operators, redirections, substitutions, variables, globs),
    a shell that is not one of the system's, and PowerShell are never accepted here.

    Args:
        prefixes: the program and its first arguments, each a list of words or a text such as "git status".
        otherwise: decides on all other requests.

    Raises:
        UsageError: a prefix is empty, or a text that is more than words.
    """
    allowed = [_prefix(prefix) for prefix in prefixes]

    def policy(request: ApprovalRequest) -> Any:  # noqa: ANN401 - what `otherwise` gives
        words = _program(request)
        if words is not None and any(words[: len(prefix)] == prefix for prefix in allowed):
            return Decision.accept
        return otherwise(request)

    return policy


def _prefix(prefix: Sequence[str]) -> list[str]:
    words = plain_words(prefix) if isinstance(prefix, str) else list(prefix)
    if not words or not all(isinstance(word, str) for word in words) or not words[0]:
        raise UsageError(f"allow_commands: {prefix!r} is no beginning of a command; write ['git', 'status']")
    return words


def _program(request: ApprovalRequest) -> list[str] | None:
    """The arguments of the program that is asked for, None when it is about more than to run it here."""
    params = request.request.params
    if request.kind != "command" or request.command is None:
        return None
    if request.request.method == m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL.name and (
        params.kind != "command"  # input for a program that runs already
        or params.network_approval_context is not None
        or params.additional_permissions is not None
        or params.environment_id not in {None, "local"}
    ):
        return None
    return program_of(request.command)
