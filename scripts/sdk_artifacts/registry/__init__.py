"""The npm registry that the user's npm is set up for: its address, what it says of a version, the archive."""

import bisect
import re
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import msgspec

from ..errors import IntegrityFailed, NetworkFailed, UsageProblem
from ..lock import LockedTarget
from ..reporting import Reporter
from .documents import ABSENT, ask, decoded
from .download import obtain
from .partial import Wanted
from .patience import Patience
from .settings import WAYS_OUT, Registry, find_registry
from .transport import Web
from .urls import public, step

PACKAGE = "@openai/codex"

_PACKUMENT_BYTES_MAX = 64 << 20


@dataclass(frozen=True, slots=True)
class Published:
    """What a registry says of one version: its archive's URL, and the SHA-512 in hex (None: it says none)."""

    label: str
    tarball: str
    sha512: str | None


class _Dist(msgspec.Struct):
    tarball: str
    integrity: str = ""


class _Document(msgspec.Struct):
    version: str
    dist: _Dist


class _Packument(msgspec.Struct):
    versions: dict[str, _Document]


def published(registry: Registry, package: str, version: str, *, patience: Patience, reporter: Reporter) -> Published:
    """Ask what the registry has for one version.

    Raises:
        UsageProblem: it has no such version; says which ones are near.
        NetworkFailed: it cannot be asked, or answers what no npm registry answers.
    """
    label, path = f"{package}@{version}", quote(package, safe="@")
    status, body = ask(registry, f"{path}/{quote(version, safe='')}", label=label, patience=patience, reporter=reporter)
    if status in ABSENT:  # some mirrors have no document per version, and only the other one knows the neighbours
        status, body = ask(
            registry, path, label=label, accept="application/vnd.npm.install-v1+json", limit_bytes=_PACKUMENT_BYTES_MAX,
            patience=patience, reporter=reporter,
        )  # fmt: skip
        if status in ABSENT:
            raise UsageProblem(f"{public(registry.url)} has no package {package}", fix=WAYS_OUT)
        document = _chosen(decoded(status, body, _Packument, registry), label, version, registry)
    else:
        document = decoded(status, body, _Document, registry)
    if document.version != version:
        raise NetworkFailed(f"{public(registry.url)} was asked for {label} and answered for {document.version!r}")
    return Published(label, step(f"{registry.url}/", document.dist.tarball), _sha512_of(document.dist.integrity, label))


def fetch_archive(
    locked: LockedTarget,
    *,
    registry: str | Registry | None,
    offline: bool,
    reporter: Reporter,
    patience: Patience | None = None,
) -> Path:
    """The locked archive's path in the cache, its bytes verified just now; downloaded if need be.

    Raises:
        IntegrityFailed: the registry or the cache has other bytes than the locked ones.
        NetworkFailed: given up for now; the next call resumes.
        UsageProblem: no registry, no such version in it, a cache that cannot be written, or offline with nothing there.
    """
    patience = patience or Patience()
    label = f"{locked.package}@{locked.package_version}"

    def locate() -> tuple[str, Web]:
        source = registry if isinstance(registry, Registry) else find_registry(registry)
        offer = published(source, locked.package, locked.package_version, patience=patience, reporter=reporter)
        if offer.sha512 not in (None, locked.archive_sha512):
            raise IntegrityFailed(
                f"{label}: {public(source.url)} has the SHA-512 {offer.sha512}, the lock {locked.archive_sha512}",
                fix="Use another registry (--registry URL), or pin what this one has, if you know why it changed.",
            )
        return offer.tarball, source.web(patience)

    wanted = Wanted(label, locked.archive_sha512, locked.archive_size)
    return obtain(wanted, locate, offline=offline, reporter=reporter)


def fetch_published(
    offer: Published, *, registry: Registry, reporter: Reporter, patience: Patience | None = None
) -> Path:
    """The archive as the registry itself vouches for it.

    Raises:
        IntegrityFailed: there is no digest to check against, or the bytes differ from it.
        NetworkFailed: given up for now; the next call resumes.
    """
    if offer.sha512 is None:
        raise IntegrityFailed(
            f"{offer.label}: {public(registry.url)} gives no sha512 integrity, so nothing vouches for its bytes",
            fix="Pin from another registry (--registry URL).",
        )
    web = registry.web(patience or Patience())
    wanted = Wanted(offer.label, offer.sha512)
    return obtain(wanted, lambda: (offer.tarball, web), offline=False, reporter=reporter)


def _chosen(packument: _Packument, label: str, version: str, registry: Registry) -> _Document:
    if version in packument.versions:
        return packument.versions[version]
    near = ", ".join(_neighbours(version, list(packument.versions))) or "none for this platform"
    raise UsageProblem(
        f"{public(registry.url)} has no {label}; it has, among others: {near}",
        fix="Pin a version that is there: python scripts/update_sdk_artifacts.py pin --runtime-version V.",
    )


def _neighbours(version: str, existing: list[str]) -> list[str]:
    """The versions around `version` in their natural order, for the same platform."""
    platform = version.split("-")[-2:]
    same = sorted((name for name in existing if name.split("-")[-2:] == platform), key=_natural)
    place = bisect.bisect(same, _natural(version), key=_natural)
    return same[max(0, place - 3) : place + 3]


def _natural(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"[.-]", version)]


def _sha512_of(integrity: str, label: str) -> str | None:
    """The SHA-512 among the digests of a subresource integrity string, in hex."""
    for digest in integrity.split():
        if digest.startswith("sha512-"):
            try:
                raw = b64decode(digest.removeprefix("sha512-").partition("?")[0], validate=True)
            except ValueError:
                raw = b""
            if len(raw) != 64:  # noqa: PLR2004 - bytes in a SHA-512
                raise IntegrityFailed(f"{label}: the registry's integrity {digest[:120]!r} is no SHA-512")
            return raw.hex()
    return None
