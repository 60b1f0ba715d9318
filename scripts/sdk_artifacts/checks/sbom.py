"""The bill of materials: valid CycloneDX and, of our own wheels, true of each byte of the payload.

Other projects may ship none, or of another format; theirs is only held against the schema that it names.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from ..bom import RUNTIME_SBOM, SBOM_DIRECTORY, Bom, Component, flattened
from ..errors import ToolkitError
from ..licenses import terms_of
from ..parts import known_parts
from ..wheels import OUR_PACKAGE, OUR_PROJECT, Wheel
from ..wheels.description import decoded
from .findings import CheckResult, Finding, Level, Question, collect, outcome, strictly

if TYPE_CHECKING:
    from ..targets import Target

SIZE_MAX = 1 << 20
OBJECTS_MAX = 20_000  # so many components take about a second; our bills have 700


class _Kind(msgspec.Struct, rename="camel"):
    """What tells a CycloneDX document from others."""

    bom_format: str = ""
    spec_version: str = ""


def check_sbom(wheel: Wheel, question: Question) -> CheckResult:
    """Hold each CycloneDX bill against its schema, and ours against the payload."""
    bills = _bills(wheel)
    if not bills and not wheel.is_ours:
        return CheckResult("sbom", "not applicable", "no bill of materials in it, which is its project's to decide")
    findings = collect((valid, ours), wheel, question)
    return outcome("sbom", findings, f"{', '.join(name.rpartition('/')[2] for name in bills)}: {_said(wheel)}")


def _said(wheel: Wheel) -> str:
    return f"{len(wheel.payload)} files with their digests" if wheel.is_ours else "valid where it is CycloneDX"


def valid(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether each CycloneDX document keeps to the schema of the version that it names."""
    for name in _bills(wheel):
        try:
            text = wheel.text(name, limit=SIZE_MAX)
            kind = decoded(text, _Kind, name)
        except ToolkitError as error:
            yield Finding(strictly(wheel), f"cannot be read: {error.message}", name)
            continue
        if kind.bom_format != "CycloneDX":
            yield Finding(strictly(wheel), "no CycloneDX document: it was not looked at", name)
        elif text.count("{") > OBJECTS_MAX:
            message = f"{text.count('{')} objects, too many to be held against the schema (at most {OBJECTS_MAX})"
            yield Finding(strictly(wheel), message, name)
        else:
            from .cyclonedx import violations  # noqa: PLC0415 - it takes its time to load

            level: Level = "error" if wheel.is_ours else "warning"
            for violation in violations(text, kind.spec_version):
                yield Finding(level, f"no valid CycloneDX {kind.spec_version}: {violation}", name)


def ours(wheel: Wheel, question: Question) -> Iterator[Finding]:
    """Whether our bill is there, and tells the wheel, its files and their digests as they are."""
    if not wheel.is_ours:
        return
    name = f"{wheel.dist_info}/{SBOM_DIRECTORY}/{RUNTIME_SBOM}"
    for other in _bills(wheel):
        if other != name:
            yield Finding("error", "unexpected: our wheels carry one bill", other, RUNTIME_SBOM)
    if name not in wheel.files:
        yield Finding("error", "missing: the bill of materials", name)
        return
    bom = decoded(wheel.text(name, limit=SIZE_MAX), Bom, name)
    files = [component for component in flattened(bom.components) if component.type == "file"]
    yield from _about(wheel, bom, name)
    yield from _digests(wheel, files, name)
    if identity := question.identity(wheel.file_name):
        yield from _parts(identity[0], files, name)


def _about(wheel: Wheel, bom: Bom, name: str) -> Iterator[Finding]:
    """Whether the bill is of this very wheel."""
    subject = bom.metadata.component if bom.metadata else None
    version = wheel.file_name.version if wheel.file_name else ""
    expression = ", ".join(wheel.metadata.get("license-expression", []))
    stated = {
        "name": (subject and subject.name, OUR_PROJECT),
        "version": (subject and subject.version, version),
        "license": (subject and ", ".join(each.expression for each in subject.licenses), expression),
    }
    for key, (found, right) in stated.items():
        if found != right:
            yield Finding("error", f"the bill's subject has the {key} {found!r}", name, right)


def _digests(wheel: Wheel, files: Sequence[Component], name: str) -> Iterator[Finding]:
    """Whether the bill lists exactly the payload's files, each once and with the digest of its bytes."""
    listed = Counter(file.name for file in files)
    for path, count in sorted(listed.items()):
        if path not in wheel.payload:
            yield Finding("error", f"the bill lists {path}, which the payload lacks", name)
        elif count > 1:
            yield Finding("error", f"the bill lists {path} {count} times", name)
    for path in sorted(wheel.payload.keys() - listed.keys()):
        yield Finding("error", "the bill of materials does not list it", f"{OUR_PACKAGE}/{path}")
    for file in files:
        content = wheel.payload.get(file.name)
        stated = [each.content.lower() for each in file.hashes if each.alg == "SHA-256"]
        if content and content.sha256 and stated != [content.sha256]:
            message = f"the bill of materials says SHA-256 {', '.join(stated) or 'nothing'}"
            yield Finding("error", message, f"{OUR_PACKAGE}/{file.name}", content.sha256)


def _parts(target: "Target", files: Sequence[Component], name: str) -> Iterator[Finding]:
    """Whether each file has the license of its parts, and each part was found in it."""
    for file in files:
        stated = ", ".join(each.expression for each in file.licenses)
        right = terms_of(target, [file.name], known_parts()).expression
        if stated != right:
            yield Finding("error", f"the bill says {file.name} is under {stated or 'no license'}", name, right)
        lost = sorted({*target.parts_of(file.name)} - {part.name for part in file.components})
        if lost:
            message = f"{target.triple}.toml says {file.name} is made of {', '.join(lost)}, too: no trace was found"
            yield Finding("warning", message, name, "Look at the part's `evidence`, or take it from the file's parts.")


def _bills(wheel: Wheel) -> list[str]:
    """The members that are bills of materials."""
    return sorted(name for name in wheel.files if name.startswith(f"{wheel.dist_info}/{SBOM_DIRECTORY}/"))
