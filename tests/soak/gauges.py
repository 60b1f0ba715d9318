"""What this process holds at a quiet moment, when everything that it opened is closed again. Linux only."""

import asyncio
import ctypes
import gc
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from e2e.sdk.processes import children

PAGE_KIB = 1024


@dataclass(frozen=True, slots=True)
class Gauges:
    """One look.

    Attributes:
        memory_bytes: the proportional set size, so what is shared counts in part only.
        files: open descriptors, without the one that the look itself takes.
    """

    turns: int
    memory_bytes: int
    threads: int
    tasks: int
    files: int
    children: int


def look(turns):
    """What is held now, after so many turns; in the event loop."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # else what is free, but not given back, hides what is not free
    told = Path("/proc/self/smaps_rollup").read_text()
    return Gauges(
        turns=turns,
        memory_bytes=int(re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)[1]) * PAGE_KIB,
        threads=threading.active_count(),
        tasks=len(asyncio.all_tasks()),
        files=len(list(Path("/proc/self/fd").iterdir())) - 1,
        children=len(children()),
    )


def slope(looks):
    """Bytes of memory per turn: the median of the slopes between all pairs, which a few odd looks do not move."""
    pairs = [(a, b) for index, a in enumerate(looks) for b in looks[index + 1 :] if b.turns > a.turns]
    return median((b.memory_bytes - a.memory_bytes) / (b.turns - a.turns) for a, b in pairs)


def grown(looks):
    """What has grown over these looks, which come after the warm-up: sentences, none when all is well."""
    first, last = looks[0], looks[-1]
    found = [
        f"{name}: {getattr(first, name)} after the warm-up, {getattr(last, name)} in the end"
        for name in ("threads", "tasks", "files", "children")
        if min(getattr(each, name) for each in looks[-3:]) > getattr(first, name)
    ]
    per_turn = slope(looks)
    added = per_turn * (last.turns - first.turns)
    if per_turn > BYTES_PER_TURN and added > ADDED_BYTES:
        found.append(f"memory: {per_turn:.0f} bytes with each turn, {added / 2**20:.1f} MiB in all")
    return found


BYTES_PER_TURN = 128
"""More than this with each turn is a leak: the smallest that matters, a kept turn, takes some kilobytes."""
ADDED_BYTES = 4 * 2**20
"""Less than this in all cannot be told from the allocator's own moods."""
