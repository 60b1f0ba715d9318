"""The commands that make and prove runtime wheels."""

from pathlib import Path
from typing import Any

import click

from .. import options, paths, tables
from ..lock import load_lock
from ..targets import known_targets, select
from ..terminal import Terminal
from ..versions import RuntimeVersion
from .door import Result, command


@command("release", "The whole way: every wheel, proven.")
@click.option("--target", "names", multiple=True, metavar="T|host", help="Only this target; may be repeated.")
@click.option(
    "--out", type=options.PATH, default=paths.DIST, help="Where the wheels and release.json go.  [default: dist]"
)
@options.compression
@options.registry
@options.offline
@options.jobs
def release_command(names: tuple[str, ...], **given: Any) -> Result:
    """Fetch, stage, build, prove and record the wheels of every target, and the SDK that is pinned to them.

    Wheels that are already in the directory and still proven are kept, so running it again after an interruption
    does only what is missing. The wheel of this machine is also installed into a clean environment and run: by itself,
    and by the SDK, for one turn on a model on loopback.
    """
    from ..commands.release import release

    done = release(select(names), lock=load_lock(), **given)
    return Result(done, tables.release(done, given["out"]))


@command("pin", "Move the pin: write platforms/runtime.lock.")
@click.option(
    "--runtime-version",
    "version",
    type=options.Version(),
    required=True,
    metavar="V",
    help="The runtime version to pin.",
)
@options.registry
def pin_command(version: RuntimeVersion, **given: Any) -> Result:
    """Pin a runtime version: write platforms/runtime.lock and show what changes.

    Downloads the archives of every target and records the digest of each file that ships.
    """
    from ..commands.pin import pin

    done = pin(version, targets=list(known_targets().values()), **given)
    return Result({"version": done.lock.version, "changes": done.changes}, tables.changes(done.changes))


@command("fetch", "Get the locked archives into the cache.")
@click.argument("names", nargs=-1, metavar="[TARGET|host]...")
@options.registry
@options.offline
@click.option("--jobs", type=click.IntRange(1, 16), default=4, show_default=True, help="Downloads at once.")
def fetch_command(names: tuple[str, ...], **given: Any) -> Result:
    """Get the locked archives into the cache: resumed where they were cut, checked before anything is unpacked."""
    from ..commands.fetch import fetch

    fetched = fetch(select(names), load_lock(), **given)
    return Result(fetched, tables.fetched(fetched))


@command("stage-runtime", "Make a buildable package directory.")
@click.argument("destination", metavar="DIR", type=options.PATH)
@click.argument("source", required=False, type=click.Path(path_type=Path, exists=True))
@options.version
@click.option("--target", "name", metavar="T|host", help="The target; it must agree with what the executable is.")
@click.option("--wheel", metavar="NAME", help="Which of the target's wheels; the first one when not given.")
@options.registry
@options.offline
def stage_runtime_command(
    *,
    name: str | None,
    registry: str | None,
    offline: bool,
    reporter: Terminal,
    **given: Any,
) -> Result:
    """Make DIR a buildable codex-cli-bin package for one wheel.

    SOURCE is an executable, an unpacked payload directory, or a .tar.gz, .tgz or .zip of one. Without SOURCE the
    locked payload of the target is used, and fetched if need be.
    """
    from ..commands.stage_runtime import stage_runtime
    from ..registry import fetch_archive

    lock = load_lock()
    staged = stage_runtime(
        target=select([name])[0] if name else None,
        lock=lock,
        template=paths.RUNTIME_TEMPLATE,
        fetch=lambda target: fetch_archive(
            lock.target(target.triple), registry=registry, offline=offline, reporter=reporter
        ),
        reporter=reporter,
        **given,
    )
    for note in staged.notes:
        reporter.warn(f"note: {note}")
    return Result(
        {"directory": str(staged.directory), "notes": staged.notes, "stage": staged.stage}, tables.staged(staged)
    )


@command("build", "Build staged directories into wheels.")
@click.argument("directories", nargs=-1, required=True, metavar="DIR...", type=options.PATH)
@click.option("--out", type=options.PATH, default=paths.DIST, help="Where the wheels go.  [default: dist]")
@options.compression
@options.jobs
def build_command(**given: Any) -> Result:
    """Build the wheel of each staged directory through its PEP 517 backend."""
    from ..commands.build import build

    built = build(**given)
    return Result(built, "\n".join(str(wheel.path) for wheel in built))


@command("verify", "Say whether wheels are what they say.")
@click.argument("wheels", nargs=-1, required=True, metavar="PATH...", type=options.PATH)
@click.option("--check", "checks", multiple=True, metavar="NAME", help="Only this check; may be repeated.")
@click.option("--deep", is_flag=True, help="Also verify Authenticode signatures (needs the extra `deep`).")
@click.option(
    "--run", is_flag=True, help="Run `codex --version` even of a codex-cli-bin whose bytes are not the lock's."
)
def verify_command(wheels: tuple[Path, ...], **given: Any) -> Result:
    """Say whether wheels are what they say: tags, container, payload, version, licenses, sbom, size.

    PATH is a wheel or a directory of wheels; other people's wheels are welcome.
    """
    from ..commands.verify import verify

    verdicts = verify(wheels, **given)
    return Result(verdicts, tables.verdicts(verdicts), passed=all(verdict.passed for verdict in verdicts))
