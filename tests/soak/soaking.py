"""A soak: turns on real servers, with both twins at once, while much goes wrong; then what is held is looked at.

Each twin has a server that lives as long as the soak, and others that live for a few seconds and are closed or killed.
Between these lives nothing runs, and that is when to look.
"""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic

from codex_app_server import AsyncCodex, Codex
from soak import async_life, sync_life
from soak.gauges import Gauges, grown, look, slope
from soak.ledger import Ledger
from soak.plan import Life, choose_life
from soak.servers import make_config, running_model

NAMES = ("sync", "async", "sync steady", "async steady")


@dataclass
class Soak:
    """What came of it."""

    seed: int
    seconds: float
    ledger: Ledger = field(default_factory=Ledger)
    looks: list[Gauges] = field(default_factory=list)

    @property
    def mistakes(self):
        """Sentences; none when all is well."""
        lost = self.ledger.begun - self.ledger.ended
        return [
            *self.ledger.mistakes,
            *([f"{lost} turns have no outcome"] if lost else []),
            *(grown(self.warm) if len(self.warm) > 1 else ["too short to tell whether anything grows"]),
        ]

    @property
    def warm(self):
        """The later half of the looks: until then what is kept on purpose has reached its limits."""
        return self.looks[len(self.looks) // 2 :]

    @property
    def bytes_per_turn(self):
        """How memory grew with each turn."""
        return slope(self.warm)


async def soak(runtime, *, seed, seconds, say):
    """Go on for so long; `say` is told how it goes."""
    outcome, random, until = Soak(seed, seconds), Random(seed), monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="soak-") as directory, running_model() as url:
        configs = [make_config(runtime, Path(directory), url, name) for name in NAMES]
        with Codex(configs[2]) as steady:
            async with AsyncCodex(configs[3]) as async_steady:
                while monotonic() < until:
                    await live_once(configs, steady, async_steady, random, outcome.ledger)
                    outcome.looks.append(look(outcome.ledger.ended))
                    say(f"{until - monotonic():5.0f} s left, {outcome.looks[-1]}")
    return outcome


async def live_once(configs, steady, async_steady, random, ledger):
    """One life of each twin's servers, beside a while of the steady ones."""
    lives, seed = [choose_life(random) for _ in range(2)], random.random()
    long = Life(max(life.seconds for life in lives), killed=False)
    await asyncio.gather(
        asyncio.to_thread(sync_life.live, configs[0], lives[0], ledger, f"{seed}-0"),
        async_life.live(configs[1], lives[1], ledger, f"{seed}-1"),
        asyncio.to_thread(sync_life.work, steady, long, ledger, f"{seed}-2"),
        async_life.work(async_steady, long, ledger, f"{seed}-3"),
    )
