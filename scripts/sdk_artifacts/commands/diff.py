"""`diff`: what differs between two releases, and what users would lose from one to the other."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from ..differences import WheelChange, differences
from ..errors import CheckFailed, UsageProblem
from ..index import Index
from ..index.downloads import download
from ..losses import Loss, losses
from ..portraits import Portrait, portrait
from ..publication.comparison import of_version
from ..reporting import Reporter
from ..sdk_stage import PROJECT as SDK_PROJECT
from ..versions import RuntimeVersion
from ..wheels import OUR_PROJECT, open_wheel


class Diff(msgspec.Struct, frozen=True):
    """What was found; `passed` when nobody loses anything that the changelog does not tell."""

    old: str
    new: str
    wheels: tuple[WheelChange, ...]
    losses: tuple[Loss, ...]
    passed: bool


def diff(old: str, new: str, *, index: Index | None, changelog: Path, reporter: Reporter) -> Diff:
    """Hold the wheels of `new` against those of `old`.

    Args:
        old: a wheel, a directory of wheels or, with an index, a version on it.
        new: the same.
        index: where versions are.
        changelog: the file whose newest section may tell of what users lose.
        reporter: is told of the progress.

    Raises:
        UsageProblem: there are no wheels, or no changelog.
        CheckFailed: a wheel cannot be read.
        NetworkFailed: the index cannot be read.
        IntegrityFailed: the index's bytes are not those of its own digest.
    """
    before, after = ([_portrait(path, reporter) for path in _wheels(given, index)] for given in (old, new))
    try:
        told = changelog.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{changelog} cannot be read: {error}", fix="Name a changelog with --changelog.") from None
    lost = losses(before, after, changelog=told)
    return Diff(old, new, differences(before, after), lost, passed=all(loss.noted for loss in lost))


def _wheels(given: str, index: Index | None) -> list[Path]:
    path = Path(given)
    if path.exists():
        wheels = sorted(path.glob("*.whl")) if path.is_dir() else [path]
    elif index is None:
        raise UsageProblem(f"{given} does not exist", fix="Name a wheel, a directory, or a version with --index-url.")
    else:
        wheels = list(_downloaded(RuntimeVersion.parse(given), index))
    if not wheels:
        raise UsageProblem(f"{given}: no wheel there", fix="Name a wheel, or a directory of wheels.")
    return wheels


def _downloaded(version: RuntimeVersion, index: Index) -> Iterator[Path]:
    """The wheels of that version, of the runtime and of the SDK."""
    for name in (OUR_PROJECT, SDK_PROJECT):
        project = index.project(name)
        for file in of_version(project, version.pep440):
            if file.name.endswith(".whl"):
                yield download(index, project, file)


def _portrait(path: Path, reporter: Reporter) -> Portrait:
    try:
        with reporter.task(f"read {path.name}") as advance, open_wheel(path, advance=advance) as wheel:
            return portrait(wheel)
    except CheckFailed as error:
        raise CheckFailed(f"{path.name}: {error.message}", fix=error.fix) from None
