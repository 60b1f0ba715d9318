"""An answer in the shape of a class."""

from dataclasses import dataclass
from typing import Literal

from codex_app_server import Codex, OutputMismatch


@dataclass
class Issue:
    title: str
    severity: Literal["low", "high"]
    lines: list[int]


with Codex() as codex:
    result = codex.thread_start().run("What is the worst problem here?", output_type=Issue)
    try:
        issue = result.output
    except OutputMismatch as mismatch:
        print("not what was asked for:", mismatch.raw)
    else:
        print(type(issue).__name__, issue.severity)  # -> Issue high
