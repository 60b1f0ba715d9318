"""`verify`: is a wheel what it says it is?"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from .. import paths as repository
from ..checks import CHECKS
from ..checks.findings import CheckResult, Finding, Question, outcome
from ..checks.tags import truest
from ..errors import CheckFailed, ToolkitError, UsageProblem
from ..lock import Lock, load_lock
from ..payload.probe import launcher_of
from ..releases import CheckRecord
from ..reporting import Advance, Reporter
from ..targets import Target, known_targets
from ..wheels import OUR_PACKAGE, NotAWheel, Wheel, open_wheel
from ..wheels.name import FileName


class Verdict(msgspec.Struct, frozen=True):
    """What was found about one wheel.

    Attributes:
        path: as it was given, or found in a directory that was given.
        name: the file's name.
        size: bytes; 0 with an empty `sha256` when it could not be read.
        tags: the platform tags of its file name.
        truest: the platform tags that would be true of what is inside; empty when no tag would be, or nothing is known.
        passed: no check failed.
    """

    path: str
    name: str
    size: int
    sha256: str
    tags: tuple[str, ...]
    truest: tuple[str, ...]
    passed: bool
    checks: tuple[CheckResult, ...]


def verify(
    paths: Sequence[Path],
    *,
    checks: Sequence[str] = (),
    deep: bool = False,
    run: bool = False,
    targets: Mapping[str, Target] | None = None,
    lock: Lock | None = None,
    reporter: Reporter,
) -> list[Verdict]:
    """Verify each wheel, and each wheel in each directory of `paths`.

    Args:
        paths: wheels and directories of wheels.
        checks: names of CHECKS; all without any.
        deep: verify signatures rather than look for them.
        run: run our executable even when the lock does not name its bytes.
        targets: by triple; the repository's without any.
        lock: the pin; the repository's without one.
        reporter: is told of the progress.

    Raises:
        UsageProblem: a name is no check's, or there is nothing to verify.
    """
    for name in checks:
        if name not in CHECKS:
            raise UsageProblem(f"{name!r} is no check", fix=f"Choose from: {', '.join(CHECKS)}.")
    if not paths:
        raise UsageProblem("nothing to verify", fix="Name wheels, or a directory of wheels.")
    names = tuple(name for name in CHECKS if name in checks) if checks else tuple(CHECKS)
    question = Question(known_targets() if targets is None else targets, lock or _repository_lock(), deep=deep, run=run)
    verdicts = []
    for given in paths:
        try:
            wheels = sorted(given.glob("*.whl")) if given.is_dir() else [given]
        except OSError as error:
            verdicts.append(_unread(given, names, f"it cannot be read: {error.strerror}"))
            continue
        verdicts += [_verdict(path, names, question, reporter) for path in wheels]
        if not wheels:
            verdicts.append(_unread(given, names, "a directory without a wheel (*.whl)"))
    return verdicts


def recorded(verdict: Verdict) -> dict[str, CheckRecord]:
    """How each check ended, as a `release.json` keeps it."""
    return {
        check.name: CheckRecord(
            check.status,
            check.reason,
            check.ran,
            tuple(finding.message for finding in check.findings if finding.level == "warning"),
        )
        for check in verdict.checks
    }


def require_passed(verdict: Verdict) -> None:
    """Nothing goes on with what is not what it says.

    Raises:
        CheckFailed: a check failed; names every error.
    """
    errors = [
        f"{check.name}: {finding.message}"
        for check in verdict.checks
        if check.status == "failed"
        for finding in check.findings
        if finding.level == "error"
    ]
    if not verdict.passed:
        look = f"Look at it: python scripts/update_sdk_artifacts.py verify {verdict.path}"
        raise CheckFailed(f"{verdict.name}: {'; '.join(errors)}", fix=look)


def _verdict(path: Path, names: Sequence[str], question: Question, reporter: Reporter) -> Verdict:
    try:
        with (
            tempfile.TemporaryDirectory(prefix="codex-verify-", ignore_cleanup_errors=True) as scratch,
            reporter.task(f"verify {path.name}") as advance,
        ):
            kept = _wanted(path, question, Path(scratch)) if "version" in names else {}
            return _opened(path, names, replace(question, kept=kept), advance)
    except NotAWheel as error:
        return _unread(path, names, error.message)


def _opened(path: Path, names: Sequence[str], question: Question, advance: Advance) -> Verdict:
    with open_wheel(path, keep=question.kept, advance=advance) as wheel:
        results = tuple(_checked(name, wheel, question) for name in names)
        return Verdict(
            path=str(path),
            name=path.name,
            size=len(wheel.data),
            sha256=wheel.sha256,
            tags=wheel.file_name.platforms if wheel.file_name else (),
            truest=truest(wheel),
            passed=all(result.status != "failed" for result in results),
            checks=results,
        )


def _checked(name: str, wheel: Wheel, question: Question) -> CheckResult:
    try:
        return CHECKS[name](wheel, question)
    except ToolkitError as error:
        return outcome(name, [Finding("error", error.message, right=error.fix)], "")


def _wanted(path: Path, question: Question, scratch: Path) -> dict[str, Path]:
    """The executable, unpacked to a file while it is read, when the file name says that it would run here."""
    identity = question.identity(FileName.parse(path.name))
    if identity is None or launcher_of(identity[0]) is None:
        return {}
    executable = identity[0].executable
    return {f"{OUR_PACKAGE}/{executable}": scratch / Path(executable).name}


def _unread(path: Path, names: Sequence[str], problem: str) -> Verdict:
    """The verdict on what is no wheel: nothing of it was proven, so each check that was asked for failed."""
    finding = Finding("error", f"no wheel: {problem}")
    results = tuple(outcome(name, [finding], "") for name in names)
    return Verdict(str(path), path.name, 0, "", (), (), passed=False, checks=results)


def _repository_lock() -> Lock | None:
    return load_lock() if repository.LOCK.exists() else None
