"""What the server wants to have approved, and how a policy gets to decide on it; `policies` has some."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ._decisions import PLAIN, Decision, from_wire, to_wire
from ._requests import is_async, refuse_awaitable
from .errors import UsageError
from .generated import methods as m

if TYPE_CHECKING:
    from ._methods import ServerRequest
    from ._requests import Request

COMMAND, OLD_COMMAND = m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL, m.EXEC_COMMAND_APPROVAL
FILE_CHANGE, OLD_FILE_CHANGE = m.ITEM_FILE_CHANGE_REQUEST_APPROVAL, m.APPLY_PATCH_APPROVAL


@dataclass(frozen=True, slots=True)
class FileChange:
    """What would become of one file.

    Attributes:
        path: as the server names it.
        kind: `add`, `delete` or `update`.
        diff: a unified diff; for `add` and `delete` the file's content.
        moved_to: its new path, None when it stays.
    """

    path: str
    kind: str
    diff: str
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """Something that the server wants to have approved.

    Attributes:
        kind: whether a command is to be run or files are to be changed.
        command: the command line as the server shows it, most often that of a shell; None when there is none.
        cwd: the directory that the command is to be run in, if known.
        reason: why approval is needed, if the server says so.
        changes: the files' changes; None when they are not known, as in a turn that began before this connection.
        available_decisions: those that the server would show to a person; beside them it takes the four constants of
            `Decision`, and no other amendment.
        request: the wire's own request; its `params` have all else.
    """

    kind: Literal["command", "file_change"]
    command: str | None = None
    cwd: str | None = None
    reason: str | None = None
    changes: tuple[FileChange, ...] | None = None
    available_decisions: tuple[Decision, ...] = PLAIN
    request: Request[Any, Any]

    @property
    def thread_id(self) -> str | None:
        """The thread that asks."""
        return self.request.thread_id

    @property
    def turn_id(self) -> str | None:
        """The turn that asks; None with older servers."""
        return self.request.turn_id

    @property
    def resolved(self) -> bool:
        """Whether the server no longer waits: it has an answer, the turn ended, or the connection did."""
        return self.request.resolved

    def respond(self, decision: Decision) -> None:
        """Decide, from any thread or task; once the server no longer waits, this does nothing.

        Raises:
            UsageError: it is no decision, or an amendment that the server does not offer; the server still waits.
        """
        if not isinstance(decision, Decision):
            raise UsageError(f"{decision!r} is no Decision; give one, such as Decision.accept")
        if decision not in (*PLAIN, *self.available_decisions):
            offered = ", ".join(map(repr, self.available_decisions))
            raise UsageError(f"the server does not offer {decision!r}; it offers {offered}")
        old = self.request.method in {OLD_COMMAND.name, OLD_FILE_CHANGE.name}
        self.request.respond({"decision": to_wire(decision, old=old)})


Policy: TypeAlias = Callable[[ApprovalRequest], "Decision | None"]
"""Decides at once, or returns None and has `respond` called later."""
AsyncPolicy: TypeAlias = Callable[[ApprovalRequest], "Decision | Awaitable[Decision | None] | None"]
"""The same, maybe as a coroutine function."""


def approval_handlers(
    policy: AsyncPolicy, *, asynchronous: bool = False
) -> dict[ServerRequest[Any, Any], Callable[[Request[Any, Any]], Any]]:
    """The handlers that have `policy` decide on every kind of approval.

    Args:
        policy: any.
        asynchronous: whether what it gives can be awaited.

    Raises:
        UsageError: it cannot be called.
    """
    if not callable(policy):
        raise UsageError(f"approvals is {policy!r}; give a policy such as allow_commands([...]), or a function")

    def decide(request: Request[Any, Any]) -> Any:  # noqa: ANN401 - nothing, or an awaitable of nothing
        approval = _read(request)
        decision: Any = policy(approval)
        if hasattr(decision, "__await__"):
            return _await(approval, decision) if asynchronous else refuse_awaitable(decision)
        return None if decision is None else approval.respond(decision)

    async def decide_async(request: Request[Any, Any]) -> None:
        await decide(request)

    handler = decide_async if is_async(policy) else decide
    return dict.fromkeys((COMMAND, FILE_CHANGE, OLD_COMMAND, OLD_FILE_CHANGE), handler)


async def _await(approval: ApprovalRequest, decision: Awaitable[Decision | None]) -> None:
    decided = await decision
    if decided is not None:
        approval.respond(decided)


def _read(request: Request[Any, Any]) -> ApprovalRequest:
    params = request.params
    if request.method == COMMAND.name:
        offered = params.available_decisions
        return ApprovalRequest(
            kind="command",
            command=params.command,
            cwd=params.cwd,
            reason=params.reason,
            available_decisions=PLAIN if offered is None else from_wire(offered),
            request=request,
        )
    if request.method == OLD_COMMAND.name:
        command = shlex.join(params.command)
        return ApprovalRequest(kind="command", command=command, cwd=params.cwd, reason=params.reason, request=request)
    return ApprovalRequest(kind="file_change", reason=params.reason, changes=_changes(request), request=request)


def _changes(request: Request[Any, Any]) -> tuple[FileChange, ...] | None:
    if request.method == OLD_FILE_CHANGE.name:
        return tuple(_old_change(path, change) for path, change in request.params.file_changes.items())
    item = request.item  # the request itself only names it
    return None if item is None else tuple(_change(each) for each in item.changes)


def _change(change: Any) -> FileChange:  # noqa: ANN401 - the generated types are built when they are used
    return FileChange(change.path, change.kind.type, change.diff, getattr(change.kind, "move_path", None))


def _old_change(path: str, change: Any) -> FileChange:  # noqa: ANN401 - the same
    if change.type == "update":
        return FileChange(path, "update", change.unified_diff, change.move_path)
    return FileChange(path, change.type, change.content)
