"""`publish`: all runtime wheels, seen on the index, and only then the SDK whose pin needs them."""

from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

import msgspec

from ..exclusive import exclusive
from ..index import Index
from ..index.addresses import Repository
from ..index.uploads import Uploads, without_stdout
from ..publication import Artifact, Part, Publication, load_publication
from ..publication.comparison import missing, of_version
from ..publication.limits import deadline
from ..publication.preflight import preflight
from ..publication.publisher import Publisher
from ..publication.state import State
from ..registry.urls import public
from ..reporting import Reporter
from ..targets import Target

PARTS: tuple[Part, ...] = ("runtime", "sdk")
_LOCK = ".publish.lock"

FileState = Literal["absent", "there", "uploaded"]
_DONE: dict[FileState, FileState] = {"absent": "uploaded", "there": "there", "uploaded": "uploaded"}


class PlannedFile(msgspec.Struct, frozen=True):
    """One file of the release: `state` is what the index says of it, or what became of it."""

    name: str
    project: str
    size: int
    sha256: str
    state: FileState


class Plan(msgspec.Struct, frozen=True):
    """What there is to do.

    Attributes:
        refused_from: per project, when the public index begins to refuse files of this version (ISO 8601, UTC).
        warnings: what may be in the way.
    """

    version: str
    sdk_version: str
    repository: str
    index: str
    files: tuple[PlannedFile, ...]
    refused_from: dict[str, str]
    warnings: tuple[str, ...]

    @property
    def absent(self) -> list[PlannedFile]:
        """The files that have to be uploaded."""
        return [file for file in self.files if file.state == "absent"]


def prepare(directory: Path, *, targets: Iterable[Target], reporter: Reporter) -> tuple[Publication, list[str]]:
    """The release in `directory`, held against itself and the index's rules, and what may be in the way. Offline.

    Raises:
        CheckFailed: it cannot be published.
        UsageProblem: there is no release.
    """
    publication = load_publication(directory)
    return publication, preflight(publication, targets=targets, reporter=reporter)


def plan(publication: Publication, *, repository: Repository, index: Index, warnings: Iterable[str] = ()) -> Plan:
    """Read what the index has, and say what is to be done.

    Raises:
        IndexConflict: the index has something else under a name or a version of the release.
        NetworkFailed: it cannot be read.
    """
    files, refused_from, late = [], {}, []
    now = datetime.fromtimestamp(index.patience.now(), timezone.utc)
    for part in PARTS:
        artifacts = publication.part(part)
        project = index.project(artifacts[0].project)
        absent = {artifact.name for artifact in missing(project, publication, part)}
        files += [_planned(artifact, "absent" if artifact.name in absent else "there") for artifact in artifacts]
        times = [file.uploaded for file in of_version(project, publication.version_of(part)) if file.uploaded]
        until = deadline(times, now)
        refused_from[project.name] = until.isoformat(timespec="seconds")
        if absent and until <= now:
            late.append(f"{project.name}: the public index refuses files of this version since {until:%Y-%m-%d}")
    return Plan(
        version=publication.version,
        sdk_version=publication.sdk_version,
        repository=repository.url,
        index=public(index.url),
        files=tuple(files),
        refused_from=refused_from,
        warnings=(*warnings, *late),
    )


def publish(
    publication: Publication,
    plan: Plan,
    *,
    uploads: Uploads,
    index: Index,
    visible_seconds: float = 900,
    reporter: Reporter,
) -> Plan:
    """Upload what is absent, the SDK only when the index shows every runtime wheel with its digest.

    It may be killed at any moment and run again: it goes on where the index and `publish-state.json` say.

    Args:
        publication: the release.
        plan: what the index said of it.
        uploads: how to upload.
        index: where to see what was uploaded.
        visible_seconds: how long to wait until the index shows what it has accepted.
        reporter: is told of the progress.

    Returns:
        the plan, done.

    Raises:
        IndexConflict: the index has something else under a name or a version of the release.
        NetworkFailed: given up for now.
        Refused: the index does not take a file.
    """

    def waiting() -> None:
        reporter.note(f"another publish is at work in {publication.directory}; waiting for it")

    with exclusive(publication.directory / _LOCK, waiting=waiting):
        publisher = Publisher(
            publication,
            State(publication.directory, uploads.repository.url),
            uploads,
            index,
            visible_seconds,
            reporter,
        )
        with without_stdout():
            for part in PARTS:
                publisher.publish(part)
    files = (msgspec.structs.replace(file, state=_DONE[file.state]) for file in plan.files)
    return msgspec.structs.replace(plan, files=tuple(files))


def _planned(artifact: Artifact, state: FileState) -> PlannedFile:
    return PlannedFile(artifact.name, artifact.project, artifact.size, artifact.sha256, state)
