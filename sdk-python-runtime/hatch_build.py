"""The build as hatchling sees it: metadata and tag come from `stage.json`, which `stage-runtime` writes beside it.

A directory without `stage.json` is the bare template: it can be installed in editable mode and not be built.
"""

import json
import re
from pathlib import Path
from typing import Any, TypedDict

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

SCHEMA = 1
FRAME = "frame"  # the build version, in hatchling's sense, that wheel_backend.py asks for

NOTHING_STAGED = """\
codex-cli-bin: nothing is staged here ({root}), so there is no executable to build a wheel from.
Stage a runtime first, from the repository, and build that directory:
    python scripts/update_sdk_artifacts.py stage-runtime DIR
    python -m build --wheel DIR"""

BYPASSED = """\
codex-cli-bin: hatchling alone would give a wheel without the executable; the payload is added by wheel_backend.py.
Build through any frontend of pyproject.toml instead:
    python -m build --wheel {root}"""

WHEEL_ONLY = """\
codex-cli-bin is wheel-only: a source distribution would have to carry or fetch an executable.
Build a wheel:
    python -m build --wheel {root}"""


# The toolkit has the same pattern in licenses.py; a test holds them equal.
LICENSE_LIKE = re.compile(
    r"(?:.*/)?licen[cs]es?/.*"  # a directory of them
    r"|(?:.*[-_. /])?(?:licen[cs]es?|copying|copyright|notices?|unlicen[cs]e|patents)(?:[-_. ][^/]*)?",
    re.IGNORECASE,
)


class Refused(SystemExit):
    """The build must not go on. Backends run in a process of their own, where this is a message and no traceback."""


class StagedFile(TypedDict):
    """One payload file: its size in bytes, its SHA-256 in hex, its mode in octal."""

    size: int
    sha256: str
    mode: str


class Stage(TypedDict):
    """What this build reads of `stage.json`; all its other keys go into the wheel's manifest as they are."""

    schema: int
    version: str
    tag: str
    license_expression: str
    license_files: list[str]
    own_license_files: list[str]
    sbom_files: list[str]
    files: dict[str, StagedFile]


def read_stage(root: Path) -> Stage | None:
    """Read `stage.json` of `root`; None when nothing is staged there.

    Raises:
        Refused: it is not one that this build understands.
    """
    path = root / "stage.json"
    try:
        stage: Stage = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise Refused(f"codex-cli-bin: {path} is no JSON document: {error}") from None
    if not isinstance(stage, dict):
        raise Refused(f"codex-cli-bin: {path} is no JSON object; stage again with stage-runtime")
    if missing := [key for key in Stage.__annotations__ if key not in stage]:
        raise Refused(f"codex-cli-bin: {path} lacks {', '.join(missing)}; stage again with stage-runtime")
    if stage["schema"] != SCHEMA:
        raise Refused(f"codex-cli-bin: {path} has schema {stage['schema']}, this build reads {SCHEMA}; stage again")
    return stage


def license_files(stage: Stage, root: Path) -> list[str]:
    """The license texts of the stage, relative to `root`.

    Raises:
        Refused: one that is listed is not there, or one is there that is not listed.
    """
    own = {f"payload/{path}" for path in stage["own_license_files"]}
    listed = {f"licenses/{name}" for name in stage["license_files"]} | own
    there = {path.relative_to(root).as_posix() for path in (root / "licenses").rglob("*") if path.is_file()}
    there |= {f"payload/{path}" for path in stage["files"] if LICENSE_LIKE.fullmatch(path)}
    there |= {name for name in own if (root / name).is_file()}
    # hatchling takes them as patterns and skips what matches nothing, so it would not notice
    if lost := sorted(listed - there):
        raise Refused(f"codex-cli-bin: stage.json names the license text {', '.join(lost)}, which is not there")
    if strangers := sorted(there - listed):
        raise Refused(f"codex-cli-bin: stage.json does not list the license text {', '.join(strangers)}; stage again")
    return sorted(listed)


class StageMetadata(MetadataHookInterface):
    """Version and license of the staged runtime; placeholders for the bare template."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill the fields that pyproject.toml calls dynamic."""
        stage = read_stage(Path(self.root))
        if stage is None:
            metadata.update({"version": "0.0.0.dev0", "license": "Apache-2.0", "license-files": []})
            return
        files = license_files(stage, Path(self.root))
        metadata.update({"version": stage["version"], "license": stage["license_expression"], "license-files": files})


class StageBuild(BuildHookInterface):  # type: ignore[type-arg]  # its parameter is hatchling's own business
    """Gives the wheel the staged tag, and stops every way to a wheel without a payload."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Answer one build; `version` is hatchling's word for the kind of build."""
        if self.target_name != "wheel":
            raise Refused(WHEEL_ONLY.format(root=self.root))
        if version == "editable":
            return
        stage = read_stage(Path(self.root))
        if stage is None:
            raise Refused(NOTHING_STAGED.format(root=self.root))
        if version != FRAME:
            raise Refused(BYPASSED.format(root=self.root))
        build_data["tag"] = stage["tag"]
        build_data["pure_python"] = False
        build_data["sbom_files"] = [f"sboms/{name}" for name in stage["sbom_files"]]
        for name in build_data["sbom_files"]:
            if not Path(self.root, name).is_file():
                raise Refused(f"codex-cli-bin: stage.json names the bill of materials {name}, which is not there")
