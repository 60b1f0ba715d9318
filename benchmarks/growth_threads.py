"""10 to 10,000 threads listed by the real server, over all pages, against the same pages by hand."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.measure import Effort, Figure
from benchmarks.sdk.places import real_server
from benchmarks.sdk_stream import Told, compare

THREADS = (10, 100, 1000, 10_000)
ROUNDS, FEW = 3, 1000
KEPT_BYTES = 2000
SECOND_MS = 1000


def figures(effort: Effort) -> Iterator[Figure]:
    """The wall clock until the last thread has come."""
    with real_server(deltas=1) as measure:
        measure("turns", "sync", 1, 1)  # the one thread that the others are copies of
        for count in effort.points(*THREADS):
            _fill_up(measure.home, count)
            rounds = effort.rounds(ROUNDS if count <= FEW else 1)
            for how in ("sync", "async"):
                what = f"wall to list threads, {how}"
                told = Told(f"growth_threads.{how}", what, "the same pages by hand", None, count)
                yield compare(measure, "threads", how, "wall", count, told=told, rounds=rounds)


def _fill_up(home: Path, count: int) -> None:
    """Copy the newest thread, its record and its row, until there are so many."""
    (state,) = home.glob("state_*.sqlite")
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM threads ORDER BY rowid LIMIT 1").fetchone())
        (there,) = connection.execute("SELECT count(*) FROM threads").fetchone()
        original = Path(row["rollout_path"])
        text = _short(original.read_text(encoding="utf-8"))
        for number in range(there, count):
            thread = f"{row['id'][:-12]}{number:012x}"
            path = original.with_name(original.name.replace(row["id"], thread))
            path.write_text(text.replace(row["id"], thread), encoding="utf-8")
            times = {name: value - number * _second(name) for name, value in row.items() if _is_time(name, value)}
            values = row | {"id": thread, "rollout_path": str(path)} | times
            places = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO threads ({', '.join(values)}) VALUES ({places})", tuple(values.values()))


def _short(record: str) -> str:
    """The record without its longest lines, and without the instructions: 10,000 of them shall fit on a disk."""
    first, *others = record.splitlines(keepends=True)
    head = json.loads(first)
    head["payload"].pop("base_instructions", None)
    return "".join([json.dumps(head) + "\n", *(line for line in others if len(line) < KEPT_BYTES)])


def _is_time(name: str, value: object) -> bool:
    return isinstance(value, int) and "_at" in name and bool(value)


def _second(name: str) -> int:
    return SECOND_MS if name.endswith("_ms") else 1
