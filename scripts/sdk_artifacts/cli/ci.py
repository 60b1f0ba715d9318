"""The commands of CI jobs; each is as good for a person at a terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from .. import options
from ..lock import load_lock
from ..targets import host_target, known_targets, select
from ..terminal import Terminal
from .door import Result, command

if TYPE_CHECKING:
    from ..publication import Part

_output = click.option("--github-output", "output", metavar="NAME", help="Hand it on as this output of the job's step.")


@command("matrix", "Print the targets for a CI matrix.")
@click.option("--target", "names", multiple=True, metavar="T", help="Only this target; may be repeated.")
@click.option("--os", "systems", multiple=True, metavar="OS", help="Only targets of this system; may be repeated.")
@click.option("--machine", "machines", multiple=True, metavar="M", help="Only of this machine; may be repeated.")
@_output
def matrix_command(
    names: tuple[str, ...], *, systems: tuple[str, ...], machines: tuple[str, ...], output: str | None, **_: Any
) -> Result:
    """Print the targets as one line of JSON for a CI matrix."""
    from ..commands.matrix import matrix
    from ..job import hand_on

    rows = matrix(select(names), systems=systems, machines=machines)
    text = msgspec.json.encode(rows).decode()
    if output:
        hand_on({output: text})
    return Result(rows, text)


@command("smoke", "Run a release on this machine.")
@options.dist
@options.offline
def smoke_command(**given: Any) -> Result:
    """Run what the release has for this machine: install the runtime and run it, install the SDK and run a turn.

    Both are installed with pip into clean environments, away from these sources; the turn is one on a model on
    loopback.
    """
    from ..commands.smoke import smoke

    done = smoke(host=host_target(), **given)
    lines = [f"{typed}: {printed}" for typed, printed in (done.runtime.printed | done.sdk.printed).items()]
    return Result(done, "\n".join(lines))


@command("digests", "Say the digests of a release's files.")
@options.dist
@click.option("--compare", "other", type=options.PATH, metavar="FILE", help="The release.json of another build.")
def digests_command(*, dist: Path, other: Path | None, reporter: Terminal) -> Result:  # noqa: ARG001 - every command gets one
    """Hash every file of the release, and say what differs from another build of it.

    Exit code 1: something differs.
    """
    from ..commands.digests import digests

    found = digests(dist, other=other)
    lines = [f"{sha256}  {name}" for name, sha256 in found.files.items()]
    lines += [f"DIFFERS: {difference}" for difference in found.differences]
    return Result(found, "\n".join(lines), passed=not found.differences)


@command("outbox", "Copy what one publishing job uploads.")
@options.dist
@click.option("--target", metavar="T", help="The wheels of this target; the SDK's files when not given.")
@click.option("--out", type=options.PATH, required=True, metavar="DIR", help="The directory to make.")
def outbox_command(*, dist: Path, target: str | None, out: Path, reporter: Terminal) -> Result:  # noqa: ARG001 - every command gets one
    """Copy the wheels of one target, or the SDK's files, from the release into a directory of their own.

    A token for publishing lives for minutes: small jobs, one for each of these directories, finish in time.
    """
    from ..commands.outbox import outbox

    copied = outbox(dist, target=select([target])[0].triple if target else None, out=out)
    return Result([str(path) for path in copied], "\n".join(map(str, copied)))


@command("rehearse", "Publish to a throw-away index.")
@options.dist
@options.offline
def rehearse_command(*, dist: Path, offline: bool, reporter: Terminal) -> Result:
    """Publish the release to an empty index of this machine's own, and install the SDK from it and run a turn.

    The index is another project's (pypiserver), runs on loopback and is gone afterwards.
    """
    from ..commands.rehearse import rehearse

    done = rehearse(dist, targets=known_targets().values(), offline=offline, reporter=reporter)
    lines = [
        *(f"uploaded: {name}" for name in done.uploaded),
        *(f"{typed}: {it}" for typed, it in done.printed.items()),
    ]
    return Result(done, "\n".join(lines))


@command("published", "Say whether an index shows a release.")
@options.dist
@click.option("--repository", default="pypi", metavar="NAME|URL", help="As for `publish`.  [default: pypi]")
@click.option("--index-url", metavar="URL", help="As for `publish`.")
@click.option("--part", type=click.Choice(["runtime", "sdk"]), help="Only this part; both when not given.")
@click.option(
    "--wait", "wait_seconds", type=click.IntRange(0, 3600), default=0, metavar="SECONDS", help="How long to wait."
)
@click.option("--attested-by", "attested", metavar="OWNER/NAME", help="The repository whose CI must attest each file.")
def published_command(
    *, dist: Path, repository: str, index_url: str | None, part: "Part | None", reporter: Terminal, **given: Any
) -> Result:
    """Say whether the index shows every file of the release with its digest. Uploads nothing and needs no credentials.

    With --attested-by each file's attestations must name that file's digest and that repository.
    """
    from ..commands.publish import PARTS
    from ..commands.published import published
    from ..index.addresses import find_index, find_repository
    from ..publication import load_publication
    from ..registry.patience import Patience

    publication = load_publication(dist)
    place = find_repository(repository, interactive=False, upload=False)
    index = find_index(index_url, repository=place, patience=Patience(), reporter=reporter)
    parts = (part,) if part else PARTS
    found = published(publication, parts=parts, index=index, reporter=reporter, **given)
    return Result(found, "\n".join(f"{file.sha256}  {file.name}  {file.attested_by}".rstrip() for file in found))


@command("upstream", "Say whether there is a newer runtime.")
@options.registry
@_output
def upstream_command(*, registry: str | None, output: str | None, reporter: Terminal) -> Result:
    """Say whether the registry's latest runtime is newer than the locked one; only a newer one is handed on."""
    from ..commands.upstream import upstream
    from ..job import hand_on

    found = upstream(load_lock(), registry=registry, reporter=reporter)
    if output:
        hand_on({output: found.latest if found.is_newer else ""})
    newer = f"{found.latest} is newer than the locked {found.locked}"
    return Result(found, newer if found.is_newer else f"the latest, {found.latest}, is not newer than {found.locked}")


@command("try-pythons", "Run a staged runtime on each Python.")
@click.argument("staged", metavar="DIR", type=options.PATH)
@click.option(
    "--builds", metavar="PATTERNS", help="cibuildwheel's identifiers; all that are configured when not given."
)
@click.option("--dist", type=options.PATH, help="A release: its SDK is run too, and its wheel must come out again.")
@click.option("--out", type=options.PATH, required=True, metavar="DIR", help="Where the wheel goes.")
def try_pythons_command(**given: Any) -> Result:
    """Build a staged runtime in a container, verify it, and run it on each Python there, by cibuildwheel.

    It takes docker, or podman ($CIBW_CONTAINER_ENGINE).
    """
    from ..commands.try_pythons import try_pythons

    done = try_pythons(**given)
    return Result(done, f"{done.sha256}  {done.wheel}")
