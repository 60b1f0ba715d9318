"""`report`: a release as a page for people, from its `release.json` alone."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from packaging.version import InvalidVersion, Version

from .. import files
from ..errors import UsageProblem
from ..history import load_history, with_entry, write_history
from ..released import RECORD_NAME, make_it, read_record
from ..releases import Release
from ..report import html
from ..report.summary import summary
from ..report.view import entry_of, view_of
from ..targets import known_targets


class Reported(msgspec.Struct, frozen=True):
    """What was written; `releases` counts those in the history, this one included."""

    page: Path
    version: str
    complete: bool
    releases: int


class _Figure(msgspec.Struct):
    what: str
    value: float


class _Benchmark(msgspec.Struct):
    figures: tuple[_Figure, ...]


def report(dist: Path, *, out: Path, history: Path, record: bool, figures: Path, summary_to: Path | None) -> Reported:
    """Write the page.

    Args:
        dist: the directory of the release.
        out: the page.
        history: a file with a line of JSON for each release; it need not exist.
        record: put this release into it.
        figures: what the benchmarks have measured; it need not exist.
        summary_to: a file to append a few lines of Markdown to.

    Raises:
        UsageProblem: a file is not what it should be.
    """
    release = _release(dist / RECORD_NAME)
    if record and not release.complete:
        raise UsageProblem(f"the release in {dist} is not complete: no history keeps it", fix=make_it(dist))
    entry = entry_of(release, _import_ratios(figures))
    known = with_entry(load_history(history), entry)
    # What came after this release is not its history.
    view = view_of(release, history=[each for each in known if each.order <= entry.order], targets=known_targets())
    files.write_text(out, html(view))
    if record:
        write_history(history, known)
    if summary_to:
        with summary_to.open("a", encoding="utf-8", newline="\n") as file:
            file.write(summary(view))
    return Reported(out, release.version, release.complete, len(view.versions))


def _release(path: Path) -> Release:
    release = read_record(path, Release)
    try:
        Version(release.version)
    except InvalidVersion as error:
        raise UsageProblem(f"{path} is no record of a release: {error}", fix=make_it(path.parent)) from None
    return release


def _import_ratios(path: Path) -> Mapping[str, float]:
    """Of the SDK's import the figures of time; those of memory are not what people wait for."""
    if not path.exists():
        return {}
    try:
        benchmarks = msgspec.json.decode(path.read_bytes(), type=dict[str, _Benchmark])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageProblem(f"{path} has no figures: {error}", fix="Make it: dev.py bench sdk_import") from None
    measured = benchmarks["sdk_import"].figures if "sdk_import" in benchmarks else ()
    return {figure.what: figure.value for figure in measured if figure.what.startswith("time of ")}
