"""How much memory 200,000 notifications take that nobody reads."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Effort, Figure, amount
from benchmarks.sdk.places import FAKE_SERVER
from codex_app_server import AppServerClient, AppServerConfig, Method

COUNT = 200_000
ECHO, FLOOD = Method("fake/echo", dict, dict), Method("fake/flood", dict, dict)
NOTE = {"method": "fake/note", "params": {"text": "x" * 200}}
IDS = {"threadId": "0" * 36, "turnId": "1" * 36, "itemId": "2" * 36}
DELTA = {"method": "item/agentMessage/delta", "params": {**IDS, "delta": "x" * 60}}


def figures(effort: Effort) -> Iterator[Figure]:
    """Of the connection, and of a turn that somebody holds."""
    for name, flood in (("notifications", NOTE), ("deltas of a turn", DELTA)):
        grown = [grown_mebibytes(flood) for _ in range(effort.rounds(3))]
        what = f"memory after 200,000 unread {name}"
        yield amount(f"sdk_memory.{name.partition(' ')[0]}", what, "before, difference", grown, " MiB", reach=20.0)


def grown_mebibytes(flood: dict[str, object]) -> float:
    """What this process has grown by after the flood."""
    config = AppServerConfig(launch_args_override=[sys.executable, str(FAKE_SERVER)])
    with AppServerClient(config) as client:
        client.turn(IDS["turnId"])
        client.request(ECHO, {})
        before = resident_bytes()
        client.request(FLOOD, {**flood, "count": COUNT})
        return (resident_bytes() - before) / 2**20


def resident_bytes() -> int:
    """The memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
