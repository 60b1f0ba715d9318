"""`stage-runtime`: one payload and the package's template become a directory that any PEP 517 frontend builds."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..binaries.embedded import look_into
from ..bom import RUNTIME_SBOM, SBOM_DIRECTORY, Contents, bill_of_runtime, render_bom
from ..destination import require_apart, require_replaceable
from ..errors import DataProblem, IntegrityFailed, PayloadRefused, UsageProblem
from ..files import atomic_directory, write_text
from ..licenses import missing, terms_of, unlisted
from ..lock import Lock, LockedFile
from ..parts import known_parts
from ..payload import PACKAGE_FILE
from ..payload.identity import true_tag
from ..payload.intake import Intake, describe, take
from ..payload.probe import ask_version
from ..reporting import Reporter
from ..stage import PAYLOAD_DIRECTORY, SCHEMA, STAGE_FILE, Source, Stage, StagedFile, render_stage
from ..targets import Target, host_target
from ..versions import RuntimeVersion

TEMPLATE = (
    *("pyproject.toml", "*.py", "README.md"),
    *("src/codex_cli_bin/**/*.py", "src/codex_cli_bin/py.typed"),
)


@dataclass(frozen=True, slots=True)
class Staged:
    """A finished stage: what it says, where it stands, and what its maker should know."""

    stage: Stage
    directory: Path
    notes: tuple[str, ...]


def stage_runtime(
    destination: Path,
    source: Path | None,
    *,
    version: RuntimeVersion | None,
    target: Target | None,
    wheel: str | None,
    lock: Lock,
    template: Path,
    fetch: Callable[[Target], Path],
    reporter: Reporter,
) -> Staged:
    """Make `destination` the stage of one wheel, or leave it as it was.

    Args:
        destination: new, empty, or a stage, which is replaced.
        source: an executable, a payload directory or an archive of one; None for the locked payload.
        version: must be what the payload says; read from it when None.
        target: must be what the executable says; read from it when None.
        wheel: the name of one of the target's wheels; None for the first.
        lock: the pin to compare with.
        template: the package's directory.
        fetch: gives the verified archive that is locked for a target.
        reporter: sees the progress.

    Raises:
        PayloadRefused: the source is damaged, hostile, incomplete, or not what was asked for.
        UsageProblem: `destination` holds something else, or overlaps the source.
        IntegrityFailed: the locked payload's bytes are not those of the lock.
    """
    destination = destination.resolve()
    require_replaceable(destination)
    for other in filter(None, (source, template)):
        require_apart(destination, other.resolve())
    if source is None:
        target = target or host_target()
        _require_locked(version, lock)
        path, origin = fetch(target), _locked_source(lock, target)
    else:
        path, origin = source, describe(source, lock)
    with atomic_directory(destination) as partial:
        payload = partial / PAYLOAD_DIRECTORY
        intake = take(path, origin, payload, target=target, wheel=wheel, reporter=reporter)
        settled, unasked = _settle_version(version, intake, payload, lock)
        compared = _compare_with_lock(settled, intake, origin, lock)
        tag, relabeled = _settle_tag(intake, payload, origin)
        _require_listed_licenses(intake)
        stage = _stage(settled, intake, origin, tag)
        _copy_template(template, partial, stage.license_files)
        write_text(partial / SBOM_DIRECTORY / RUNTIME_SBOM, _bill(stage, intake.target, payload, reporter))
        write_text(partial / STAGE_FILE, render_stage(stage))
    return Staged(stage, destination, (*intake.notes, *unasked, *compared, *relabeled))


def _require_locked(version: RuntimeVersion | None, lock: Lock) -> None:
    if version not in (None, lock.runtime_version):
        raise UsageProblem(
            f"the locked payload is of version {lock.runtime_version}, not {version}",
            fix=f"Give a SOURCE, or: python scripts/update_sdk_artifacts.py pin --runtime-version {version}",
        )


def _locked_source(lock: Lock, target: Target) -> Source:
    locked = lock.target(target.triple)
    return Source("npm", f"{locked.package}@{locked.package_version}", locked.archive_sha512)


def _settle_version(
    asked: RuntimeVersion | None, intake: Intake, payload: Path, lock: Lock
) -> tuple[RuntimeVersion, tuple[str, ...]]:
    """The one version that the user, the payload and the executable agree on; with a note when it was not run."""
    answer = ask_version(payload / intake.target.executable, intake.target)
    sayings = {
        "--runtime-version": asked,
        PACKAGE_FILE: _package_version(intake),
        "runtime.lock": lock.runtime_version if _has_locked_executable(intake, lock) else None,
        f"{intake.target.executable} --version": answer.version,
    }
    said = {speaker: version for speaker, version in sayings.items() if version is not None}
    if not said:
        raise UsageProblem(f"the version is not known: {answer.unasked}", fix="Give it with --runtime-version.")
    if len(set(said.values())) > 1:
        says = ", ".join(f"{speaker} says {version.upstream}" for speaker, version in said.items())
        raise PayloadRefused(f"the versions differ: {says}")
    unasked = (f"`{intake.target.executable} --version` was not run: {answer.unasked}",) if answer.unasked else ()
    return next(iter(said.values())), unasked


def _package_version(intake: Intake) -> RuntimeVersion | None:
    if intake.package is None:
        return None
    try:
        return RuntimeVersion.parse(intake.package.version)
    except UsageProblem as error:
        raise PayloadRefused(f"{PACKAGE_FILE}: key `version`: {error.message}") from None


def _has_locked_executable(intake: Intake, lock: Lock) -> bool:
    executable = next(file for file in intake.files if file.path == intake.target.executable)
    locked = lock.targets.get(intake.target.triple)
    return locked is not None and locked.files.get(executable.path) == LockedFile(executable.size, executable.sha256)


def _compare_with_lock(version: RuntimeVersion, intake: Intake, origin: Source, lock: Lock) -> tuple[str, ...]:
    """Demand the lock's bytes of the locked payload; of another source of that version, say where it differs."""
    locked = lock.targets.get(intake.target.triple)
    if locked is None or version != lock.runtime_version:
        return ()
    other = [file.path for file in intake.files if locked.files.get(file.path) != LockedFile(file.size, file.sha256)]
    if not other:
        return ()
    if origin.kind == "npm":
        raise IntegrityFailed(
            f"{origin.name}: not the bytes of runtime.lock: {', '.join(other)}",
            fix=f"python scripts/update_sdk_artifacts.py pin --runtime-version {lock.version}",
        )
    return (f"not the bytes that runtime.lock has for {version}: {', '.join(other)}",)


