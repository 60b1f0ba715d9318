"""The tables of `docs/explanation/faults.md` as data: what is expected of each fault in each state."""

from dataclasses import dataclass
from pathlib import Path

from codex_app_server.generated import methods as m

PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "explanation" / "faults.md"
IMPATIENT_SECONDS, PATIENT_SECONDS = 0.2, 60.0
"""Deadlines: of those who are expected to give up, and of those who are not."""
MARGIN_SECONDS = 5.0
"""What a busy machine may add."""
INTERRUPT_SECONDS = 1.0
APPROVAL = m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL
CALLS = 132
"""How many requests fill the window and more."""


@dataclass(frozen=True, slots=True)
class Case:
    """One fault in one state.

    Attributes:
        outcome: a word, or the class of what is raised.
        afterwards: what the connection is then.
        seconds: the deadline of the calls.
    """

    state: str
    fault: str
    outcome: str
    afterwards: str
    seconds: float

    @property
    def id(self) -> str:
        return f"{self.state}-{self.fault}".replace(" ", "_")

    @property
    def longest_seconds(self) -> float:
        """When it must be over; what is expected not to reach its deadline has only the margin."""
        waited = self.seconds if self.seconds == IMPATIENT_SECONDS else 0.0
        return waited + INTERRUPT_SECONDS + MARGIN_SECONDS


def cases():
    """Every fault in every state."""
    faults, states = _tables(PAGE.read_text(encoding="utf-8"))
    return [_case(state, fault) for state in states for fault in faults]


def status_of(result, case):
    """How a turn ended; its content is whole, unless its end came first."""
    assert [item.text for item in result.items] == ([] if case.fault == "wrong order" else ["xxx"])
    return result.status


def _case(state, fault):
    outcome = state[fault["counts as"]]
    afterwards = fault["the connection afterwards"]
    if state["state"] == "closing" or (state["state"] in {"starting", "initializing"} and outcome != "ready"):
        afterwards = "closed"
    seconds = IMPATIENT_SECONDS if fault["counts as"] == "silence" else PATIENT_SECONDS
    return Case(state["state"], fault["fault"], outcome, afterwards, seconds)


def _tables(text):
    """The rows of each table on the page, each as a mapping from the names of the columns."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    cells = [[[cell.strip() for cell in line.strip("|").split("|")] for line in block] for block in blocks]
    return [[dict(zip(head, row, strict=True)) for row in rows] for head, _, *rows in cells]
