"""A cold `fetch`, against a plain download of the same bytes from the same registry, one archive after the other."""

import os
from collections.abc import Iterator
from pathlib import Path

import urllib3

from benchmarks import material
from benchmarks.measure import Effort, Figure, amount, interleaved, ratio, timed
from sdk_artifacts.commands.fetch import fetch
from sdk_artifacts.lock import load_lock
from sdk_artifacts.paths import CACHE_VARIABLE
from sdk_artifacts.registry import published
from sdk_artifacts.registry.patience import Patience
from sdk_artifacts.registry.settings import find_registry
from sdk_artifacts.reporting import Silent
from sdk_artifacts.targets import Target, host_target, known_targets

ROUNDS = 3
BLOCK_BYTES = 1 << 20


def figures(effort: Effort) -> Iterator[Figure]:
    """The wall clock of both; both know the registry's address. What it takes to ask npm for it is told apart."""
    rounds = effort.rounds(ROUNDS)
    begin = [timed(lambda: find_registry(None)).wall * 1000 for _ in range(rounds)]
    yield amount("cold_fetch.npm", "asking npm for the registry's address", "a clock", begin, " ms")
    yield _figure("cold_fetch.host", "cold fetch of the host's archive", [host_target()], rounds)
    if not effort.quick:
        yield _figure("cold_fetch.all", "cold fetch of all archives", list(known_targets().values()), rounds)


def _figure(name: str, what: str, targets: list[Target], rounds: int) -> Figure:
    with material.workplace() as work:
        registry = find_registry(None).url
        urls = [_url(target) for target in targets]
        numbers = iter(range(rounds))
        ours, theirs = interleaved(
            lambda: timed(lambda: _fetch(targets, work / f"cache-{next(numbers)}", registry)).wall,
            lambda: timed(lambda: [_download(url, work / "plain") for url in urls]).wall,
            rounds=rounds,
        )
        return ratio(name, what, "plain download, one after another", ours, theirs, reach=1.15)


def _fetch(targets: list[Target], cache: Path, registry: str) -> None:
    os.environ[CACHE_VARIABLE] = str(cache)
    try:
        fetch(targets, load_lock(), registry=registry, offline=False, jobs=4, reporter=Silent())
    finally:
        del os.environ[CACHE_VARIABLE]


def _url(target: Target) -> str:
    locked = load_lock().target(target.triple)
    offer = published(
        find_registry(None), locked.package, locked.package_version, patience=Patience(), reporter=Silent()
    )
    return offer.tarball


def _download(url: str, destination: Path) -> None:
    pool = urllib3.PoolManager()
    response = pool.request("GET", url, preload_content=False)
    with destination.open("wb") as file:
        for block in response.stream(BLOCK_BYTES):
            file.write(block)
    pool.clear()
