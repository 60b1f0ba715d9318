"""`stage-sdk`: the SDK's sources become a directory that any PEP 517 frontend builds, pinned to exactly one runtime."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from .. import paths
from ..destination import require_apart, require_replaceable
from ..errors import UsageProblem
from ..files import atomic_directory, write_text
from ..sdk_stage import BESIDE, VERSION_FILE, SdkStage, pin, render_sdk_stage, render_version, sources, types_version
from ..stage import STAGE_FILE
from ..versions import RuntimeVersion


@dataclass(frozen=True, slots=True)
class StagedSdk:
    """A finished stage: what it says, where it stands, and what its maker should know."""

    stage: SdkStage
    directory: Path
    notes: tuple[str, ...]


def stage_sdk(
    destination: Path,
    *,
    runtime_version: RuntimeVersion,
    sdk_version: str | None = None,
    allow_mismatch: bool = False,
    template: Path | None = None,
) -> StagedSdk:
    """Make `destination` the stage of the SDK, or leave it as it was.

    Args:
        destination: new, empty, or a stage, which is replaced.
        runtime_version: the one to depend on.
        sdk_version: as PEP 440 spells it; that of the runtime when None.
        allow_mismatch: stage even with types of another runtime, which the metadata then say.
        template: the package's directory; the repository's own when None.

    Raises:
        UsageProblem: a version is none or does not fit the types, or `destination` holds something else.
    """
    destination, template = destination.resolve(), template or paths.SDK_TEMPLATE
    require_replaceable(destination)
    require_apart(destination, template.resolve())
    stage = _stage(runtime_version, sdk_version, types_version(template))
    notes = _mismatch(stage, allowed=allow_mismatch)
    with atomic_directory(destination) as partial:
        _copy_template(template, partial)
        write_text(partial / VERSION_FILE, render_version(stage))
        write_text(partial / STAGE_FILE, render_sdk_stage(stage))
    return StagedSdk(stage, destination, notes)


def _stage(runtime: RuntimeVersion, sdk_version: str | None, types: RuntimeVersion) -> SdkStage:
    return SdkStage(
        version=_public(sdk_version) if sdk_version else runtime.pep440,
        requires=pin(runtime),
        runtime_version=runtime.upstream,
        types_version=types.upstream,
    )


def _public(text: str) -> str:
    """A version as an index takes it: normalised, and not a local one."""
    try:
        version = Version(text)
    except InvalidVersion:
        raise UsageProblem(
            f"{text!r} is not a version", fix="Write it like 0.116.0, 0.116.0a1 or 0.116.0.post1."
        ) from None
    if version.local:
        raise UsageProblem(f"{text!r} is a local version, which no index takes", fix=f"Write {version.public}.")
    return str(version)


def _mismatch(stage: SdkStage, *, allowed: bool) -> tuple[str, ...]:
    """A note when pin and types are of two runtimes.

    Raises:
        UsageProblem: they are, and that is not allowed.
    """
    if stage.runtime_version == stage.types_version:
        return ()
    differs = f"the generated types are of runtime {stage.types_version}, not {stage.runtime_version}"
    if not allowed:
        fix = f"Pin {stage.runtime_version} and run generate-types; or give --allow-mismatch, and the summary says so."
        raise UsageProblem(differs, fix=fix)
    return (f"{differs}; the summary of the package says so",)


def _copy_template(template: Path, into: Path) -> None:
    places = {path: into / name for name, path in BESIDE.items()}
    places |= {path: into / path.relative_to(template) for path in sources(template)}
    for path, place in places.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