def _settle_tag(intake: Intake, payload: Path, origin: Source) -> tuple[str, tuple[str, ...]]:
    """The wheel's tag, or a truer one for files of the user's own, with a note."""
    tag, against = true_tag(intake.wheel, payload, [file.path for file in intake.files])
    if not against:
        return tag, ()
    if origin.kind == "npm":
        raise DataProblem(
            f"{intake.target.triple}.toml, wheel {intake.wheel.name!r}: key `tags`: {'; '.join(against)}",
            fix=f"True of these files is {tag}.",
        )
    return tag, (f"the tag is {tag}, since {'; '.join(against)}",)


def _require_listed_licenses(intake: Intake) -> None:
    """The payload's own license texts are those that the target's data lists, all of them and no others."""
    target, files = intake.target, [file.path for file in intake.files]
    if strangers := unlisted(target, files):
        raise DataProblem(
            f"{target.triple}.toml lists no license file {', '.join(strangers)}, which the payload has",
            fix="Add it to its component's `license_files`.",
        )
    components = {target.component_of(path) for path in files}
    if lost := missing(target, [name for name in intake.wheel.components if name in components], files):
        raise PayloadRefused(
            f"the payload lacks {', '.join(lost)}, which {target.triple}.toml lists in `license_files`",
        )


def _bill(stage: Stage, target: Target, payload: Path, reporter: Reporter) -> str:
    """The bill of materials of what is staged in `payload`."""
    parts, contents = known_parts(), {}
    with reporter.task("look into the files", sum(file.size for file in stage.files.values())) as advance:
        for path, file in stage.files.items():
            names = target.parts_of(path)
            evidence = {name: parts[name].evidence for name in names if parts[name].evidence}
            contents[path] = Contents(names, look_into(payload / path, evidence))
            advance(file.size)
    return render_bom(bill_of_runtime(stage, contents, parts))


def _stage(version: RuntimeVersion, intake: Intake, origin: Source, tag: str) -> Stage:
    target, wheel = intake.target, intake.wheel
    shipped = {target.component_of(file.path) for file in intake.files}
    components = tuple(name for name in wheel.components if name in shipped)
    has_path = any(file.path.startswith(f"{target.path_directory}/") for file in intake.files)
    terms = terms_of(target, (file.path for file in intake.files), known_parts())
    return Stage(
        schema=SCHEMA,
        version=version.pep440,
        upstream_version=version.upstream,
        target=target.triple,
        wheel=wheel.name,
        tag=tag,
        license_expression=terms.expression,
        license_files=terms.texts,
        own_license_files=terms.own_texts,
        sbom_files=(RUNTIME_SBOM,),
        executable=target.executable,
        path_directory=target.path_directory if has_path else None,
        components=components,
        source=origin,
        files={file.path: StagedFile(file.size, file.sha256, target.mode_of(file.path)) for file in intake.files},
    )


def _copy_template(template: Path, into: Path, license_files: tuple[str, ...]) -> None:
    for pattern in TEMPLATE:
        paths = sorted(template.glob(pattern))
        if not paths:
            raise DataProblem(f"the package's template has no {pattern} in {template}")
        for path in paths:
            place = into / path.relative_to(template)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
    if lost := [name for name in license_files if not (template / "licenses" / name).is_file()]:
        raise DataProblem(f"{template}: licenses/ lacks {', '.join(lost)}, which platforms/parts.toml names")
    (into / "licenses").mkdir()
    for name in license_files:
        shutil.copyfile(template / "licenses" / name, into / "licenses" / name)
