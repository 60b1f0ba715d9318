"""Results as people read them on stdout; `--json` gives the same values whole."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table

from .released import RECORD_NAME
from .releases import CheckRecord, Release, SdkRecord, WheelRecord
from .targets import known_targets
from .terminal import megabytes

if TYPE_CHECKING:
    from .commands.fetch import Fetched
    from .commands.stage_runtime import Staged
    from .commands.verify import Verdict

_MARKS = {"passed": "ok", "failed": "FAILED", "not applicable": "-"}


def release(done: Release, directory: Path) -> Group:
    """A row per wheel: what was made, what was proven, what ran here; then what is missing."""
    table = _table("target", "tags", "size", "sha256", "proven", "run here")
    for record in done.wheels:
        table.add_row(
            record.target,
            "\n".join(record.tags),
            megabytes(record.size),
            record.sha256[:16],
            _proven(record.checks),
            "\n".join(_ran(record, done)),
        )
    for file in done.sdk:
        ran = "\n".join(_sdk_ran(file, done))
        table.add_row("the SDK", file.kind, megabytes(file.size), file.sha256[:16], _proven(file.checks), ran)
    table.title = f"codex-cli-bin {done.version}: {_extent(done)}, in {directory}"
    lines = [f"not made yet: {name}" for name in done.missing]
    lines += [
        f"warning: {record.name}: {warning}"
        for record in done.wheels
        for check in record.checks.values()
        for warning in check.warnings
    ]
    return Group(table, *lines, f"whole digests, payloads and reasons: {directory / RECORD_NAME}")


def verdicts(found: Sequence["Verdict"]) -> str:
    """A paragraph per wheel: a line per check, and under it what was found."""
    return "\n\n".join("\n".join(_verdict(verdict)) for verdict in found)


def fetched(archives: Iterable["Fetched"]) -> Table:
    """A row per archive."""
    table = _table("target", "size", "sha512", "")
    for archive in archives:
        state = "was there" if archive.cached else "fetched"
        table.add_row(archive.target, megabytes(archive.size), archive.sha512[:16], state)
        table.caption = f"in {archive.path.parent}"
    return table


def staged(done: "Staged") -> str:
    """What was staged, and the command that goes on."""
    stage = done.stage
    size = megabytes(sum(file.size for file in stage.files.values()))
    return (
        f"{done.directory}: codex-cli-bin {stage.version} for {stage.target}, {len(stage.files)} files, {size}\n"
        f"tag: {stage.tag}\n"
        f"next: python scripts/update_sdk_artifacts.py build {done.directory}"
    )


def changes(lines: Sequence[str]) -> str:
    """The lines, or that there are none."""
    return "\n".join(lines) or "nothing changes"


def _table(*columns: str) -> Table:
    return Table(*columns, box=box.SIMPLE_HEAD, title_justify="left", caption_justify="left", pad_edge=False)


def _proven(checks: Mapping[str, CheckRecord]) -> str:
    return ", ".join(name for name, check in checks.items() if check.status == "passed")


def _extent(done: Release) -> str:
    made = f"{len(done.wheels)} wheels" if len(done.wheels) != 1 else "1 wheel"
    whole = len(done.wheels) + sum(name.startswith("codex_cli_bin-") for name in done.missing)
    return f"{made} and the SDK, complete" if done.complete else f"{made} of {whole}"


def _ran(record: WheelRecord, done: Release) -> Iterable[str]:
    if done.trial and done.trial.sha256 == record.sha256:
        yield "installed with pip"
        yield from done.trial.printed
    elif ran := [check.ran for check in record.checks.values() if check.ran]:
        yield from ran
    else:
        target = known_targets()[record.target]
        yield f"no: it takes {target.machine} {target.os}" + (f" or {target.emulator}" if target.emulator else "")


def _sdk_ran(file: SdkRecord, done: Release) -> Iterable[str]:
    if done.turn and done.turn.sdk_sha256 == file.sha256:
        yield "installed with pip and the runtime"
        yield "one turn on a model on loopback"
    else:
        yield from (check.ran for check in file.checks.values() if check.ran)


def _verdict(verdict: "Verdict") -> Iterable[str]:
    yield f"{verdict.name}: {'passed' if verdict.passed else 'FAILED'}"
    if not verdict.sha256:  # it could not be read, and every check says just that
        yield f"  {verdict.checks[0].reason}"
        return
    for check in verdict.checks:
        yield f"  {_MARKS[check.status]:7}{check.name:10} {check.reason}"
        for finding in check.findings:
            where = f"{finding.member}: " if finding.member else ""
            yield f"         {finding.level}: {where}{finding.message}"
            if finding.right:
                yield f"           right: {finding.right}"
    if verdict.truest:
        yield f"  truest tags: {', '.join(verdict.truest)}"
