"""`figures.json`: the figures that this repository quotes, each with when, on what and of what it was measured."""

import json
import os
import platform
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure
from sdk_artifacts.lock import load_lock

FIGURES = Path(__file__).with_name("figures.json")
MEASURED_PACKAGES = ("msgspec", "hatchling", "deflate", "build", "uv", "urllib3")
SIGNIFICANT_DIGITS = 4

Record = dict[str, dict[str, Any]]
"""By the benchmarks' names; each has `measured`, `machine`, `versions` and `figures`."""


def load_record(path: Path = FIGURES) -> Record:
    """What is committed; nothing when there is no such file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def figures_of(record: Record) -> dict[str, Figure]:
    """All figures by their keys."""
    figures = (Figure(**each) for benchmark in record.values() for each in benchmark["figures"])
    return {figure.key: figure for figure in figures}


def update_record(name: str, figures: Iterable[Figure], tables: Mapping[str, Any], path: Path = FIGURES) -> None:
    """Put the figures of one benchmark in the place of its earlier ones."""
    entry = {
        "measured": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": machine(),
        "versions": versions(),
        "figures": [_rounded(asdict(figure)) for figure in figures],
        **tables,
    }
    record = load_record(path) | {name: entry}
    path.write_text(json.dumps(dict(sorted(record.items())), indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What kind of machine this is; nothing that tells which one."""
    cpu = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = [int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")]
    return {
        "processor": cpu[0] if cpu else platform.machine(),
        "processors": os.cpu_count(),
        "memory_gib": round(memory[0] / 2**20) if memory else None,
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Of the runtime, and of the packages that do the work."""
    return {"codex": load_lock().runtime_version.upstream, **{name: version(name) for name in MEASURED_PACKAGES}}


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _rounded(figure: dict[str, Any]) -> dict[str, Any]:
    numbers = {key: float(f"{value:.{SIGNIFICANT_DIGITS}g}") for key, value in figure.items() if type(value) is float}
    return {key: value for key, value in (figure | numbers).items() if value not in (None, "")}
