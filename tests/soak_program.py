"""Turns on the real server for as long as you like, while much goes wrong: is anything lost, does anything grow?

python3 scripts/dev.py soak --minutes 60 [--seed N] [--report FILE]

Ends with the status 1 when a turn came to something else than it may, or when memory, threads, tasks, open files or
child processes grew. The same seed chooses the same turns, though not the same moments. For Linux.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import sys
from dataclasses import asdict
from pathlib import Path

from soak.soaking import soak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--report", type=Path, help="where to write all figures, as JSON")
    options = parser.parse_args()
    logging.getLogger("codex_app_server").setLevel(logging.CRITICAL)  # handlers raise on purpose
    tell(f"soak: --seed {options.seed}")
    outcome = asyncio.run(soak(runtime(), seed=options.seed, seconds=options.minutes * 60, say=tell))
    tell(text_of(outcome))
    if options.report:
        options.report.write_text(json.dumps(report_of(outcome), indent=1) + "\n", encoding="utf-8")
    return 1 if outcome.mistakes else 0


def runtime():
    """The executable that `CODEX_BIN` names, else the locked one."""
    if given := os.environ.get("CODEX_BIN"):
        return Path(given)
    from sdk_artifacts.commands.fetch import host_runtime
    from sdk_artifacts.lock import load_lock
    from sdk_artifacts.reporting import Silent

    return host_runtime(load_lock(), registry=None, offline=False, reporter=Silent())


def tell(text):
    print(text, flush=True)  # noqa: T201 - a program


def text_of(outcome):
    """The figures in a few lines."""
    ledger, memory = outcome.ledger, outcome.looks[-1].memory_bytes / 2**20
    lines = [f"{ledger.ended} turns in {outcome.seconds:.0f} s, {sum(ledger.kills.values())} servers killed"]
    lines += [f"  {count:7} {twin:6} {kind:10} {end}" for (twin, kind, end), count in sorted(ledger.outcomes.items())]
    lines += [
        f"memory: {outcome.bytes_per_turn:.1f} bytes with each turn after the warm-up, {memory:.1f} MiB in the end"
    ]
    lines += [f"first look: {outcome.looks[0]}", f"last look:  {outcome.looks[-1]}"]
    return "\n".join([*lines, *(f"MISTAKE: {mistake}" for mistake in outcome.mistakes)])


def report_of(outcome):
    """All figures."""
    return {
        "seed": outcome.seed,
        "seconds": outcome.seconds,
        "turns": outcome.ledger.ended,
        "killed": dict(outcome.ledger.kills),
        "outcomes": [[*key, count] for key, count in sorted(outcome.ledger.outcomes.items())],
        "bytes_per_turn": outcome.bytes_per_turn,
        "looks": [asdict(each) for each in outcome.looks],
        "mistakes": outcome.mistakes,
    }


if __name__ == "__main__":
    sys.exit(main())
