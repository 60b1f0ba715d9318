"""A minute of a soak, and that its gauges see what grows."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from soak.gauges import ADDED_BYTES, Gauges, grown, slope
from soak.ledger import Ledger

PROGRAM = Path(__file__).parent.parent / "soak_program.py"
STILL = Gauges(turns=0, memory_bytes=40 * 2**20, threads=8, tasks=1, files=16, children=3)


def looks(*, per_turn=0, **more):
    """Ten looks, a hundred turns apart."""
    steps = (replace(STILL, turns=100 * n, memory_bytes=STILL.memory_bytes + 100 * n * per_turn) for n in range(10))
    return [
        replace(each, **{name: getattr(each, name) + n * by for name, by in more.items()})
        for n, each in enumerate(steps)
    ]


@pytest.mark.real
@pytest.mark.skipif(sys.platform != "linux", reason="the gauges look into /proc")
def test_a_minute_loses_no_turn_and_grows_nothing():
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "--minutes", "1"], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("what", ["threads", "tasks", "files", "children"])
def test_one_more_with_each_look_is_growth(what):
    [found] = grown(looks(**{what: 1}))
    assert found.startswith(what)


def test_one_more_that_is_gone_later_is_no_growth():
    odd = looks()
    odd[-1] = replace(odd[-1], threads=9)
    assert grown(odd) == []


def test_memory_that_grows_with_each_turn_is_growth():
    per_turn = 2 * ADDED_BYTES // 900
    [found] = grown(looks(per_turn=per_turn))
    assert f"{per_turn} bytes with each turn" in found


def test_a_few_odd_looks_do_not_move_the_slope():
    odd = looks(per_turn=10)
    odd[3] = replace(odd[3], memory_bytes=2 * STILL.memory_bytes)
    assert slope(odd) == 10


def test_a_turn_that_may_not_end_so_is_a_mistake():
    ledger = Ledger()
    for _ in range(3):
        ledger.begin()
    ledger.end("sync", "plain", "completed", doomed=False)
    ledger.end("sync", "plain", "ConnectionClosedError", doomed=True)
    assert ledger.mistakes == []
    ledger.end("sync", "plain", "ConnectionClosedError", doomed=False)
    assert ledger.mistakes == ["sync: a turn of the kind 'plain' came to ConnectionClosedError"]
    assert (ledger.begun, ledger.ended) == (3, 3)
