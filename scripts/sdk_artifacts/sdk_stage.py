"""A staged SDK: what its `stage.json` says, and which runtime its generated types were made for."""

import ast
from pathlib import Path

import msgspec

from . import paths
from .errors import DataProblem, UsageProblem
from .versions import RuntimeVersion

SCHEMA = 1
PROJECT, PACKAGE, RUNTIME_PROJECT = "codex-app-server-sdk", "codex_app_server", "codex-cli-bin"
TYPES_FILE = f"src/{PACKAGE}/generated/v2_all.py"
VERSION_FILE = f"src/{PACKAGE}/_version.py"
# What a stage has beside the SDK's own sources, by its name there.
BESIDE = {"LICENSE": paths.LICENSE, "wheel_archive.py": paths.RUNTIME_TEMPLATE / "wheel_archive.py"}

_SOURCES = (
    *("pyproject.toml", "hatch_build.py", "build_backend.py", "README.md"),
    *(f"src/{PACKAGE}/**/*.py", f"src/{PACKAGE}/**/*.pyi", f"src/{PACKAGE}/py.typed"),
)

_VERSION_MODULE = '''\
"""The version of this package, and that of the runtime that it requires, in the runtime's own spelling."""

VERSION = "{version}"
RUNTIME_VERSION: str | None = "{runtime_version}"
'''


class SdkStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One SDK, ready to build.

    Attributes:
        version: of the SDK, as PEP 440 spells it.
        requires: the pin, `codex-cli-bin==...`.
        runtime_version: the pinned one, in the runtime's own spelling.
        types_version: the one that the generated types were made for, spelled alike.
    """

    schema: int = SCHEMA
    version: str
    requires: str
    runtime_version: str
    types_version: str


def sources(template: Path) -> list[Path]:
    """The files of the SDK in `template` that a stage has as they are, but for the version.

    Raises:
        DataProblem: one of them is missing.
    """
    found = {pattern: sorted(template.glob(pattern)) for pattern in _SOURCES}
    if missing := [pattern for pattern, matches in found.items() if not matches]:
        raise DataProblem(f"the package's template has no {', '.join(missing)} in {template}")
    return [path for matches in found.values() for path in matches]


def pin(runtime: RuntimeVersion) -> str:
    """The requirement of exactly this runtime."""
    return f"{RUNTIME_PROJECT}=={runtime.pep440}"


def render_sdk_stage(stage: SdkStage) -> str:
    """The stage as JSON text, the same for the same stage."""
    return msgspec.json.format(msgspec.json.encode(stage, order="sorted"), indent=2).decode() + "\n"


def render_version(stage: SdkStage) -> str:
    """The module that tells the installed SDK its versions, without a look into its metadata."""
    return _VERSION_MODULE.format(version=stage.version, runtime_version=stage.runtime_version)


def types_version(template: Path) -> RuntimeVersion:
    """Which runtime the generated types of the SDK in `template` were made for; read, not imported.

    Raises:
        UsageProblem: there are no generated types, or they do not say.
    """
    path, fix = template / TYPES_FILE, "python scripts/update_sdk_artifacts.py generate-types"
    try:
        body = ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError) as error:
        raise UsageProblem(f"{path} cannot be read: {error}", fix=fix) from None
    for line in body:
        match line:
            case ast.Assign(targets=[ast.Name(id="GENERATED_FROM")], value=ast.Constant(value=str() as text)):
                return RuntimeVersion.parse(text)
    raise UsageProblem(f"{path} does not say which runtime it was made for (GENERATED_FROM)", fix=fix)
