"""What a wheel of ours carries about its payload, as JSON."""

from typing import TypeVar

import msgspec

from ..stage import Source, StagedFile
from .contents import MemberUnreadable

_T = TypeVar("_T")


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `manifest.json` that our wheels carry: the stage without what METADATA and WHEEL say."""

    schema: int
    version: str
    upstream_version: str
    target: str
    wheel: str
    executable: str
    path_directory: str | None
    components: tuple[str, ...]
    source: Source
    files: dict[str, StagedFile]


class PackageFile(msgspec.Struct, frozen=True):
    """The part of the payload's own `codex-package.json` that names what it is."""

    version: str
    target: str
    entrypoint: str


def decoded(text: str, kind: type[_T], name: str) -> _T:
    """Read JSON that a wheel carries.

    Raises:
        MemberUnreadable: it is not of this kind; names the member.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise MemberUnreadable(f"{name}: {error}") from None
