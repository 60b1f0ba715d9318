"""A stage: what `stage.json` says about the one wheel that a staged directory builds."""

from pathlib import Path
from typing import Literal

import msgspec

from .errors import UsageProblem
from .targets import Mode

SCHEMA = 1
STAGE_FILE = "stage.json"
PAYLOAD_DIRECTORY = "payload"

SourceKind = Literal["npm", "archive", "directory", "executable"]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the payload came from.

    Attributes:
        kind: `npm` for the locked archive, else what was given.
        name: `package@version` for npm, else the given file's base name.
        sha512: of the archive, in hex; None where there was no archive.
    """

    kind: SourceKind
    name: str
    sha512: str | None


class StagedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the wheel: size in bytes, SHA-256 in hex, and the mode that the target gives it."""

    size: int
    sha256: str
    mode: Mode


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One wheel, ready to build.

    Attributes:
        version: the PEP 440 spelling; `upstream_version` is the runtime's own.
        target: its triple.
        wheel: the name of the target's wheel.
        tag: the compressed tag set, `py3-none-...`.
        license_expression: SPDX expression of all that ships.
        license_files: names under `licenses/`, all that is there.
        own_license_files: the payload's files that are license texts themselves.
        sbom_files: names under `sboms/`, all that is there.
        executable: its path in the payload.
        path_directory: the directory that goes first on the executable's PATH; None when nothing in it ships.
        components: names of those that ship.
        files: every file that ships, by its path in the payload.
    """

    schema: int
    version: str
    upstream_version: str
    target: str
    wheel: str
    tag: str
    license_expression: str
    license_files: tuple[str, ...]
    own_license_files: tuple[str, ...]
    sbom_files: tuple[str, ...]
    executable: str
    path_directory: str | None
    components: tuple[str, ...]
    source: Source
    files: dict[str, StagedFile]


def load_stage(directory: Path) -> Stage:
    """Read the stage of a staged directory.

    Raises:
        UsageProblem: the directory is not staged, or by another toolkit.
    """
    path, fix = directory / STAGE_FILE, f"python scripts/update_sdk_artifacts.py stage-runtime {directory}"
    try:
        stage = msgspec.json.decode(path.read_bytes(), type=Stage)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageProblem(f"{directory} is no staged directory: it has no {STAGE_FILE}", fix=fix) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageProblem(f"{path}: {error}", fix=fix) from None
    if stage.schema != SCHEMA:
        raise UsageProblem(f"{path}: key `schema`: {stage.schema} is not {SCHEMA}", fix=fix)
    return stage


def render_stage(stage: Stage) -> str:
    """The stage as JSON text, the same for the same stage."""
    return msgspec.json.format(msgspec.json.encode(stage, order="sorted"), indent=2).decode() + "\n"
