"""Options that several commands share."""

import os
from pathlib import Path
from typing import Any

import click

from . import paths
from .errors import ToolkitError
from .versions import RuntimeVersion


class Version(click.ParamType[RuntimeVersion]):
    """A runtime version in any of its spellings."""

    name = "version"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> RuntimeVersion:
        """Parse it, or say how it is written."""
        try:
            return value if isinstance(value, RuntimeVersion) else RuntimeVersion.parse(value)
        except ToolkitError as error:
            self.fail(f"{error.message}. {error.fix}", param, ctx)


PATH = click.Path(path_type=Path)
dist = click.option("--dist", type=PATH, default=paths.DIST, help="The directory of the release.  [default: dist]")
version = click.option(
    "--runtime-version",
    "version",
    type=Version(),
    metavar="V",
    help="0.116.0a1, 0.116.0-alpha.1, rust-v0.116.0-alpha.1",
)
registry = click.option(
    "--registry", metavar="URL", help="The npm registry; without it $NPM_CONFIG_REGISTRY, then npm's own settings."
)
offline = click.option("--offline", is_flag=True, help="Use what the cache has, and nothing else.")
# A backend holds the largest payload file and its compressed form: half a GiB, most of it clean pages of that file.
# Two of them keep the command below 1 GiB.
jobs = click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=min(os.cpu_count() or 1, 2),
    show_default=True,
    help="Wheels in work at once; each takes up to half a GB of memory.",
)
compression = click.option(
    "--compression",
    type=click.Choice(["fast", "small"]),
    default="fast",
    show_default=True,
    help="small: 3 to 4 % fewer bytes for seven times the CPU.",
)
