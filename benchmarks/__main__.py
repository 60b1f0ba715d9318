"""Run the benchmarks: `python -m benchmarks [name ...]`. Prints ratios and writes them to benchmarks/results/."""

import importlib
import json
import os
import platform
import sys
import time
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Figure

HERE = Path(__file__).parent
RESULTS = HERE / "results"
NOT_BENCHMARKS = {"__init__", "__main__", "measure", "material"}


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, all of them without names; the exit status says whether every figure was reached."""
    known = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHMARKS)
    if unknown := [name for name in arguments if name not in known]:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    reached = True
    for name in arguments or known:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures = list(importlib.import_module(f"benchmarks.{name}").figures())
        Console(width=None if sys.stdout.isatty() else 140).print(table(name, figures))
        write(name, figures)
        reached &= all(figure.reached for figure in figures)
    return 0 if reached else 1


def table(name: str, figures: list[Figure]) -> Table:
    """The figures of one benchmark, a row each."""
    drawn = Table("what", "against", "measured", "spread", "reach", "", title=name, title_justify="left")
    for figure in figures:
        drawn.add_row(
            figure.what,
            figure.against,
            f"{figure.value:.3f}{figure.unit}",
            f"{figure.lowest:.3f} to {figure.highest:.3f}",
            f"<= {figure.reach}{figure.unit}",
            "reached" if figure.reached else "MISSED",
        )
    return drawn


def write(name: str, figures: list[Figure]) -> None:
    """Keep the figures with what they were measured on."""
    RESULTS.mkdir(exist_ok=True)
    machine = {"system": platform.platform(), "python": platform.python_version(), "processors": os.cpu_count()}
    document = {
        "benchmark": name,
        "measured": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine,
        "figures": [asdict(figure) | {"reached": figure.reached} for figure in figures],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
