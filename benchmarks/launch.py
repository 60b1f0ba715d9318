"""`codex --version` through the installed console script, against the executable itself."""

import sys
import venv
from collections.abc import Iterator

from benchmarks import material
from benchmarks.measure import Effort, Figure, amount, interleaved, run
from sdk_artifacts.targets import host_target

ROUNDS = 20


def figures(effort: Effort) -> Iterator[Figure]:
    """How many milliseconds the console script adds."""
    with material.workplace() as work:
        staged = material.stage(host_target(), work / "stage")
        run(material.build_command(staged, work / "dist"))
        (wheel,) = (work / "dist").glob("*.whl")
        venv.create(work / "environment", with_pip=False)
        pip = (sys.executable, "-m", "pip", "--python", work / "environment" / "bin" / "python")
        run((*pip, "install", "--quiet", "--no-index", wheel))
        executable = staged / "payload" / host_target().executable
        ours, theirs = interleaved(
            lambda: run((work / "environment" / "bin" / "codex", "--version")).wall * 1000,
            lambda: run((executable, "--version")).wall * 1000,
            rounds=effort.rounds(ROUNDS),
        )
        added = [a - b for a, b in zip(ours, theirs, strict=True)]
        what, against = "codex --version through the console script", "the executable itself, difference"
        yield amount("launch.console_script", what, against, added, " ms", reach=60.0)
