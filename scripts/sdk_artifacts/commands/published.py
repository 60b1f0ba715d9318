"""`published`: whether an index shows a release whole, with its digests, and who attests its files."""

from collections.abc import Sequence

import msgspec

from ..errors import CheckFailed, NetworkFailed
from ..index import Index
from ..index.provenance import Publisher, attested_by
from ..publication import Artifact, Part, Publication
from ..publication.visibility import still_absent
from ..reporting import Reporter


class PublishedFile(msgspec.Struct, frozen=True):
    """One file that the index shows: its digest, and the workflow that attests it (`owner/name/workflow`), if asked."""

    name: str
    sha256: str
    attested_by: str


def published(
    publication: Publication,
    *,
    parts: Sequence[Part],
    index: Index,
    attested: str | None = None,
    wait_seconds: float = 0,
    reporter: Reporter,
) -> list[PublishedFile]:
    """Look at the index until it shows every file of the parts with the digest of the release.

    Args:
        publication: the release.
        parts: the steps of it that must be there.
        index: where to look.
        attested: the repository (`owner/name`) whose CI must attest each file; None asks for no attestation.
        wait_seconds: how long the index may take to show a file.
        reporter: is told of the waiting.

    Raises:
        CheckFailed: a file is not attested as asked.
        IndexConflict: the index has something else under a name or a version of the release.
        NetworkFailed: a file is still not there.
    """
    found = []
    for part in parts:
        if absent := still_absent(
            publication, part, index=index, patience=index.patience, seconds=wait_seconds, reporter=reporter
        ):
            names = ", ".join(artifact.name for artifact in absent)
            raise NetworkFailed(
                f"the index does not show {names} after {wait_seconds:.0f} s", fix="Publish them, or wait longer."
            )
        found += [_seen(artifact, index, attested) for artifact in publication.part(part)]
    return found


def _seen(artifact: Artifact, index: Index, attested: str | None) -> PublishedFile:
    if attested is None:
        return PublishedFile(artifact.name, artifact.sha256, "")
    project = index.project(artifact.project)
    document = index.provenance(project, project.files[artifact.name])
    publishers = attested_by(document, name=artifact.name, sha256=artifact.sha256) if document else []
    for publisher in publishers:
        if publisher.repository.lower() == attested.lower():
            return PublishedFile(artifact.name, artifact.sha256, _told(publisher))
    others = ", ".join(map(_told, publishers)) or "nobody"
    raise CheckFailed(
        f"{artifact.name}: {others} attests it, and not {attested}",
        fix="Yank it, unless you know how it got there: yank-plan VERSION.",
    )


def _told(publisher: Publisher) -> str:
    return f"{publisher.repository}/{publisher.workflow}"
