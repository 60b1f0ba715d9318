"""A release in the words and numbers that the report shows. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..history import Entry
from ..publication.limits import DEFAULT_LIMIT_BYTES, LAST_LIMIT_BYTES, PROJECT_LIMIT_BYTES
from ..releases import CheckRecord, Release, SdkRecord, WheelRecord
from ..tags.promises import promises
from ..targets import Target
from .charts import Bar, Line, bars, line

SYSTEMS: Mapping[str, str] = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}
TOTAL = "All runtime wheels"


@dataclass(frozen=True, slots=True)
class File:
    """One file of the release.

    Attributes:
        title: for people, `Linux x86_64`.
        key: the name that the file keeps from release to release.
        needs: what it runs on, or what it requires.
        bar: its size against the limit of one file.
        ran: what of it was run on the machine of the release, and what that said.
    """

    title: str
    key: str
    record: WheelRecord | SdkRecord
    needs: tuple[str, ...]
    bar: Bar
    ran: Mapping[str, str]

    @property
    def share(self) -> float:
        """Its size as a share of the limit that holds unless the index raises it."""
        return self.record.size / DEFAULT_LIMIT_BYTES

    @property
    def warnings(self) -> tuple[str, ...]:
        """What its checks warn of."""
        return tuple(warning for check in self.record.checks.values() for warning in check.warnings)


@dataclass(frozen=True, slots=True)
class Series:
    """One number over the releases: its values by version, the oldest first, and how they are written."""

    title: str
    values: Mapping[str, float]
    unit: str

    @property
    def drawn(self) -> Line:
        """The line through them."""
        return line(list(self.values.values()))

    @property
    def latest(self) -> float:
        """The newest value."""
        return list(self.values.values())[-1]

    @property
    def change(self) -> float | None:
        """The newest value against the one before it, as a share; None without one."""
        _, *rest = values = list(self.values.values())
        return rest[-1] / values[-2] - 1 if rest and values[-2] else None


@dataclass(frozen=True, slots=True)
class View:
    """All that the report shows."""

    release: Release
    wheels: tuple[File, ...]
    sdk: tuple[File, ...]
    checks: tuple[str, ...]
    history: tuple[Series, ...]
    versions: tuple[str, ...]
    limit: int = DEFAULT_LIMIT_BYTES
    last_limit: int = LAST_LIMIT_BYTES
    project_limit: int = PROJECT_LIMIT_BYTES

    @property
    def files(self) -> tuple[File, ...]:
        """The wheels, and the SDK's files."""
        return (*self.wheels, *self.sdk)

    @property
    def total(self) -> int:
        """Bytes of all runtime wheels."""
        return sum(file.record.size for file in self.wheels)

    @property
    def outcomes(self) -> tuple[CheckRecord, ...]:
        """Every check that had something to look at."""
        found = (check for file in self.files for check in file.record.checks.values())
        return tuple(check for check in found if check.status != "not applicable")


def view_of(release: Release, *, history: Sequence[Entry], targets: Mapping[str, Target]) -> View:
    """The view of a release; `history` has its entry, too."""
    records = _records(release)
    drawn = bars([record.size for record in records], DEFAULT_LIMIT_BYTES)
    files = [_file(record, bar, release, targets) for record, bar in zip(records, drawn, strict=True)]
    return View(
        release=release,
        wheels=tuple(sorted(files[: len(release.wheels)], key=lambda file: file.title)),
        sdk=tuple(files[len(release.wheels) :]),
        checks=tuple(dict.fromkeys(name for record in records for name in record.checks)),
        history=tuple(_series(history, {file.key: file.title for file in files})),
        versions=tuple(entry.version for entry in history),
    )


def entry_of(release: Release, imports: Mapping[str, float]) -> Entry:
    """What the history keeps of a release."""
    sizes = {_key(record): record.size for record in _records(release)}
    return Entry(release.version, sizes, imports)


def _records(release: Release) -> tuple[WheelRecord | SdkRecord, ...]:
    return (*release.wheels, *release.sdk)


def _file(record: WheelRecord | SdkRecord, bar: Bar, release: Release, targets: Mapping[str, Target]) -> File:
    if isinstance(record, SdkRecord):
        title = f"SDK, {'wheel' if record.kind == 'wheel' else 'source distribution'}"
        return File(title, _key(record), record, record.requires, bar, dict(_ran(record, release)))
    target = targets.get(record.target)
    title = f"{SYSTEMS[target.os]} {target.machine}" if target else record.target
    if target and len(target.wheels) > 1:
        title += f", {record.wheel}"
    return File(title, _key(record), record, tuple(_systems(record)), bar, dict(_ran(record, release)))


def _key(record: WheelRecord | SdkRecord) -> str:
    return f"SDK {record.kind}" if isinstance(record, SdkRecord) else f"{record.target} {record.wheel}"


def _systems(record: WheelRecord) -> Iterator[str]:
    floors: dict[str, tuple[int, ...]] = {}
    for tag in record.tags:
        for platform, floor in promises(tag).items():
            floors[platform] = min(floor, floors.get(platform, floor))
    for platform, floor in floors.items():
        system, _, machine = platform.partition(" ")
        yield f"{system} {'.'.join(map(str, floor))} or newer, {machine}" if floor else f"{system}, {machine}"


def _ran(record: WheelRecord | SdkRecord, release: Release) -> Iterator[tuple[str, str]]:
    """What was typed, and the first line that it said, or how the check ended that ran it."""
    yield from ((check.ran, check.reason) for check in record.checks.values() if check.ran)
    if release.trial and release.trial.sha256 == record.sha256:
        yield from release.trial.printed.items()
    if release.turn and release.turn.sdk_sha256 == record.sha256:
        yield from release.turn.printed.items()


def _series(history: Sequence[Entry], titles: Mapping[str, str]) -> Iterator[Series]:
    if not history:
        return
    newest = history[-1]
    runtime = {
        entry.version: sum(size for key, size in entry.sizes.items() if not key.startswith("SDK ")) for entry in history
    }
    yield Series(TOTAL, runtime, "bytes")
    for key in sorted(newest.sizes, key=lambda key: titles.get(key, key)):
        yield Series(
            titles.get(key, key), {entry.version: entry.sizes[key] for entry in history if key in entry.sizes}, "bytes"
        )
    for what in newest.imports:
        yield Series(what, {entry.version: entry.imports[what] for entry in history if what in entry.imports}, "ratio")
