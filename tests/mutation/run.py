"""Mutation testing: `python3 scripts/dev.py mutate [module ...]`; which fault would no test see?

Each module is broken in every small way, one at a time, and its tests must notice. What they do not notice is a test
that is missing, or stands with its reason in `survivors.toml`.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import tomllib
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("tests", "sdk-python/src", "scripts")]

from mutation.changes import Change, changes  # noqa: E402 - the path is set by now
from mutation.judge import Outcome, judge, run  # noqa: E402 - the same

HERE = Path(__file__).parent
SLOWEST = 4  # times as long as the tests take without a fault

Identity = tuple[str, str, str]


def main(arguments: list[str]) -> int:
    """Judge the modules; the exit status is 1 when a fault survives unargued, or an argument is out of date."""
    known = tomllib.loads((HERE / "modules.toml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(prog="dev.py mutate", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="module", help=f"of {', '.join(known)}; all without any")
    parser.add_argument("--limit", type=int, default=sys.maxsize, help="judge that many faults of each module only")
    options = parser.parse_args(arguments)
    if unknown := sorted({*options.modules} - known.keys()):
        parser.error(f"no module is named {', '.join(unknown)}")
    settings.register_profile(
        "mutation",
        deadline=None,
        max_examples=25,
        derandomize=True,
        database=None,
        suppress_health_check=[*HealthCheck],
    )
    wrong = 0
    for name in options.modules or known:
        wrong += _judged(name, ROOT / known[name]["source"], known[name]["tests"], options.limit)
    return 1 if wrong else 0


def _judged(name: str, path: Path, tests: list[str], limit: int) -> int:
    """Judge all faults of one module; how many survive unargued, and how many arguments are out of date."""
    module, tests = _module_name(path), [str(ROOT / "tests" / test) for test in tests]
    allowed = 10 + SLOWEST * _seconds(tests)
    argued = arguments_for(name)
    counts: Counter[Outcome] = Counter()
    survivors: list[Change] = []
    for change in list(changes(path.read_text(encoding="utf-8")))[:limit]:
        outcome = judge(module, path, change, tests, allowed)
        counts[outcome] += 1
        if outcome == "survived":
            survivors.append(change)
            if change.identity not in argued:
                print(
                    f"  survives: line {change.line}, {change.place}: {change.before}  ->  {change.after}", flush=True
                )
    unargued = [change for change in survivors if change.identity not in argued]
    stale = [] if limit < sys.maxsize else sorted(argued.keys() - {change.identity for change in survivors})
    print(f"{name}: {sum(counts.values())} faults, {dict(counts)}, {len(survivors) - len(unargued)} of them argued")
    for place, before, after in stale:
        print(f"  argued and no longer surviving: {place}: {before}  ->  {after}")
    sys.stdout.flush()
    return len(unargued) + len(stale)


def arguments_for(name: str) -> dict[Identity, str]:
    """The reason of each fault of a module that may survive."""
    listed = tomllib.loads((HERE / "survivors.toml").read_text(encoding="utf-8")).get(name, [])
    return {(entry["place"], entry["before"], entry["after"]): entry["reason"] for entry in listed}


def _module_name(path: Path) -> str:
    """Such as `sdk_artifacts.tags`."""
    root = next(root for root in (ROOT / "sdk-python" / "src", ROOT / "scripts") if path.is_relative_to(root))
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _seconds(tests: list[str]) -> float:
    """How long the tests take, in a fork, so that this process stays as it is; they must pass."""
    import os

    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os._exit(run(tests))
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit("the tests fail without any fault: mend that first")
    return time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
