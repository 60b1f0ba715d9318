"""What a CI job hands on to the jobs after it."""

import os
from collections.abc import Mapping
from pathlib import Path

from .errors import UsageProblem

VARIABLE = "GITHUB_OUTPUT"


def hand_on(outputs: Mapping[str, str]) -> None:
    """Append outputs of this step, each of one line, to the file that the runner names in $GITHUB_OUTPUT.

    Raises:
        UsageProblem: no runner names one, or a value would end its line.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        raise UsageProblem(f"${VARIABLE} is not set", fix="Leave --github-output away outside of a workflow.")
    for key, value in outputs.items():
        if value.splitlines() not in ([], [value]):
            raise UsageProblem(f"the output {key} has several lines: {value[:200]!r}")
    with Path(name).open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{key}={value}\n" for key, value in outputs.items())
