"""What importing the SDK costs, less the bare interpreter, against the peer."""

import sys
import venv
from collections.abc import Iterator

from benchmarks import material
from benchmarks.measure import Figure, interleaved, peak_memory, ratio, run
from benchmarks.sdk_replay import PEER

ROUNDS = 10


def figures() -> Iterator[Figure]:
    """Time and memory."""
    with material.workplace() as work:
        for name, package in (("ours", "msgspec"), ("peer", PEER)):
            venv.create(work / name, with_pip=False)
            pip = (sys.executable, "-m", "pip", "--python", work / name / "bin" / "python", "install", "--quiet")
            run((*pip, package))
        run((*pip[:4], work / "ours" / "bin" / "python", *pip[5:], "--no-deps", "./sdk-python"))
        ours, peer = work / "ours" / "bin" / "python", work / "peer" / "bin" / "python"
        for name, reach in (("Codex", 0.08), ("AsyncCodex", 0.12)):
            own, their = f"from codex_app_server import {name}", f"from openai_codex import {name}"
            times = interleaved(lambda own=own: added(ours, own), lambda their=their: added(peer, their), rounds=ROUNDS)
            yield ratio(f"time of `{own}`", f"PyPI's {PEER}", *times, reach)
        held = interleaved(
            lambda: memory(ours, "from codex_app_server import Codex"),
            lambda: memory(peer, "from openai_codex import Codex"),
            rounds=3,
        )
        yield ratio("memory of `from codex_app_server import Codex`", f"PyPI's {PEER}", *held, 0.3)


def added(python: object, code: str) -> float:
    """Seconds over those of a bare interpreter."""
    return run((python, "-c", code)).wall - run((python, "-c", "pass")).wall


def memory(python: object, code: str) -> float:
    """Bytes over those of a bare interpreter."""
    wait = "; import time; time.sleep(0.3)"
    return peak_memory((python, "-c", code + wait)) - peak_memory((python, "-c", "pass" + wait))
