"""The commands that make the SDK."""

import click

from .. import options
from ..lock import load_lock
from ..terminal import Terminal
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
