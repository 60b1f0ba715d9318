"""The SDK's part of `release`: staged, built twice, proven, and run together with the host's wheel."""

import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from ..errors import CheckFailed
from ..files import sha256_of
from ..lock import Lock
from ..releases import CheckRecord, Ledger, SdkRecord, WheelRecord, sdk_names
from ..reporting import Reporter
from ..sdk_stage import PROJECT
from ..turn_trial import Distribution, try_turn
from ..wheelhouse import needed_beside_the_runtime, wheelhouse
from ..wheels import open_wheel
from .build import Kind, build
from .stage_sdk import stage_sdk
from .verify import recorded, require_passed, verify


@dataclass(frozen=True, slots=True)
class SdkMaker:
    """Makes the SDK's wheel and source distribution in the ledger's directory; `work` is a directory of its own."""

    ledger: Ledger
    inputs: str
    lock: Lock
    work: Path
    offline: bool
    reporter: Reporter

    def stage(self) -> None:
        """Stage it, unless it is there already and proven: what cannot be staged is better known at once.

        Raises:
            UsageProblem: its types are not of the locked runtime.
        """
        if self.ledger.sdk:
            for name in self.ledger.sdk:
                self.reporter.note(f"{name}: already there and proven")
            return
        stage_sdk(self.work / PROJECT, runtime_version=self.lock.runtime_version)

    def make(self) -> None:
        """Build, prove and record what was staged.

        Raises:
            CheckFailed: a check fails, or the source distribution gives another wheel.
        """
        if self.ledger.sdk:
            return
        wheel, sdist = self._build(self.work / PROJECT, "wheel"), self._build(self.work / PROJECT, "sdist")
        (verdict,) = verify([wheel], lock=self.lock, reporter=self.reporter)
        require_passed(verdict)
        self._prove_source(sdist, wheel)
        requires = _requires(wheel)
        for path, checks in ((wheel, recorded(verdict)), (sdist, _SOURCE_CHECKS)):
            path.replace(self.ledger.directory / path.name)
            self.ledger.sdk[path.name] = self._record(self.ledger.directory / path.name, requires, checks)
            self.reporter.note(f"{path.name}: made and proven")
        self.ledger.write()

    def try_with(self, host: WheelRecord) -> None:
        """Install the SDK and the host's wheel together and run a turn, unless those very files were tried."""
        name, _ = sdk_names(self.lock)
        sdk, done = self.ledger.sdk[name], self.ledger.turn
        if done and (done.sdk_sha256, done.wheel_sha256) == (sdk.sha256, host.sha256):
            return
        self.ledger.turn = try_turn(
            Distribution(sdk.name, sdk.sha256),
            Distribution(host.name, host.sha256),
            directory=self.ledger.directory,
            wheelhouse=wheelhouse(
                needed_beside_the_runtime(sdk.requires), offline=self.offline, reporter=self.reporter
            ),
            sdk_version=self.lock.runtime_version.pep440,
            runtime_version=self.lock.runtime_version,
            reporter=self.reporter,
        )

    def _build(self, stage: Path, kind: Kind, into: str = "") -> Path:
        (built,) = build([stage], out=self.work / (into or kind), kind=kind, jobs=1, reporter=self.reporter)
        return built.path

    def _prove_source(self, sdist: Path, wheel: Path) -> None:
        """Whether the source distribution, by itself, gives the wheel."""
        with tarfile.open(sdist) as archive:
            archive.extractall(self.work, filter="data")
        again = self._build(self.work / sdist.name.removesuffix(".tar.gz"), "wheel", "again")
        if again.read_bytes() != wheel.read_bytes():
            raise CheckFailed(f"{sdist.name} gives another wheel than the stage", fix=f"Compare {again} with {wheel}")
        shutil.rmtree(again.parent)

    def _record(self, path: Path, requires: tuple[str, ...], checks: dict[str, CheckRecord]) -> SdkRecord:
        return SdkRecord(
            name=path.name,
            kind="wheel" if path.suffix == ".whl" else "sdist",
            size=path.stat().st_size,
            sha256=sha256_of(path),
            requires=requires,
            checks=checks,
            inputs=self.inputs,
        )


_SOURCE_CHECKS = {"source": CheckRecord("passed", "gives the wheel, byte for byte", "its build", ())}


def _requires(wheel: Path) -> tuple[str, ...]:
    with open_wheel(wheel) as opened:
        return tuple(opened.metadata.get("requires-dist", ()))
