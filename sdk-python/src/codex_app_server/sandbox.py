"""What the model's commands may touch, and when the server asks before it runs them."""

from __future__ import annotations

import ntpath
import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    from .generated import v2_all as t

READ_ONLY: Final = "read-only"
WORKSPACE_WRITE: Final = "workspace-write"
DANGER_FULL_ACCESS: Final = "danger-full-access"
EXTERNAL: Final = "external"
TABLE = "sandbox_workspace_write"
"""The table of the server's configuration that says more about a sandbox than a thread's mode can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """What commands may touch: for `sandbox` of a thread, and for `sandbox_policy` of a turn and of `command/exec`.

    Attributes:
        mode: how much may be written.
        network: whether commands have the network.
        writable_roots: absolute paths of directories that may be written beside the thread's own.
        slash_tmp: whether `/tmp` may be written.
        tmpdir: whether what `TMPDIR` names may be written.
    """

    mode: Literal["read-only", "workspace-write", "danger-full-access", "external"]
    network: bool = False
    writable_roots: tuple[str, ...] = ()
    slash_tmp: bool = False
    tmpdir: bool = False

    @classmethod
    def read_only(cls, *, network: bool = False) -> Sandbox:
        """All may be read, nothing written."""
        return cls(mode=READ_ONLY, network=network)

    @classmethod
    def workspace_write(
        cls,
        *,
        writable_roots: Iterable[str | PathLike[str]] = (),
        network: bool = False,
        slash_tmp: bool = True,
        tmpdir: bool = True,
    ) -> Sandbox:
        """The thread's directory may be written, and what is named beside it; the arguments are the attributes.

        Raises:
            UsageError: a root is a relative path.
        """
        if isinstance(writable_roots, str):
            raise UsageError(f"writable_roots is a text, {writable_roots!r}; write a list of texts")
        roots = tuple(os.fspath(root) for root in writable_roots)
        for root in roots:
            # The server may run on another system than this one.
            if not posixpath.isabs(root) and not ntpath.isabs(root):
                raise UsageError(f"the writable root {root!r} is a relative path; make it absolute")
        return cls(mode=WORKSPACE_WRITE, network=network, writable_roots=roots, slash_tmp=slash_tmp, tmpdir=tmpdir)

    @classmethod
    def danger_full_access(cls) -> Sandbox:
        """No sandbox: a command can do all that the server's user can."""
        return cls(mode=DANGER_FULL_ACCESS, network=True)

    @classmethod
    def external(cls, *, network: bool = False) -> Sandbox:
        """No sandbox of the server's, for it runs in one already; `network` only states what that one allows."""
        return cls(mode=EXTERNAL, network=network)

    @property
    def policy(self) -> t.SandboxPolicy:
        """The wire's form, as turns and `command/exec` take it."""
        from .generated import v2_all as t  # noqa: PLC0415 - the types are built when they are used

        match self.mode:
            case "read-only":
                return t.ReadOnlySandboxPolicy(network_access=self.network)
            case "workspace-write":
                return t.WorkspaceWriteSandboxPolicy(
                    writable_roots=[*self.writable_roots],
                    network_access=self.network,
                    exclude_slash_tmp=not self.slash_tmp,
                    exclude_tmpdir_env_var=not self.tmpdir,
                )
            case "danger-full-access":
                return t.DangerFullAccessSandboxPolicy()
            case "external":
                return t.ExternalSandboxSandboxPolicy(network_access="enabled" if self.network else "restricted")

    def start_options(self, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The wire's form as threads take it: `sandbox`, which is a mode, and `config` with all that a mode cannot say.

        Args:
            config: settings of the thread to add to.

        Raises:
            UsageError: only a turn can have such a sandbox, or `config` speaks of it as well.
        """
        if self.mode == EXTERNAL or (self.mode == READ_ONLY and self.network):
            what = "an external sandbox" if self.mode == EXTERNAL else "a read-only sandbox with the network"
            raise UsageError(f"a thread cannot start with {what}; give it to its turns, as sandbox_policy")
        if self.mode != WORKSPACE_WRITE:
            return {"sandbox": self.mode}
        if any(key.partition(".")[0] == TABLE for key in config or ()):
            raise UsageError(f"both sandbox and config[{TABLE!r}] are given; put all into the one or the other")
        table = {
            "writable_roots": [*self.writable_roots],
            "network_access": self.network,
            "exclude_slash_tmp": not self.slash_tmp,
            "exclude_tmpdir_env_var": not self.tmpdir,
        }
        return {"sandbox": self.mode, "config": {**(config or {}), TABLE: table}}


class ApprovalPolicy:
    """When the server asks before it does something: values for `approval_policy` of a thread or a turn."""

    UNTRUSTED: Final = "untrusted"
    """Before each command that is not known to be harmless."""
    ON_REQUEST: Final = "on-request"
    """When the model asks for more than the sandbox allows."""
    NEVER: Final = "never"
    """Not at all: what the sandbox does not allow fails."""

    @staticmethod
    def granular(
        *,
        sandbox_approval: bool = False,
        rules: bool = False,
        mcp_elicitations: bool = False,
        request_permissions: bool = False,
        skill_approval: bool = False,
    ) -> t.AskForApprovalObject:
        """For some reasons only; what is left out is refused without asking."""
        from .generated import v2_all as t  # noqa: PLC0415 - the types are built when they are used

        reasons = t.GranularAskForApproval(
            sandbox_approval=sandbox_approval,
            rules=rules,
            mcp_elicitations=mcp_elicitations,
            request_permissions=request_permissions,
            skill_approval=skill_approval,
        )
        return t.AskForApprovalObject(granular=reasons)
