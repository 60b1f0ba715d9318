"""Deltas that a fake server replays as ready lines, each delivered as a typed notification, against the peer's SDK."""

import sys
from collections.abc import Iterator

from benchmarks import material, peers
from benchmarks.measure import Effort, Figure, interleaved, ratio
from benchmarks.sdk.places import FAKE_SERVER, HERE, answer

DELTAS = 30_000
ROUNDS = 5


def figures(effort: Effort) -> Iterator[Figure]:
    """Time per delta: a fifth of the peer's, and a twenty-fifth for asyncio."""
    with material.workplace() as work:
        python = peers.environment(work / "peer", peers.SDK)
        against = f"{peers.SDK} {peers.version_in(python, peers.SDK)}"
        for how, reach in (("sync", 1 / 5), ("async", 1 / 25)):

            def seconds(python: object, package: str, how: str = how) -> float:
                worker = HERE / "replay_worker.py"
                return 1 / answer(python, worker, package, how, FAKE_SERVER, DELTAS)["per_second"]

            ours, theirs = interleaved(
                lambda: seconds(sys.executable, "codex_app_server"),
                lambda: seconds(python, "openai_codex"),
                rounds=effort.rounds(ROUNDS),
            )
            yield ratio(f"sdk_replay.{how}", f"time per replayed delta, {how}", against, ours, theirs, reach=reach)
