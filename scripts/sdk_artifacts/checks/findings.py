"""What a check says: findings, each with the rule it is about, and the outcome that follows from them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from ..errors import ToolkitError
from ..lock import Lock
from ..targets import Target
from ..targets import Wheel as TargetWheel
from ..wheels import Wheel
from ..wheels.name import FileName

Level = Literal["error", "warning", "note"]
Status = Literal["passed", "failed", "not applicable"]

SHOWN_FINDINGS = 50


class Finding(msgspec.Struct, frozen=True):
    """One thing that was found; `right` says what would be right, `member` where, both empty when it is plain."""

    level: Level
    message: str
    member: str = ""
    right: str = ""


class CheckResult(msgspec.Struct, frozen=True):
    """The outcome of one check.

    Attributes:
        reason: what was compared, or why nothing could be.
        ran: what of the wheel was run on this machine, as a person would type it; empty when nothing was.
    """

    name: str
    status: Status
    reason: str
    findings: tuple[Finding, ...] = ()
    ran: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a wheel is held against.

    Attributes:
        targets: those of this repository, by triple.
        lock: the pin, None when there is none.
        deep: whether signatures are verified and not only looked for.
        kept: native files of the wheel that were unpacked, by member.
        run: whether the executable may run though its bytes are not the lock's.
    """

    targets: Mapping[str, Target]
    lock: Lock | None
    deep: bool = False
    kept: Mapping[str, Path] = field(default_factory=dict)
    run: bool = False

    def identity(self, name: FileName | None) -> tuple[Target, TargetWheel] | None:
        """Which wheel of which target a file name claims to be; tags are unique over all targets."""
        tags = {*name.platforms} if name else None
        for target in self.targets.values():
            for candidate in target.wheels:
                if tags == {*candidate.tags}:
                    return target, candidate
        return None


Part = Callable[[Wheel, Question], Iterable[Finding]]


def collect(parts: Sequence[Part], wheel: Wheel, question: Question) -> list[Finding]:
    """The findings of all parts; a text that one part cannot read is a finding and stops no other part."""
    found: list[Finding] = []
    for part in parts:
        try:
            found += part(wheel, question)
        except ToolkitError as error:  # noqa: PERF203 - a handful of parts
            finding = Finding("error", error.message, right=error.fix)
            found += [] if finding in found else [finding]
    return found


def outcome(name: str, findings: Sequence[Finding], reason: str) -> CheckResult:
    """Failed when a finding is an error, else passed; the most serious findings first, and no more than people read."""
    ranked = sorted(findings, key=lambda finding: ("error", "warning", "note").index(finding.level))
    errors = sum(finding.level == "error" for finding in ranked)
    shown = ranked[:SHOWN_FINDINGS]
    if len(ranked) > len(shown):
        shown.append(Finding("note", f"and {len(ranked) - len(shown)} more findings"))
    if errors:
        first = ranked[0]
        reason = f"{first.member}: {first.message}" if first.member else first.message
        reason = f"{errors} errors: {reason}" if errors > 1 else reason
    return CheckResult(name, "failed" if errors else "passed", reason, tuple(shown))


def strictly(wheel: Wheel, *, others: Level = "note") -> Level:
    """The level of what only our own wheels must keep to; of other people's wheels it is worth what `others` says."""
    return "error" if wheel.is_ours or wheel.is_sdk else others
