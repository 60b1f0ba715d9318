"""Who attests what of a published file: its provenance document (PEP 740). Pure.

Read here is what the attestations say. That they are signed by whom they name, the index checked when it took them;
whoever trusts nobody verifies the signatures with a tool that is made for it.
"""

from base64 import b64decode
from collections.abc import Iterator

import msgspec


class Publisher(msgspec.Struct, frozen=True):
    """The CI identity that published: the kind of CI, `owner/name` there, the file name of its workflow."""

    kind: str
    repository: str = ""
    workflow: str = ""


class _Envelope(msgspec.Struct):
    statement: str


class _Attestation(msgspec.Struct):
    envelope: _Envelope


class _Bundle(msgspec.Struct):
    publisher: Publisher
    attestations: list[_Attestation]


class _Document(msgspec.Struct):
    version: int
    attestation_bundles: list[_Bundle]


class _Subject(msgspec.Struct):
    name: str
    digest: dict[str, str]


class _Statement(msgspec.Struct):
    subject: list[_Subject]


def attested_by(body: bytes, *, name: str, sha256: str) -> list[Publisher]:
    """The publishers that attest the file of this name and digest; none when the document is damaged."""
    try:
        document = msgspec.json.decode(body, type=_Document)
        if document.version != 1:
            return []
        return [bundle.publisher for bundle in document.attestation_bundles if (name, sha256) in _subjects(bundle)]
    except (ValueError, RecursionError):  # msgspec's errors and base64's are ValueErrors
        return []


def _subjects(bundle: _Bundle) -> Iterator[tuple[str, str | None]]:
    for attestation in bundle.attestations:
        statement = msgspec.json.decode(b64decode(attestation.envelope.statement), type=_Statement)
        yield from ((subject.name, subject.digest.get("sha256")) for subject in statement.subject)
