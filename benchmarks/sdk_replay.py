"""Deltas that a fake server replays as ready lines, each delivered as a typed notification, against the peer's SDK."""

import sys
import venv
from collections.abc import Iterator

from benchmarks import material
from benchmarks.measure import Figure, interleaved, ratio, run
from benchmarks.sdk.places import FAKE_SERVER, HERE, answer

PEER = "openai-codex"
DELTAS = 30_000
ROUNDS = 5


def figures() -> Iterator[Figure]:
    """Time per delta: a fifth of the peer's, and a twenty-fifth for asyncio."""
    with material.workplace() as work:
        venv.create(work / "peer", with_pip=False)
        python = work / "peer" / "bin" / "python"
        run((sys.executable, "-m", "pip", "--python", python, "install", "--quiet", PEER))
        for how, reach in (("sync", 1 / 5), ("async", 1 / 25)):

            def seconds(python: object, package: str, how: str = how) -> float:
                worker = HERE / "replay_worker.py"
                return 1 / answer(python, worker, package, how, FAKE_SERVER, DELTAS)["per_second"]

            ours, theirs = interleaved(
                lambda: seconds(sys.executable, "codex_app_server"),
                lambda: seconds(python, "openai_codex"),
                rounds=ROUNDS,
            )
            yield ratio(f"time per replayed delta, {how}", f"PyPI's {PEER}", ours, theirs, reach)
