"""Decisions on approvals, and the words that the wire has for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COMMANDS = "acceptWithExecpolicyAmendment"
NETWORK = "applyNetworkPolicyAmendment"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to say to a request for approval; the constants are all that most programs need.

    Attributes:
        kind: the wire's word, such as "acceptForSession".
        amendment: what holds from now on: the beginning of a command, or (host, "allow" or "deny"). A request offers
            the ones that it takes.
        accept: do it, this once.
        accept_for_session: do it, and do not ask again for the same in this session.
        decline: do not do it; the model is told, and the turn goes on.
        cancel: do not do it, and interrupt the turn.
    """

    kind: str
    amendment: tuple[str, ...] = ()

    accept: ClassVar[Decision]
    accept_for_session: ClassVar[Decision]
    decline: ClassVar[Decision]
    cancel: ClassVar[Decision]

    @classmethod
    def accept_commands(cls, prefix: Sequence[str]) -> Decision:
        """Do it, and never ask for a command that begins so: the server keeps that in its home, for all threads."""
        return cls(COMMANDS, tuple(prefix))

    @classmethod
    def network_rule(cls, host: str, action: Literal["allow", "deny"]) -> Decision:
        """Allow or deny the host, now and from now on."""
        return cls(NETWORK, (host, action))


Decision.accept = Decision("accept")
Decision.accept_for_session = Decision("acceptForSession")
Decision.decline = Decision("decline")
Decision.cancel = Decision("cancel")

PLAIN = (Decision.accept, Decision.accept_for_session, Decision.decline, Decision.cancel)

# The words of older servers.
_OLD: dict[str, Any] = {
    "accept": "approved",
    "acceptForSession": "approved_for_session",
    "decline": {"denied": {"rejection": "declined"}},
    "cancel": "abort",
}


def to_wire(decision: Decision, *, old: bool = False) -> Any:  # noqa: ANN401 - a word or an object
    """The wire's form of a decision.

    Args:
        decision: any.
        old: whether for a method of older servers.
    """
    if decision.kind == COMMANDS:
        prefix = list(decision.amendment)
        if old:
            return {"approved_execpolicy_amendment": {"proposed_execpolicy_amendment": prefix}}
        return {COMMANDS: {"execpolicy_amendment": prefix}}
    if decision.kind == NETWORK:
        host, action = decision.amendment
        rule = {"network_policy_amendment": {"host": host, "action": action}}
        return {"network_policy_amendment": rule} if old else {NETWORK: rule}
    return _OLD.get(decision.kind, decision.kind) if old else decision.kind


def from_wire(offered: Iterable[Any]) -> tuple[Decision, ...]:
    """The decisions that a request offers; those of a newer server that have no form here are left out."""
    decisions = []
    for each in offered:
        commands = getattr(each, "accept_with_execpolicy_amendment", None)
        network = getattr(each, "apply_network_policy_amendment", None)
        if isinstance(each, str):
            decisions.append(Decision(each))
        elif commands is not None:
            decisions.append(Decision.accept_commands(commands.execpolicy_amendment))
        elif network is not None:
            rule = network.network_policy_amendment
            decisions.append(Decision.network_rule(rule.host, rule.action))
    return tuple(decisions)
