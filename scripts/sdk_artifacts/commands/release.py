"""The main job: every wheel of the chosen targets and the SDK, staged, built, proven and recorded in `release.json`."""

import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import paths
from ..errors import UsageProblem
from ..exclusive import exclusive
from ..lock import Lock, LockedFile
from ..parallel import in_threads
from ..registry import fetch_archive
from ..releases import Ledger, Release, WheelRecord, inputs_digest, sdk_inputs_digest, wheel_name
from ..reporting import Reporter
from ..stage import Stage
from ..targets import Target, Wheel, host_target, known_targets
from ..trial import installable, try_wheel
from .build import build
from .release_sdk import SdkMaker
from .stage_runtime import stage_runtime
from .verify import Verdict, recorded, require_passed, verify

_WORK = ".work"
_LOCK = ".release.lock"


def release(
    targets: Sequence[Target],
    *,
    out: Path,
    lock: Lock,
    compression: str,
    registry: str | None,
    offline: bool,
    jobs: int,
    reporter: Reporter,
) -> Release:
    """Make and prove the wheels of `targets` and then the SDK in `out`; what is there already and still true is kept.

    A file gets its place in `out` only after every check has passed, and the SDK only when all those wheels are there.

    Args:
        jobs: wheels in work at once; each takes up to half a GB of memory.

    Raises:
        CheckFailed: a wheel is not what it says. It is kept in `out/.work` to be looked at; the others are finished.
        ToolkitError: a step failed; run again, and only what is missing is done.
    """
    out.mkdir(parents=True, exist_ok=True)

    def waiting() -> None:
        reporter.note(f"another release is at work in {out}; waiting for it")

    with exclusive(out / _LOCK, waiting=waiting):
        shutil.rmtree(out / _WORK, ignore_errors=True)
        inputs = {triple: inputs_digest(target, lock, compression) for triple, target in known_targets().items()}
        sdk_inputs = sdk_inputs_digest(lock)
        ledger = Ledger.recall(out, lock, inputs, sdk_inputs)
        sdk = SdkMaker(ledger, sdk_inputs, lock, out / _WORK / "sdk", offline, reporter)
        sdk.stage()
        maker = _Maker(ledger, inputs, lock, compression, registry, offline, reporter)
        in_threads(maker.make, maker.missing(targets), jobs=jobs, reporter=reporter)
        sdk.make()
        if host := maker.try_host():
            sdk.try_with(host)
        shutil.rmtree(out / _WORK, ignore_errors=True)
        for stranger in ledger.strangers():
            reporter.note(f"{stranger}: lies in {out} but is not part of this release")
        return ledger.write()


Job = tuple[Target, list[Wheel]]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes wheels, each from its archive to its place in the ledger's directory; several threads may do so at once."""

    ledger: Ledger
    inputs: dict[str, str]
    lock: Lock
    compression: str
    registry: str | None
    offline: bool
    reporter: Reporter
    # verify holds the largest file in memory and uses every core by itself: one at a time
    _verifying: threading.Lock = field(default_factory=threading.Lock)
    _trying: threading.Lock = field(default_factory=threading.Lock)

    def missing(self, targets: Sequence[Target]) -> list[Job]:
        """The wheels that are not there yet, by target: the host's first, then the largest, to end together."""
        jobs = []
        for target in targets:
            names = {wheel_name(self.lock, wheel): wheel for wheel in target.wheels}
            for name in names.keys() & self.ledger.records.keys():
                self.reporter.note(f"{name}: already there and proven")
            if wheels := [wheel for name, wheel in names.items() if name not in self.ledger.records]:
                jobs.append((target, wheels))
        host = _host()
        return sorted(
            jobs, key=lambda job: (job[0] != host, -len(job[1]), -self.lock.target(job[0].triple).archive_size)
        )

    def make(self, job: Job) -> None:
        """Make the wheels of one target one after the other, so that what they share is deflated once."""
        target, wheels = job
        work = self.ledger.directory / _WORK / target.triple
        cache = work / "deflated" if len(wheels) > 1 else None
        if cache:
            cache.mkdir(parents=True)
        archive = self._fetch(target)
        for wheel in wheels:
            self._make(target, wheel, archive, work, cache)
        shutil.rmtree(work)
        if target == _host():
            self.try_host()

    def _make(self, target: Target, wheel: Wheel, archive: Path, work: Path, cache: Path | None) -> None:
        """Stage, build and verify one wheel; only then it gets its place."""
        staged = stage_runtime(
            work / f"{target.triple} ({wheel.name})",
            None,
            version=None,
            target=target,
            wheel=wheel.name,
            lock=self.lock,
            template=paths.RUNTIME_TEMPLATE,
            fetch=lambda _: archive,
            reporter=self.reporter,
        )
        (built,) = build(
            [staged.directory], out=work, compression=self.compression, cache=cache, jobs=1, reporter=self.reporter
        )
        with self._verifying:
            (verdict,) = verify([built.path], lock=self.lock, reporter=self.reporter)
        require_passed(verdict)
        built.path.replace(self.ledger.directory / verdict.name)
        self.ledger.add(_record(staged.stage, verdict, self.inputs[target.triple]))
        shutil.rmtree(staged.directory)
        self.reporter.note(f"{verdict.name}: made and proven")

    def try_host(self) -> WheelRecord | None:
        """Install and run the wheel that this machine would get, when it is there and that very file was not tried."""
        host = _host()
        if host is None:
            self.reporter.note("no target is for this machine: no wheel was installed and run")
            return None
        record = self.ledger.records.get(wheel_name(self.lock, installable(host.wheels)))
        with self._trying:
            if record and not (self.ledger.trial and self.ledger.trial.sha256 == record.sha256):
                wheel, version = self.ledger.directory / record.name, self.lock.runtime_version
                self.ledger.trial = try_wheel(wheel, sha256=record.sha256, version=version, reporter=self.reporter)
        return record

    def _fetch(self, target: Target) -> Path:
        locked = self.lock.target(target.triple)
        return fetch_archive(locked, registry=self.registry, offline=self.offline, reporter=self.reporter)


def _host() -> Target | None:
    try:
        return host_target()
    except UsageProblem:
        return None


def _record(stage: Stage, verdict: Verdict, inputs: str) -> WheelRecord:
    return WheelRecord(
        name=verdict.name,
        size=verdict.size,
        sha256=verdict.sha256,
        target=stage.target,
        wheel=stage.wheel,
        tags=tuple(verdict.tags),
        source={"kind": stage.source.kind, "name": stage.source.name, "sha512": stage.source.sha512},
        payload={path: LockedFile(size=file.size, sha256=file.sha256) for path, file in sorted(stage.files.items())},
        checks=recorded(verdict),
        inputs=inputs,
    )
