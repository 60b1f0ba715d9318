"""One version everywhere: file name, METADATA, manifest, the payload's own description, and the executable's answer.

The executable is only run when the lock names each byte of the payload, or when the caller says so: to verify a wheel
must not mean to run whatever somebody put into it. It gets an empty home, no input, and half a minute.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..errors import ToolkitError
from ..payload.probe import Answer, ask_version, launcher_of
from ..versions import RuntimeVersion
from ..wheels import MANIFEST, OUR_PACKAGE, OUR_PROJECT, Wheel
from .findings import CheckResult, Finding, Question, collect, outcome
from .payload import is_locked


def check_version(wheel: Wheel, question: Question) -> CheckResult:
    """Compare all places that state the version."""
    if wheel.is_sdk:
        return outcome(
            "version", collect((metadata, pin), wheel, question), "file name and METADATA agree; one exact pin"
        )
    if not wheel.is_ours:
        reason = f"file name and METADATA agree; the rest is of {OUR_PROJECT} alone"
        return outcome("version", collect((metadata,), wheel, question), reason)
    findings = collect((metadata, manifest, package_file), wheel, question)
    if any(finding.level == "error" for finding in findings):
        return outcome("version", findings, "")
    run = _run_if_allowed(wheel, question)
    reason = f"file name, METADATA, manifest and codex-package.json agree; {run.said}"
    return msgspec.structs.replace(outcome("version", [*findings, *run.findings], reason), ran=run.ran)


def metadata(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether METADATA has the file name's project and version."""
    parts = wheel.file_name
    if parts is None:
        yield Finding("error", f"{wheel.path.name!r} is no wheel's file name: it states no version")
        return
    name, version = (", ".join(wheel.metadata.get(key, [])) for key in ("name", "version"))
    if canonicalize_name(name) != canonicalize_name(parts.project):
        yield Finding("error", f"METADATA is of {name or 'nothing'!r}, the file name of {parts.project!r}")
    if version != parts.version:
        yield Finding("error", f"METADATA says version {version or 'nothing'!r}, the file name {parts.version!r}")


def pin(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether the SDK requires exactly one version of the runtime, whatever the platform."""
    right = f"{OUR_PROJECT}==VERSION, once and without a condition"
    try:
        needs = [Requirement(text) for text in wheel.metadata.get("requires-dist", [])]
    except InvalidRequirement as error:
        yield Finding("error", f"METADATA: a Requires-Dist is no requirement: {error}")
        return
    found = [need for need in needs if canonicalize_name(need.name) == OUR_PROJECT]
    if len(found) != 1 or not _is_exact(found[0]):
        said = ", ".join(map(str, found)) or f"nothing of {OUR_PROJECT}"
        yield Finding("error", f"METADATA requires {said}", right=right)


def _is_exact(need: Requirement) -> bool:
    operators = [(part.operator, part.version.endswith(".*")) for part in need.specifier]
    return operators == [("==", False)] and need.marker is None and need.url is None


def manifest(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether the manifest has the file name's version, in both spellings."""
    found = wheel.manifest
    right = wheel.file_name.version if wheel.file_name else ""
    if found.version != right:
        yield Finding("error", f"the manifest says version {found.version!r}, the file name {right!r}", MANIFEST)
    if RuntimeVersion.parse(found.upstream_version).pep440 != right:
        yield Finding(
            "error", f"the manifest says upstream version {found.upstream_version!r}, the file name {right!r}", MANIFEST
        )


def package_file(wheel: Wheel, _: Question) -> Iterator[Finding]:
    """Whether the payload's own description is of this version and target."""
    name = f"{OUR_PACKAGE}/codex-package.json"
    if name not in wheel.files and wheel.manifest.source.kind == "executable":
        yield Finding("note", "a lone executable was staged: there is no codex-package.json to compare")
        return
    found, right = wheel.package_file, wheel.manifest
    if RuntimeVersion.parse(found.version).pep440 != right.version:
        yield Finding(
            "error", f"codex-package.json says version {found.version!r}, the manifest {right.version!r}", name
        )
    if found.target != right.target:
        yield Finding("error", f"codex-package.json says target {found.target!r}, the manifest {right.target!r}", name)
    if found.entrypoint != right.executable:
        yield Finding(
            "error", f"codex-package.json starts {found.entrypoint!r}, the manifest {right.executable!r}", name
        )


class _Run(NamedTuple):
    """What came of running the executable: in words, as a command when it ran, and what is wrong."""

    said: str
    ran: str = ""
    findings: tuple[Finding, ...] = ()


def _run_if_allowed(wheel: Wheel, question: Question) -> _Run:
    identity = question.identity(wheel.file_name)
    launcher = identity and launcher_of(identity[0])
    if identity is None or launcher is None:
        return _Run("--version not run: its executable does not run on this machine")
    executable = question.kept.get(f"{OUR_PACKAGE}/{identity[0].executable}")
    if executable is None or not executable.exists():
        missing = Finding("error", "the executable is missing, or is no native file: --version cannot run")
        return _Run("", findings=(missing,))
    if not question.run and not is_locked(wheel, question):
        return _Run("--version not run: its bytes are not the lock's (--run runs it all the same)")
    executable.chmod(0o700)
    try:
        answer = ask_version(executable, identity[0])
    except ToolkitError as error:
        return _Run("", findings=(Finding("error", error.message),))
    ran = " ".join([*(Path(part).name for part in launcher), executable.name, "--version"])
    return _compared(answer, wheel.manifest.upstream_version, ran)


def _compared(answer: Answer, right: str, ran: str) -> _Run:
    if answer.version is None:
        return _Run(f"--version not run: {answer.unasked}")
    if answer.version.upstream != right:
        wrong = Finding("error", f"--version answers {answer.version.upstream}", right=right)
        return _Run("", ran, (wrong,))
    return _Run(f"--version answers {right}", ran)
