"""The metadata as hatchling sees it: version and pin come from `stage.json`, which `stage-sdk` writes beside it.

A directory without `stage.json` is for development: it has no version to publish, and is pinned to no runtime.
"""

import json
from pathlib import Path
from typing import Any, TypedDict

from hatchling.metadata.plugin.interface import MetadataHookInterface

SCHEMA = 1


class Refused(SystemExit):
    """The build must not go on. Backends run in a process of their own, where this is a message and no traceback."""


class Stage(TypedDict):
    """What `stage.json` says; `requires` is the pin, both runtime versions are in the runtime's own spelling."""

    schema: int
    version: str
    requires: str
    runtime_version: str
    types_version: str


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
        raise Refused(f"codex-app-server-sdk: {path} is no JSON document: {error}") from None
    if missing := [key for key in Stage.__annotations__ if key not in stage]:
        raise Refused(f"codex-app-server-sdk: {path} lacks {', '.join(missing)}; stage again with stage-sdk")
    if stage["schema"] != SCHEMA:
        raise Refused(f"codex-app-server-sdk: {path} has schema {stage['schema']}, not {SCHEMA}; stage again")
    return stage


class StageMetadata(MetadataHookInterface):
    """Version, pin and, where types and pin are of two runtimes, a summary that says so."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill the fields that pyproject.toml calls dynamic."""
        stage = read_stage(Path(self.root))
        summary, needs = self.config["description"], list(self.config["dependencies"])
        if stage is None:
            metadata.update({"version": "0.0.0.dev0", "description": summary, "dependencies": needs})
            return
        runtime, types = stage["runtime_version"], stage["types_version"]
        if runtime != types:
            summary += f" (made for runtime {types}, pinned to {runtime})"
        needs.append(stage["requires"])
        metadata.update({"version": stage["version"], "description": summary, "dependencies": needs})
