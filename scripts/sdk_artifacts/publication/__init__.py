"""What a release puts on an index: its files as `release.json` records them, in the two steps that they go there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from ..errors import CheckFailed, UsageProblem
from ..released import RECORD_NAME, make_it, read_record
from ..sdk_stage import PROJECT as SDK_PROJECT
from ..wheels import OUR_PROJECT
from ..wheels.name import FileName

Part = Literal["runtime", "sdk"]


class _Check(msgspec.Struct):
    status: str


class _File(msgspec.Struct):
    name: str
    size: int
    sha256: str
    checks: dict[str, _Check] = {}


class _Release(msgspec.Struct):
    """What publishing needs of `release.json`."""

    version: str
    complete: bool
    missing: tuple[str, ...]
    wheels: tuple[_File, ...]
    sdk: tuple[_File, ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file to publish; `size` in bytes and `sha256` in hex are what `release.json` says."""

    path: Path
    size: int
    sha256: str
    part: Part
    checks: dict[str, str]

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def project(self) -> str:
        """The project that it belongs to on an index."""
        return OUR_PROJECT if self.part == "runtime" else SDK_PROJECT


@dataclass(frozen=True, slots=True)
class Publication:
    """All of a release; the runtime goes first, and the SDK only when all of the runtime can be seen.

    Attributes:
        version: of the runtime's packages.
        sdk_version: of the SDK's.
    """

    directory: Path
    version: str
    sdk_version: str
    artifacts: tuple[Artifact, ...]

    def part(self, part: Part) -> tuple[Artifact, ...]:
        """The files of one step."""
        return tuple(artifact for artifact in self.artifacts if artifact.part == part)

    def version_of(self, part: Part) -> str:
        """The version of one step's files."""
        return self.version if part == "runtime" else self.sdk_version


def load_publication(directory: Path) -> Publication:
    """The release in `directory`, by its `release.json` alone.

    Raises:
        UsageProblem: there is no `release.json`, or it cannot be read.
        CheckFailed: the release is not complete.
    """
    path = directory / RECORD_NAME
    release = read_record(path, _Release)
    versions = {parts.version for file in release.sdk if (parts := FileName.parse(file.name))}
    if not release.complete or not release.wheels or len(versions) != 1:
        missing = ", ".join(release.missing) or "the SDK, or the trial of this machine's wheel"
        raise CheckFailed(f"{path}: the release is not complete: {missing}", fix=make_it(directory))
    artifacts = [_artifact(directory, "runtime", file) for file in release.wheels]
    artifacts += [_artifact(directory, "sdk", file) for file in release.sdk]
    return Publication(directory, release.version, versions.pop(), tuple(artifacts))


def _artifact(directory: Path, part: Part, file: _File) -> Artifact:
    if Path(file.name).name != file.name:
        raise UsageProblem(f"{RECORD_NAME}: {file.name!r} is no file name", fix=make_it(directory))
    checks = {name: check.status for name, check in file.checks.items()}
    return Artifact(directory / file.name, file.size, file.sha256, part, checks)
