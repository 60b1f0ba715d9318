"""What importing the SDK costs, less the bare interpreter, against the peer; and where the time goes."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import material, peers
from benchmarks.measure import Effort, Figure, interleaved, peak_memory, ratio, run

ROUNDS = 10
SHOWN_MODULES = 14

_modules: list[dict[str, Any]] = []


def figures(effort: Effort) -> Iterator[Figure]:
    """Time and memory."""
    rounds = effort.rounds(ROUNDS)
    with material.workplace() as work:
        ours = peers.environment(work / "ours", "msgspec")
        run((*peers.PIP, "--python", ours, "install", "-qq", "--no-deps", "./sdk-python"))
        peer = peers.environment(work / "peer", peers.SDK)
        against = f"{peers.SDK} {peers.version_in(peer, peers.SDK)}"
        for name, reach in (("Codex", 0.08), ("AsyncCodex", 0.12)):
            own, their = f"from codex_app_server import {name}", f"from openai_codex import {name}"
            times = interleaved(lambda own=own: added(ours, own), lambda their=their: added(peer, their), rounds=rounds)
            yield ratio(f"sdk_import.{name}", f"time of `{own}`", against, *times, reach=reach)
        held = interleaved(
            lambda: memory(ours, "from codex_app_server import Codex"),
            lambda: memory(peer, "from openai_codex import Codex"),
            rounds=effort.rounds(3),
        )
        yield ratio("sdk_import.memory", "memory of `from codex_app_server import Codex`", against, *held, reach=0.3)
        _modules[:] = modules(ours)


def tables() -> dict[str, Any]:
    """The modules that take longest, each without what it imports."""
    return {"modules": _modules}


def added(python: object, code: str) -> float:
    """Seconds over those of a bare interpreter."""
    return run((python, "-c", code)).wall - run((python, "-c", "pass")).wall


def memory(python: object, code: str) -> float:
    """Bytes over those of a bare interpreter."""
    wait = "; import time; time.sleep(0.3)"
    return peak_memory((python, "-c", code + wait)) - peak_memory((python, "-c", "pass" + wait))


def modules(python: Path) -> list[dict[str, Any]]:
    """What `-X importtime` says of `Codex` and of its first use, over what a bare interpreter imports."""
    bare = {name for name, _ in _import_times(python, "pass")}
    code = "from codex_app_server import Codex; import codex_app_server.generated.methods"
    _import_times(python, code)  # warm
    runs = [dict(_import_times(python, code)) for _ in range(3)]
    best = {name: min(each.get(name, microseconds) for each in runs) for name, microseconds in runs[0].items()}
    slowest = sorted(((us, name) for name, us in best.items() if name not in bare), reverse=True)
    rest = slowest[SHOWN_MODULES:]
    rows = [{"module": name, "ms": us / 1000} for us, name in slowest[:SHOWN_MODULES]]
    return [*rows, {"module": f"{len(rest)} others", "ms": round(sum(us for us, _ in rest) / 1000, 2)}]


def _import_times(python: Path, code: str) -> list[tuple[str, int]]:
    told = subprocess.run([python, "-X", "importtime", "-c", code], stderr=subprocess.PIPE, text=True, check=True)
    rows = (line.removeprefix("import time:").split("|") for line in told.stderr.splitlines()[1:])
    return [(name.strip(), int(own)) for own, _, name in rows]
