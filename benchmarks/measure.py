"""How things are measured: whole process trees, interleaved runs, medians with their spread."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: wall and CPU seconds (user and system, its children included)."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio (or, with a unit, an amount) with its spread over the rounds; lower is better.

    Attributes:
        name: the benchmark's, a dot, and what tells it from the others; those of one curve share it.
        reach: what it is to be at most, None when it only tells.
        at: where on its curve it stands, None when it is no point of one.
    """

    name: str
    what: str
    against: str
    value: float
    lowest: float
    highest: float
    rounds: int
    reach: float | None = None
    unit: str = ""
    at: float | None = None

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return self.name if self.at is None else f"{self.name}@{self.at:g}"

    @property
    def reached(self) -> bool:
        """Whether the value is at most what to reach."""
        return self.reach is None or self.value <= self.reach


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure: all of it, or a first look."""

    quick: bool = False

    def rounds(self, number: int) -> int:
        """How often each side runs."""
        return min(number, 2) if self.quick else number

    def points(self, *places: int) -> tuple[int, ...]:
        """Where on a curve to measure, the cheap places first."""
        return places[: (len(places) + 1) // 2] if self.quick else places


def run(command: Sequence[object], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> Run:
    """Run a command to its successful end and say what it cost."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command], cwd=cwd, env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return Run(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


def timed(action: Callable[[], object]) -> Run:
    """What one call of `action` costs this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return Run(time.perf_counter() - wall, time.process_time() - cpu)


def interleaved(*sides: Callable[[], float], rounds: int) -> list[list[float]]:
    """Run all in turn (A B A B ...), so that a slow minute of the machine meets each; what each side measured."""
    measured = [[side() for side in sides] for _ in range(rounds)]
    return [list(column) for column in zip(*measured, strict=True)]


def ratio(
    name: str,
    what: str,
    against: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    reach: float | None = None,
    at: float | None = None,
) -> Figure:
    """The ratio of the medians; the spread is that of the ratios of neighbouring runs."""
    each = [a / b for a, b in zip(ours, theirs, strict=True)]
    value = statistics.median(ours) / statistics.median(theirs)
    return Figure(name, what, against, value, min(*each, value), max(*each, value), len(each), reach, at=at)


def amount(
    name: str,
    what: str,
    against: str,
    each: Sequence[float],
    unit: str,
    *,
    reach: float | None = None,
    at: float | None = None,
) -> Figure:
    """The median of what was measured, in `unit`."""
    return Figure(name, what, against, statistics.median(each), min(each), max(each), len(each), reach, unit, at)


def peak_memory(command: Sequence[object], *, cwd: Path | None = None) -> int:
    """The peak, in bytes, of the memory that a command and all its children hold together (PSS: shared pages once)."""
    process = subprocess.Popen([str(part) for part in command], cwd=cwd, stdout=subprocess.DEVNULL)
    peak = 0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.02):
            peak = max(peak, sum(_held_bytes(pid) for pid in _family(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    ended.set()
    watcher.join()
    if status:
        raise subprocess.CalledProcessError(status, process.args)
    return peak


def _family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        found.append(parent)
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            waiting += _numbers(children)
    return found


def _numbers(path: Path) -> list[int]:
    try:
        return [int(word) for word in path.read_text().split()]
    except OSError:  # the process ended meanwhile
        return []


def _held_bytes(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)
