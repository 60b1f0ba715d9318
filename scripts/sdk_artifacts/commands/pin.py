"""`pin`: one runtime version, its archives and the digest of every byte that ships, into `platforms/runtime.lock`."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import files, paths
from ..errors import DataProblem, PayloadRefused, UsageProblem, listed
from ..exclusive import exclusive
from ..lock import SCHEMA, Lock, LockedFile, LockedTarget, differences, load_lock, render_lock
from ..parallel import in_threads
from ..payload import PACKAGE_FILE, PayloadFile, read_package, unpack
from ..registry import PACKAGE, Published, fetch_published, published
from ..registry.patience import Patience
from ..registry.settings import find_registry
from ..registry.urls import is_guarded
from ..reporting import Advance, Reporter
from ..targets import Target
from ..versions import RuntimeVersion

_DOWNLOADS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Pinned:
    """The new lock, and what changed from the one before, one line each."""

    lock: Lock
    changes: list[str]


def pin(
    version: RuntimeVersion,
    *,
    targets: Sequence[Target],
    registry: str | None,
    reporter: Reporter,
    lock_path: Path | None = None,
    patience: Patience | None = None,
) -> Pinned:
    """Write the lock for `version` of `targets`: all of it, or nothing when one target fails.

    Raises:
        PayloadRefused: an archive is for another version or target, lacks a required file, or has one that nobody owns.
        UsageProblem: the registry has no such version, or is asked in plain text.
        IntegrityFailed: an archive is not what the registry's metadata says.
        NetworkFailed: given up for now; what was got is kept.
    """
    lock_path = lock_path or paths.LOCK
    source = find_registry(registry)
    if not is_guarded(source.url):
        raise UsageProblem(f"{source.url} is plain http, and a pin trusts what the registry says", fix="Use https://.")
    waits = patience or Patience()

    def offer_of(target: Target) -> Published:
        number = f"{version.upstream}-{target.npm_suffix}"
        return published(source, PACKAGE, number, patience=waits, reporter=reporter)

    offers = in_threads(offer_of, targets, jobs=_DOWNLOADS_AT_ONCE, reporter=reporter)
    archives = in_threads(
        lambda offer: fetch_published(offer, registry=source, reporter=reporter, patience=waits),
        offers, jobs=_DOWNLOADS_AT_ONCE, reporter=reporter,
    )  # fmt: skip
    locked = {
        target.triple: _locked(target, version, archive, reporter)
        for target, archive in zip(targets, archives, strict=True)
    }
    lock = Lock(SCHEMA, version.upstream, locked)
    changes = differences(_lock_before(lock_path), lock)
    files.write_text(lock_path, render_lock(lock))
    return Pinned(lock, changes)


def _lock_before(path: Path) -> Lock | None:
    try:
        return load_lock(path)
    except DataProblem:  # missing or damaged: a new pin is what repairs it
        return None


def _locked(target: Target, version: RuntimeVersion, archive: Path, reporter: Reporter) -> LockedTarget:
    """Unpack what ships, check that it is what it says, and take its digests."""
    directory = paths.cache_directory() / "pin"

    def waiting() -> None:
        reporter.note("another process is pinning; waiting for that one")

    size = archive.stat().st_size
    with exclusive(directory.with_suffix(".lock"), waiting=waiting):
        shutil.rmtree(directory, ignore_errors=True)  # a killed pin left it
        try:
            with reporter.task(f"unpack {target.triple}", size) as advance:
                shipped = _unpack(target, version, archive, directory, advance)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    return LockedTarget(
        package=PACKAGE,
        package_version=f"{version.upstream}-{target.npm_suffix}",
        archive_size=size,
        archive_sha512=archive.stem,
        files={file.path: LockedFile(file.size, file.sha256) for file in shipped},
    )


def _unpack(
    target: Target, version: RuntimeVersion, archive: Path, directory: Path, advance: Advance
) -> tuple[PayloadFile, ...]:
    ships = {name for wheel in target.wheels for name in wheel.components}
    owners: dict[str, str | None] = {}

    def keep(path: str) -> bool:
        owners[path] = target.component_of(path)
        return owners[path] in ships

    shipped = unpack(archive, directory, keep=keep, advance=advance)
    label = f"{version.upstream} for {target.triple}"
    if strangers := sorted(path for path, owner in owners.items() if owner is None):
        raise PayloadRefused(
            f"{label}: no component owns {listed(strangers)}",
            fix=f"Add it to a component in platforms/{target.triple}.toml (one with `withheld`, if it is not to ship).",
        )
    required = {path for component in target.components.values() for path in component.required}
    if missing := sorted(required - owners.keys()):
        raise PayloadRefused(
            f"{label}: the archive lacks {listed(missing)}",
            fix=f"If this version has none, take it out of `required` in platforms/{target.triple}.toml.",
        )
    package = read_package(directory)
    if (package.version, package.target) != (version.upstream, target.triple):
        raise PayloadRefused(f"{label}: {PACKAGE_FILE} says {package.version} for {package.target}")
    return shipped
