"""A release against what an index has: what is missing there, and what must never be. Pure."""

from collections.abc import Iterator

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from ..errors import IndexConflict
from ..index.pages import IndexedFile, Project
from . import Artifact, Part, Publication


def missing(project: Project, publication: Publication, part: Part) -> list[Artifact]:
    """The files of one step that the index has not; all others are there with the right digest.

    Raises:
        IndexConflict: it has something else under a name or the version of this step.
    """
    artifacts = publication.part(part)
    if conflicts := list(_conflicts(project, {artifact.name: artifact for artifact in artifacts}, publication, part)):
        raise IndexConflict(
            f"the index holds something else: {'; '.join(conflicts)}",
            fix="Nothing on an index can be replaced: publish these bytes as another version.",
        )
    return [artifact for artifact in artifacts if artifact.name not in project.files]


def of_version(project: Project, version: str) -> list[IndexedFile]:
    """The project's files of one version, by name."""
    return [file for name, file in sorted(project.files.items()) if version_of(name) == Version(version)]


def version_of(name: str) -> Version | None:
    """The version in a file's name; None when it is neither a wheel's nor an sdist's."""
    try:
        return parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def _conflicts(project: Project, artifacts: dict[str, Artifact], publication: Publication, part: Part) -> Iterator[str]:
    for name in artifacts.keys() & project.files.keys():
        file, wanted = project.files[name], artifacts[name].sha256
        if file.sha256 is None:
            yield f"{name}: it gives no SHA-256 of it, so nothing can be compared"
        elif file.sha256 != wanted:
            yield f"{name}: SHA-256 {file.sha256}, and the release has {wanted}"
        elif file.yanked is not None:
            yield f"{name}: it is yanked ({file.yanked[:200]!r})"
    for file in of_version(project, publication.version_of(part)):
        if file.name not in artifacts:
            yield f"{file.name}: it belongs to this version and not to this release"
