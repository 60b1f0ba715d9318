"""Whether an index takes a file of this size."""

from ..wheels import Wheel
from .findings import CheckResult, Finding, Question, outcome

DEFAULT_LIMIT_BYTES = 100 << 20
LAST_LIMIT_BYTES = 1 << 30


def check_size(wheel: Wheel, _: Question) -> CheckResult:
    """Hold the file against the public index's limits for one file."""
    size = len(wheel.data)
    findings = []
    if size > LAST_LIMIT_BYTES:
        findings.append(Finding("error", f"{size} bytes, more than the 1 GiB that the index ever accepts for one file"))
    elif size > DEFAULT_LIMIT_BYTES:
        findings.append(
            Finding(
                "warning",
                f"{size} bytes, more than the 100 MiB that the index accepts by default for one file",
                right="Ask the index for a higher limit before the first upload of this size.",
            )
        )
    return outcome("size", findings, f"{size} bytes")
