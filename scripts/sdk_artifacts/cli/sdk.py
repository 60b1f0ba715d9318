"""The commands that make the SDK."""

from pathlib import Path

import click

from .. import options
from ..lock import load_lock
from ..terminal import Terminal
from ..versions import RuntimeVersion
from .door import Result, command


@command("generate-types", "Write the SDK's wire types.")
@click.option("--check", is_flag=True, help="Write nothing; fail when something is stale.")
@options.registry
@options.offline
def generate_types_command(*, check: bool, registry: str | None, offline: bool, reporter: Terminal) -> Result:
    """Write the SDK's wire types as the pinned runtime of this machine describes its own protocol."""
    from ..commands.fetch import host_runtime
    from ..commands.generate_types import generate_types

    lock = load_lock()
    runtime = host_runtime(lock, registry=registry, offline=offline, reporter=reporter)
    written = generate_types(check=check, runtime=runtime, lock=lock, reporter=reporter)
    return Result([str(path) for path in written], "\n".join(map(str, written)) or "nothing changes")


@command("stage-sdk", "Make a buildable SDK directory.")
@click.argument("destination", metavar="DIR", type=options.PATH)
@click.option(
    "--runtime-version",
    type=options.Version(),
    metavar="V",
    help="The runtime to depend on, exactly; the lock's when not given.",
)
@click.option("--sdk-version", metavar="V", help="The SDK's own version (PEP 440); the runtime's when not given.")
@click.option("--allow-mismatch", is_flag=True, help="Depend on a runtime that the generated types are not of.")
def stage_sdk_command(
    *,
    destination: Path,
    runtime_version: RuntimeVersion | None,
    sdk_version: str | None,
    allow_mismatch: bool,
    reporter: Terminal,
) -> Result:
    """Make DIR a buildable codex-app-server-sdk whose wheel and source distribution depend on exactly one runtime.

    A runtime that the generated types are not of is refused. With --allow-mismatch the package's summary names both.
    """
    from ..commands.stage_sdk import stage_sdk

    done = stage_sdk(
        destination,
        runtime_version=runtime_version or load_lock().runtime_version,
        sdk_version=sdk_version,
        allow_mismatch=allow_mismatch,
    )
    for note in done.notes:
        reporter.warn(f"note: {note}")
    text = f"{done.directory}: codex-app-server-sdk {done.stage.version}, depends on {done.stage.requires}\n"
    text += f"next: python -m build {done.directory}"
    return Result({"directory": str(done.directory), "notes": done.notes, "stage": done.stage}, text)
