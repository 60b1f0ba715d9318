"""The commands that take a release to a package index and say what is there."""

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import options
from ..errors import UsageProblem
from ..targets import known_targets
from ..terminal import Terminal, megabytes
from ..versions import RuntimeVersion
from .door import Result, command

if TYPE_CHECKING:
    from ..commands.publish import Plan
    from ..commands.quota import Quota
    from ..commands.yank_plan import YankPlan

_index_url = click.option("--index-url", required=True, metavar="URL", help="The address that pip would install from.")


class Size(click.ParamType[int]):
    """Bytes, also as KiB, MiB or GiB."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse it, or say how it is written."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([0-9]{1,15})\s*(?:([KMG])iB)?", value)
        if match is None:
            self.fail(f"{value!r} is no size. Write it like 10GiB, 100MiB or 1048576.", param, ctx)
        return int(match[1]) << {None: 0, "K": 10, "M": 20, "G": 30}[match[2]]


@command("publish", "Take a release to a package index.")
@options.dist
@click.option("--repository", required=True, metavar="NAME|URL", help="A name of ~/.pypirc, or the upload address.")
@click.option("--index-url", metavar="URL", help="Where pip installs from; needless where twine knows the repository.")
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be uploaded; upload nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before the first upload.")
def publish_command(
    *, dist: Path, repository: str, index_url: str | None, dry_run: bool, yes: bool, reporter: Terminal
) -> Result:
    """Publish the release that release.json records: all runtime wheels first, and when the index shows them, the SDK.

    Run it again after any failure: it goes on where the index says. Credentials are found as twine finds them and
    never shown. Exit code 5: the index holds something else under a name or version of this release.
    """
    from ..commands.publish import plan, prepare, publish
    from ..index.addresses import find_index, find_repository
    from ..index.uploads import Uploads
    from ..registry.patience import Patience

    patience = Patience()
    publication, warnings = prepare(dist, targets=known_targets().values(), reporter=reporter)
    interactive = reporter.is_interactive
    if not (dry_run or yes or interactive):
        raise UsageProblem("there is no terminal to ask at before the first upload", fix="Add --yes, or --dry-run.")
    place = find_repository(repository, interactive=interactive, upload=not dry_run)
    index = find_index(index_url, repository=place, patience=patience, reporter=reporter)
    todo = plan(publication, repository=place, index=index, warnings=warnings)
    if dry_run or not todo.absent:
        return Result(todo, _planned(todo))
    if yes:
        reporter.note(_planned(todo))
    else:
        reporter.warn(_planned(todo))
        if not reporter.confirm(f"Upload {_amount(todo)} to {place.url}?"):
            raise click.Abort
    done = publish(publication, todo, uploads=Uploads(place, patience), index=index, reporter=reporter)
    return Result(done, _planned(done))


@command("quota", "Say how much of an index's limits is used.")
@options.dist
@_index_url
@click.option("--limit", type=Size(), default="10GiB", show_default=True, metavar="SIZE", help="Of one project.")
@click.option("--file-limit", type=Size(), default="100MiB", show_default=True, metavar="SIZE", help="Of one file.")
@click.option("--keep", type=click.IntRange(0), default=3, show_default=True, help="Releases that should still fit.")
@click.option("--request-text", "as_request", is_flag=True, help="Write the request for higher limits instead.")
def quota_command(*, dist: Path, index_url: str | None, as_request: bool, reporter: Terminal, **given: Any) -> Result:
    """Say what the projects hold, what the release in the directory adds, and how many more fit. Downloads nothing.

    Exit code 1: a limit is passed, or fewer releases than --keep would still fit.
    """
    from ..commands.quota import quota, request_text
    from ..index.addresses import find_index
    from ..publication import load_publication
    from ..registry.patience import Patience

    index = find_index(index_url, patience=Patience(), reporter=reporter)
    found = quota(load_publication(dist), index=index, **given)
    if as_request:
        return Result({"text": request_text(found)}, request_text(found))
    return Result(found, "\n".join(_quota(found)), passed=not found.exceeded)


@command("yank-plan", "Say how to withdraw a bad runtime.")
@click.argument("version", type=options.Version(), metavar="VERSION")
@_index_url
def yank_plan_command(*, version: RuntimeVersion, index_url: str | None, reporter: Terminal) -> Result:
    """Say step by step how to withdraw a runtime and every SDK that pins it. Changes nothing."""
    from ..commands.yank_plan import yank_plan
    from ..index.addresses import find_index
    from ..registry.patience import Patience

    index = find_index(index_url, patience=Patience(), reporter=reporter)
    found = yank_plan(version, index=index)
    return Result(found, "\n".join(_steps(found)))


def _amount(plan: "Plan") -> str:
    return f"{len(plan.absent)} files ({megabytes(sum(file.size for file in plan.absent))})"


def _planned(plan: "Plan") -> str:
    """A line per file, then what is to do, what may be in the way, and the deadlines."""
    lines = [f"codex-cli-bin {plan.version}, codex-app-server-sdk {plan.sdk_version}, to {plan.repository}"]
    lines += [f"  {file.state:9} {megabytes(file.size):>9}  {file.sha256[:16]}  {file.name}" for file in plan.files]
    lines += [f"to upload: {_amount(plan)}" if plan.absent else "the index has every file with its digest"]
    lines += [f"warning: {warning}" for warning in plan.warnings]
    lines += [
        f"{project}: the public index refuses further files of this version from {_day(moment)} on"
        for project, moment in plan.refused_from.items()
    ]
    return "\n".join(lines)


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"


def _quota(found: "Quota") -> Iterable[str]:
    for project in found.projects:
        yield f"{project.project}: {megabytes(project.stored)} of {megabytes(project.limit)} stored"
        yield f"  this release adds {megabytes(project.adds)}; {project.releases_left} more like it fit after it"
        if project.days_between is not None and project.full_after_days is not None:
            yield f"  one every {project.days_between:.1f} days: full after {project.full_after_days:.0f} days"
    yield f"largest file: {megabytes(found.largest_file)} of {megabytes(found.file_limit)}: {found.largest_name}"
    yield from (f"NOT ENOUGH ROOM: {sentence}" for sentence in found.exceeded)


def _steps(found: "YankPlan") -> Iterable[str]:
    yield f"To withdraw the runtime {found.version}; this is a plan, and nothing was changed:"
    for number, step in enumerate(found.steps, 1):
        state = "already yanked" if step.done else "on the index's page of the release: Options, Yank, with the reason"
        yield f"{number}. yank {step.project} {step.version} ({step.why}): {state}"
        yield from (f"     {name}" for name in step.files)
    yield f"{len(found.steps) + 1}. run `yank-plan {found.version}` again: every step says `already yanked`"
    yield from (f"note: {note}" for note in found.notes)
