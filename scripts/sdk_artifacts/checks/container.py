"""The archive, its names and its metadata: what an index refuses and what installers would get wrong."""

from collections.abc import Iterator

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..tags import is_platform_tag
from ..wheels import Wheel
from .canonical import canonical
from .findings import CheckResult, Finding, Question, collect, outcome, strictly
from .modes import modes
from .record import record

NEWEST_METADATA = (2, 5)
LICENSES_SINCE = (2, 4)


def check_container(wheel: Wheel, question: Question) -> CheckResult:
    """Hold the archive against the index's rules, and RECORD, modes and names against the members."""
    parts = (archive, file_name, dist_info, metadata, record, modes, canonical)
    findings = collect(parts, wheel, question)
    return outcome("container", findings, f"{len(wheel.files)} files, each as RECORD says")


def archive(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """The rules that the archive breaks, and the members that cannot be read."""
    for violation in wheel.archive.violations:
        yield Finding("error", violation.message, violation.member)
    for name, content in wheel.contents.items():
        if content.problem and not wheel.files[name].unreadable:
            yield Finding("error", content.problem, name)


def file_name(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether the file name is one that an index takes."""
    parts = wheel.file_name
    if parts is None:
        yield Finding(
            "error", f"{wheel.path.name!r} is no wheel's file name", right="name-version-python-abi-platform.whl"
        )
        return
    right = canonicalize_name(parts.project).replace("-", "_")
    if parts.project != right:
        yield Finding("error", f"the project's name is not normalised in the file name: {parts.project}", right=right)
    try:
        version = str(Version(parts.version))
    except InvalidVersion:
        yield Finding("error", f"the file name's version is none: {parts.version}")
    else:
        if version != parts.version:
            yield Finding("error", f"the version is not normalised in the file name: {parts.version}", right=version)
    for tag in parts.platforms:
        if tag != "any" and not is_platform_tag(tag):
            yield Finding("error", f"an index refuses the platform tag {tag}")
    for tags in (parts.pythons, parts.abis, parts.platforms):
        ordered = sorted({*tags})
        if list(tags) != ordered:
            yield Finding(strictly(wheel), f"the tags are not sorted: {'.'.join(tags)}", right=".".join(ordered))


def dist_info(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether the one `.dist-info` directory has the right name and files, and WHEEL a version that installers know."""
    found = wheel.dist_info
    if (parts := wheel.file_name) and found != (right := f"{parts.project}-{parts.version}.dist-info"):
        yield Finding("error", f"{found} does not belong to this file name", right=right)
    for name in ("WHEEL", "METADATA", "RECORD"):
        if f"{found}/{name}" not in wheel.files:
            yield Finding("error", f"{found}/{name} is missing")
    versions = wheel.wheel_fields.get("wheel-version", [])
    if [version.partition(".")[0] for version in versions] != ["1"]:
        yield Finding("error", f"WHEEL: Wheel-Version is {', '.join(versions) or 'absent'}", right="1.0")


def metadata(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether METADATA has a version that an index takes and every license file that it names is there."""
    fields = wheel.metadata
    for key in ("name", "version"):
        if len(values := fields.get(key, [])) != 1:
            yield Finding("error", f"METADATA has {len(values)} lines of {key.capitalize()}", right="one")
    written = ", ".join(fields.get("metadata-version", []))
    number = tuple(int(part) for part in written.split(".") if part.isascii() and part.isdigit() and len(part) < 4)  # noqa: PLR2004 - no version is longer
    if f"{'.'.join(map(str, number))}" != written or not (1, 0) <= number <= NEWEST_METADATA:
        right = "at most " + ".".join(map(str, NEWEST_METADATA))
        yield Finding("error", f"METADATA: Metadata-Version is {written or 'absent'}", right=right)
    if number >= LICENSES_SINCE:
        for path in fields.get("license-file", []):
            if f"{wheel.dist_info}/licenses/{path}" not in wheel.files:
                yield Finding("error", f"METADATA names the license file {path}, which is not in .dist-info/licenses")
