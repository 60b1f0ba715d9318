"""`fetch`: the locked archives into the cache."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ..lock import Lock
from ..parallel import in_threads
from ..payload.runtime import unpacked_runtime
from ..registry import fetch_archive
from ..registry.partial import Wanted
from ..registry.patience import Patience
from ..registry.settings import Registry, find_registry
from ..reporting import Reporter
from ..targets import Target, host_target


class Fetched(msgspec.Struct, frozen=True):
    """One archive that is in the cache, verified.

    Attributes:
        target: the triple.
        path: the archive.
        size: its bytes.
        sha512: its digest in hex.
        cached: whether it was there before.
    """

    target: str
    path: Path
    size: int
    sha512: str
    cached: bool


def fetch(
    targets: Sequence[Target],
    lock: Lock,
    *,
    registry: str | None,
    offline: bool,
    jobs: int,
    reporter: Reporter,
    patience: Patience | None = None,
) -> list[Fetched]:
    """Get the archives of `targets`, `jobs` at once. What could be had stays in the cache even when others fail.

    Raises:
        ToolkitError: the gravest of the archives' errors; the others are noted.
    """
    wanted = {t.triple: Wanted("", lock.target(t.triple).archive_sha512) for t in targets}
    absent = {triple for triple, archive in wanted.items() if not archive.path.exists()}
    source: str | Registry | None = registry
    if absent and not offline:  # asked once, and not at all when nothing is missing
        source = find_registry(registry)

    def one(target: Target) -> Fetched:
        locked = lock.target(target.triple)
        path = fetch_archive(locked, registry=source, offline=offline, reporter=reporter, patience=patience)
        return Fetched(
            target.triple, path, locked.archive_size, locked.archive_sha512, cached=target.triple not in absent
        )

    return in_threads(one, targets, jobs=jobs, reporter=reporter)


def host_runtime(lock: Lock, *, registry: str | None, offline: bool, reporter: Reporter) -> Path:
    """The locked executable of this machine, ready to run: unpacked in the cache, its archive fetched if need be.

    Raises:
        ToolkitError: no target is for this machine, or its archive cannot be had.
    """
    host = host_target()
    locked = lock.target(host.triple)
    return unpacked_runtime(
        host,
        locked,
        archive=lambda: fetch_archive(locked, registry=registry, offline=offline, reporter=reporter),
        reporter=reporter,
    )
