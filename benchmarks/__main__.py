"""Run the benchmarks: `python -m benchmarks [name ...] [--quick] [--check] [--render]`.

Without options every figure is measured and takes its place in `figures.json`; the documents' tables, quotes and plots
are made anew. The exit status says whether every figure was reached.

--quick    a first look: two rounds, the cheap half of each curve; nothing that is committed changes
--check    a gate: fails only when a ratio is worse than the committed one by more than its spread; changes nothing
--render   measure nothing; make the documents and the plots from `figures.json`
"""

import argparse
import importlib
import sys
import time

from rich.console import Console
from rich.table import Table

from benchmarks import documents
from benchmarks.gate import regressions
from benchmarks.measure import Effort, Figure
from benchmarks.record import figures_of, load_record, machine, update_record

BENCHMARKS = (
    *("wheel_build", "wheel_bytes", "verify_wheel", "release_wall", "growth_payload", "memory"),
    *("launch", "cold_fetch", "publish"),
    *("sdk_import", "sdk_path", "sdk_replay", "sdk_stream", "sdk_requests", "sdk_memory"),
    *("growth_turns", "growth_messages", "growth_threads"),
)
SLOW = {"release_wall", "memory", "publish"}
"""Those that handle all targets: a first look leaves them out, unless they are named."""
CONSOLE = Console(width=None if sys.stdout.isatty() else 150)


def main(arguments: list[str]) -> int:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(
        "benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help=" ".join(BENCHMARKS))
    for option in ("--quick", "--check", "--render"):
        parser.add_argument(option, action="store_true")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
    if given.render:
        return _render()
    names = given.names or [name for name in BENCHMARKS if not (given.quick and name in SLOW)]
    keep, begin = not (given.quick or given.check), time.monotonic()
    measured = [figure for name in names for figure in _measure(name, Effort(given.quick), keep=keep)]
    print(f"all: {(time.monotonic() - begin) / 60:.1f} minutes", file=sys.stderr)
    if given.check:
        return _check(measured)
    if keep:
        _render()
    return 0 if all(figure.reached for figure in measured) else 1


def table(name: str, figures: list[Figure]) -> Table:
    """The figures of one benchmark, a row each."""
    drawn = Table("what", "against", "measured", "spread", "to reach", "", title=name, title_justify="left")
    for figure in figures:
        drawn.add_row(
            figure.what if figure.at is None else f"{figure.what}, {figure.at:g}",
            figure.against,
            f"{figure.value:.3f}{figure.unit}",
            f"{figure.lowest:.3f} to {figure.highest:.3f}",
            "" if figure.reach is None else f"<= {figure.reach:.3g}{figure.unit}",
            "" if figure.reach is None else "reached" if figure.reached else "MISSED",
        )
    return drawn


def _measure(name: str, effort: Effort, *, keep: bool) -> list[Figure]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    begin = time.monotonic()
    benchmark = importlib.import_module(f"benchmarks.{name}")
    figures = list(benchmark.figures(effort))
    tables = benchmark.tables() if hasattr(benchmark, "tables") else {}
    CONSOLE.print(table(name, figures))
    print(f"{name}: {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    if keep:
        update_record(name, figures, tables)
    return figures


def _render() -> int:
    for path in documents.write(load_record()):
        print(f"wrote {path}")
    return 0


def _check(measured: list[Figure]) -> int:
    record = load_record()
    same = all(entry["machine"]["processor"] == machine()["processor"] for entry in record.values())
    worse = regressions(measured, figures_of(record), same_machine=same)
    for figure, most in worse:
        print(
            f"WORSE  {figure.key}: {figure.value:.3f} ({figure.lowest:.3f} to {figure.highest:.3f}), limit {most:.3f}"
        )
    print(f"{len(measured)} figures measured, {len(worse)} worse than the committed ones")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
