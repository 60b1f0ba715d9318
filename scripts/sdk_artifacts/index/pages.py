"""One project's page of a package index, in its JSON form (PEP 691, PEP 700) or as HTML (PEP 503). Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from html import unescape
from urllib.parse import unquote, urldefrag, urlsplit

import msgspec

from ..errors import NetworkFailed

JSON_TYPE, HTML_TYPES = "application/vnd.pypi.simple.v1+json", ("application/vnd.pypi.simple.v1+html", "text/html")
ACCEPT = f"{JSON_TYPE}, {HTML_TYPES[0]};q=0.2, {HTML_TYPES[1]};q=0.1"

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,254}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILES_MAX = 200_000

# Anchors, and what may hide some. Every quantifier is possessive or ends at its first chance, so that the time is in
# proportion to the page; Python's own HTMLParser takes minutes for some pages of a few kilobytes.
_QUOTED = r"""(?:"[^"]*+"|'[^']*+'|[^\s"'<>`]++)"""
_HTML = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<opaque>script|style)\b.*?(?:</(?P=opaque)|\Z)"
    rf"""|<a(?P<attributes>(?:\s++[^\s=<>"'/]++(?:\s*+=\s*+{_QUOTED})?+)*+)\s*+/?>""",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(rf"""(?P<name>[^\s=<>"'/]++)(?:\s*+=\s*+(?P<value>{_QUOTED}))?+""")


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file as the index describes it; None and empty where it says nothing.

    Attributes:
        url: as it stands on the page, perhaps relative to it.
        size: in bytes.
        yanked: the reason (may be empty) of a yanked file, None for any other.
        metadata: the index has the file's METADATA beside it (PEP 658).
        provenance: where the index has the file's attestations (PEP 740).
    """

    name: str
    url: str
    sha256: str | None = None
    size: int | None = None
    uploaded: datetime | None = None
    yanked: str | None = None
    metadata: bool = False
    provenance: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """What an index has of one project: its files by name; `exists` is False when the index has no such project."""

    name: str
    files: Mapping[str, IndexedFile] = field(default_factory=dict)
    exists: bool = True


class _File(msgspec.Struct):
    filename: str
    url: str
    hashes: dict[str, str] = {}
    size: int | None = None
    upload_time: str | None = msgspec.field(name="upload-time", default=None)
    yanked: bool | str = False
    core_metadata: bool | dict[str, str] = msgspec.field(name="core-metadata", default=False)
    provenance: str | None = None


class _Meta(msgspec.Struct):
    api_version: str = msgspec.field(name="api-version")


class _Page(msgspec.Struct):
    meta: _Meta
    files: list[_File]


def parse_page(project: str, body: bytes, content_type: str) -> Project:
    """The files on a page; what has no possible file name is left out.

    Raises:
        NetworkFailed: it is no page of a package index, or of a version of the protocol that nobody here knows.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON_TYPE:
        files = _from_json(project, body)
    elif kind in HTML_TYPES:
        files = _from_html(body)
    else:
        raise _no_index(project, f"its answer is {kind[:80]!r}")
    if len(files) > _FILES_MAX:
        raise _no_index(project, f"it lists {len(files)} files")
    return Project(project, {file.name: file for file in files if _FILE_NAME.fullmatch(file.name)})


def _from_json(project: str, body: bytes) -> list[IndexedFile]:
    try:
        page = msgspec.json.decode(body, type=_Page)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _no_index(project, str(error)) from None
    if page.meta.api_version.partition(".")[0] != "1":
        raise _no_index(project, f"its api-version is {page.meta.api_version[:20]!r}")
    return [
        IndexedFile(
            name=file.filename,
            url=file.url,
            sha256=_digest(file.hashes.get("sha256", "")),
            size=file.size if file.size is not None and file.size >= 0 else None,
            uploaded=_time(file.upload_time),
            yanked=None if file.yanked is False else "" if file.yanked is True else file.yanked,
            metadata=file.core_metadata is not False,
            provenance=file.provenance,
        )
        for file in page.files
    ]


def _from_html(body: bytes) -> list[IndexedFile]:
    files = []
    for anchor in _HTML.finditer(body.decode("utf-8", errors="replace")):
        if anchor["attributes"] is None:
            continue
        try:
            attributes = _attributes(anchor["attributes"])
            url, fragment = urldefrag(attributes.get("href", ""))
            path = urlsplit(url).path
        except ValueError:  # no address, so it leads to no file
            continue
        kind, _, digest = fragment.partition("=")
        files.append(
            IndexedFile(
                name=unquote(path.rpartition("/")[2]),
                url=url,
                sha256=_digest(digest) if kind == "sha256" else None,
                yanked=attributes.get("data-yanked"),
                metadata="data-core-metadata" in attributes or "data-dist-info-metadata" in attributes,
            )
        )
    return files


def _attributes(text: str) -> dict[str, str]:
    """An element's attributes; those without a value have an empty one."""
    return {match["name"].lower(): _unquoted(match["value"] or "") for match in _ATTRIBUTE.finditer(text)}


def _unquoted(value: str) -> str:
    return unescape(value[1:-1] if value[:1] in {'"', "'"} else value)


def _digest(text: str) -> str | None:
    return text if _SHA256.fullmatch(text) else None


def _time(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=timezone.utc) if moment and moment.tzinfo is None else moment


def _no_index(project: str, problem: str) -> NetworkFailed:
    return NetworkFailed(
        f"what is asked for {project} does not answer like a package index: {problem}",
        fix="Give the address that pip would install from (--index-url), often one that ends in /simple/.",
    )
