"""All that can be known before anything is sent: the files on the disk, the index's rules, who would get what."""

import hashlib
import mmap
import tarfile
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..errors import CheckFailed
from ..parallel import in_threads
from ..reporting import Advance, Reporter
from ..tags import is_platform_tag
from ..targets import Target
from ..wheels import OUR_PROJECT, open_wheel
from ..wheels.name import FileName
from ..wheels.zips import read_archive
from . import Artifact, Publication
from .limits import DEFAULT_LIMIT_BYTES, LAST_LIMIT_BYTES
from .resolution import resolution_problems

_METADATA_BYTES_MAX = 1 << 20


def preflight(publication: Publication, *, targets: Iterable[Target], reporter: Reporter) -> list[str]:
    """Hold the release against itself and the index's rules, without a network.

    Returns:
        what may be in the way: an index takes it only after a request.

    Raises:
        CheckFailed: it cannot be published; names everything that is wrong.
    """
    with reporter.task("read the release", sum(artifact.size for artifact in publication.artifacts)) as advance:
        problems = in_threads(
            lambda artifact: _on_disk(artifact, advance), publication.artifacts, jobs=2, reporter=reporter
        )
    found = [problem for each in problems for problem in each]
    found += [problem for artifact in publication.artifacts for problem in _rules(artifact, publication)]
    found += resolution_problems(targets, [artifact.name for artifact in publication.part("runtime")])
    if not found:  # only a whole SDK can be read
        found += [problem for artifact in publication.part("sdk") for problem in _pin(artifact, publication)]
    if found:
        raise CheckFailed(
            f"the release in {publication.directory} cannot be published: {'; '.join(found)}",
            fix=f"Make it again: python scripts/update_sdk_artifacts.py release --out {publication.directory}",
        )
    return [
        f"{artifact.name}: {artifact.size} bytes, more than the 100 MiB that the public index takes without a request"
        for artifact in publication.artifacts
        if artifact.size > DEFAULT_LIMIT_BYTES
    ]


def _on_disk(artifact: Artifact, advance: Advance) -> list[str]:
    """Whether the file is there with the recorded size and digest, and its container is one that an index takes."""
    try:
        with artifact.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if len(data) != artifact.size:
                return [f"{artifact.name}: {len(data)} bytes, and release.json says {artifact.size}"]
            digest = hashlib.sha256(data).hexdigest()
            advance(len(data))
            if digest != artifact.sha256:
                return [f"{artifact.name}: its SHA-256 is {digest}, and release.json says {artifact.sha256}"]
            if artifact.name.endswith(".whl"):
                return [f"{artifact.name}: {violation.message}" for violation in read_archive(data).violations]
    except (OSError, ValueError) as error:  # an empty file cannot be mapped
        return [f"{artifact.name}: it cannot be read: {getattr(error, 'strerror', None) or error}"]
    return []


def _rules(artifact: Artifact, publication: Publication) -> Iterator[str]:
    """What of the file's name, size and checks an index refuses."""
    prefix = f"{artifact.project.replace('-', '_')}-{publication.version_of(artifact.part)}"
    parts = FileName.parse(artifact.name)
    if parts and f"{parts.project}-{parts.version}" != prefix:
        yield f"{artifact.name}: its name does not begin with {prefix}-"
    elif not parts and (artifact.name != f"{prefix}.tar.gz" or artifact.part == "runtime"):
        yield f"{artifact.name}: neither a wheel nor {prefix}.tar.gz"
    for tag in parts.platforms if parts else ():
        if not is_platform_tag(tag) and not (artifact.part == "sdk" and tag == "any"):
            yield f"{artifact.name}: an index refuses the platform tag {tag}"
    if artifact.size > LAST_LIMIT_BYTES:
        yield f"{artifact.name}: {artifact.size} bytes, and no index takes more than {LAST_LIMIT_BYTES}"
    for name, status in artifact.checks.items():
        if status not in ("passed", "not applicable"):
            yield f"{artifact.name}: its check {name} says {status}"


def _pin(artifact: Artifact, publication: Publication) -> Iterator[str]:
    """Whether the SDK asks for exactly this runtime."""
    wanted = f"{OUR_PROJECT}=={publication.version}"
    pins = [str(requirement) for requirement in _requirements(artifact) if requirement.name == OUR_PROJECT]
    if pins != [wanted]:
        yield f"{artifact.name}: it requires {', '.join(pins) or 'no runtime'}, not {wanted}"


def _requirements(artifact: Artifact) -> Iterator[Requirement]:
    for line in _requires_dist(artifact):
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        requirement.name = canonicalize_name(requirement.name)
        yield requirement


def _requires_dist(artifact: Artifact) -> list[str]:
    if artifact.name.endswith(".whl"):
        with open_wheel(artifact.path) as wheel:
            return wheel.metadata.get("requires-dist", [])
    try:
        with tarfile.open(artifact.path, "r:gz") as archive:
            member = archive.extractfile(f"{artifact.name.removesuffix('.tar.gz')}/PKG-INFO")
            text = member.read(_METADATA_BYTES_MAX).decode("utf-8") if member else ""
    except (tarfile.TarError, KeyError, OSError, EOFError, UnicodeDecodeError):
        return []
    return [str(value) for value in HeaderParser().parsestr(text).get_all("requires-dist", [])]
