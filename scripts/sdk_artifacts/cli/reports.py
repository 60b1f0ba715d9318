"""The command that shows a release to people."""

import os
from pathlib import Path

import click

from .. import options, paths
from ..terminal import Terminal
from .door import Result, command

_SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"


@command("report", "Write a page about a release.")
@options.dist
@click.option("--out", type=options.PATH, metavar="FILE", help="The page.  [default: report.html in the directory]")
@click.option(
    "--history",
    type=options.PATH,
    default=paths.HISTORY,
    metavar="FILE",
    help="Sizes and import times of releases, a line of JSON each.  [default: benchmarks/history.jsonl]",
)
@click.option("--record", is_flag=True, help="Put this release into the history, too.")
@click.option(
    "--summary", "summary_to", type=options.PATH, metavar="FILE", help="Append a few lines of Markdown to it."
)
def report_command(
    *,
    dist: Path,
    out: Path | None,
    history: Path,
    record: bool,
    summary_to: Path | None,
    reporter: Terminal,  # noqa: ARG001 - every command gets one
) -> Result:
    """Write one page of HTML about the release: sizes against the limits, tags, digests, checks, where it ran, history.

    It is made from release.json alone and needs nothing beside it, no network and no script. How long the SDK's import
    takes is what `dev.py bench sdk_import` has measured. In a GitHub workflow a summary is added to the job's page.
    """
    from ..commands.report import report

    summary_to = summary_to or (Path(named) if (named := os.environ.get(_SUMMARY_VARIABLE)) else None)
    done = report(
        dist,
        out=out or dist / "report.html",
        history=history,
        record=record,
        figures=paths.FIGURES,
        summary_to=summary_to,
    )
    state = "complete" if done.complete else "not complete"
    known = "1 release" if done.releases == 1 else f"{done.releases} releases"
    return Result(done, f"{done.page}: codex-cli-bin {done.version}, {state}, with {known} in its history")
