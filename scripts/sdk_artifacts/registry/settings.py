"""Which npm registry to use: the one that the user names, or the one that the user's npm is set up for."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import UsageProblem
from .patience import Patience
from .transport import Web
from .urls import origin_of, server_address

WAYS_OUT = "Give --registry URL, or set NPM_CONFIG_REGISTRY, or set up npm: npm config set registry URL."

_SCOPE_KEY = "@openai:registry"
_NPM_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry's address.

    Attributes:
        url: without credentials and without a slash at its end.
        authorization: value of the Authorization header; never shown.
    """

    url: str
    authorization: str = field(default="", repr=False)

    def web(self, patience: Patience) -> Web:
        """A way to ask it that sends the credentials nowhere else."""
        return Web(patience=patience, authorization=self.authorization, origin=origin_of(self.url))


def find_registry(option: str | None, *, environ: Mapping[str, str] = os.environ) -> Registry:
    """The registry to use: the option, else NPM_CONFIG_REGISTRY (in either case), else what npm's settings say.

    Raises:
        UsageProblem: there is none, or it is no address; credentials are never shown.
    """
    if option:
        return Registry(*server_address(option, "--registry", fix=WAYS_OUT))
    for name, value in environ.items():
        if name.lower() == "npm_config_registry" and value:
            return Registry(*server_address(value, name, fix=WAYS_OUT))
    return Registry(*server_address(_npm_setting(), "npm's setting", fix=WAYS_OUT))


def _npm_setting() -> str:
    """The registry of npm's own settings: the one of the package's scope, else the general one."""
    npm = shutil.which("npm")
    if npm is None:
        raise UsageProblem("npm is not there to say which registry to use", fix=WAYS_OUT)
    command = [npm, "config", "get", _SCOPE_KEY, "registry"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", timeout=_NPM_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise UsageProblem("`npm config get registry` does not run", fix=WAYS_OUT) from None
    if "protected" in done.stderr:
        raise UsageProblem("npm does not tell its registry's address, for there are credentials in it", fix=WAYS_OUT)
    settings = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    for key in (_SCOPE_KEY, "registry"):
        if settings.get(key, "undefined") not in ("undefined", "null", ""):
            return settings[key]
    raise UsageProblem("`npm config get registry` names no registry", fix=WAYS_OUT)
