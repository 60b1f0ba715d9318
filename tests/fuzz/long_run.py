"""Fuzz for minutes rather than seconds: `python3 scripts/dev.py fuzz [--minutes N] [subject ...]`.

Each subject has an equal share of the time. Bytes that bring out an error are made as small as they get and written to
`tests/data/corpus`, where the test suite reads them ever after.
"""

import argparse
import hashlib
import itertools
import sys
import time
import traceback
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "sdk-python" / "src")]

from fuzz.subject import CORPUS, Subject  # noqa: E402 - the path is set by now
from fuzz.subjects import SUBJECTS  # noqa: E402 - the same

EXAMPLES_A_ROUND = 400
_PROFILE = settings(
    max_examples=EXAMPLES_A_ROUND,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)

Place = tuple[str, str, int]
Finds = dict[Place, tuple[bytes, BaseException]]


def main(arguments: list[str]) -> int:
    """Fuzz; the exit status is 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="dev.py fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10, help="how long, all in all (10)")
    parser.add_argument("subjects", nargs="*", metavar="subject", help=f"of {', '.join(SUBJECTS)}; all without any")
    given_options = parser.parse_args(arguments)
    names = given_options.subjects or list(SUBJECTS)
    if unknown := sorted({*names} - SUBJECTS.keys()):
        parser.error(f"no subject is named {', '.join(unknown)}")
    found = 0
    for name in names:
        tried, finds = fuzz(SUBJECTS[name], 60 * given_options.minutes / len(names))
        print(f"{name}: {tried} examples, {len(finds)} finds", flush=True)
        for data, error in finds.values():
            print(f"  {keep(name, data)}: {traceback.format_exception_only(error)[0].strip()[:300]}", flush=True)
            traceback.print_tb(error.__traceback__, limit=-2)
        found += len(finds)
    return 1 if found else 0


def fuzz(subject: Subject, seconds: float) -> tuple[int, Finds]:
    """Try mutants until the time is up or something is found; how many, and by its place the smallest of each find."""
    finds: Finds = {}
    tried = itertools.count()

    def look(data: bytes) -> None:
        next(tried)
        try:
            subject.try_on(data)
        except Exception as error:
            finds[_place(error)] = (data, error)  # hypothesis ends with the smallest
            raise

    ends, mutants = time.monotonic() + seconds, subject.mutants()
    for number in itertools.count(time.time_ns()):
        if finds or time.monotonic() > ends:
            return next(tried), finds
        try:
            _PROFILE(seed(number)(given(mutants)(look)))()
        except Exception:  # noqa: BLE001 - kept in `finds`
            continue
    raise AssertionError


def _place(error: BaseException) -> Place:
    """What tells one find from another: its kind and where it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return type(error).__name__, last.filename, last.lineno or 0


def keep(name: str, data: bytes) -> str:
    """Write a find into the corpus; its path there."""
    path = CORPUS / name / hashlib.sha256(data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
