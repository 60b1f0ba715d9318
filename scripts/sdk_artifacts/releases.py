"""`release.json`: the record of a directory of proven wheels. Its readers may trust every wheel that it names."""

import hashlib
import threading
from collections.abc import Iterable
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Literal

import msgspec

from . import files, paths
from .errors import UsageProblem
from .lock import Lock, LockedFile
from .parts import known_parts
from .released import RECORD_NAME, SCHEMA, read_record
from .sdk_stage import BESIDE, PROJECT, sources
from .targets import Target, Wheel, known_targets
from .trial import Trial
from .turn_trial import TurnTrial

_BUILD_TOOLS = (
    *("deflate", "hatchling", "isal", "pyelftools", "macholib", "pefile"),
    *("cyclonedx-python-lib", "jsonschema", "packaging"),
)


class CheckRecord(msgspec.Struct, frozen=True):
    """How one check ended: its status, the reason, its warnings, and what of the wheel it ran here, if anything."""

    status: str
    reason: str
    ran: str
    warnings: tuple[str, ...]


class WheelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One proven wheel.

    Attributes:
        size: of the wheel, in bytes.
        tags: its platform tags.
        source: where the payload came from (`kind`, `name`, `sha512`).
        payload: size and SHA-256 of every payload file inside.
        inputs: digest of all that decides the wheel's bytes and its checks.
    """

    name: str
    size: int
    sha256: str
    target: str
    wheel: str
    tags: tuple[str, ...]
    source: dict[str, str | None]
    payload: dict[str, LockedFile]
    checks: dict[str, CheckRecord]
    inputs: str


class SdkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One proven file of the SDK.

    Attributes:
        kind: `wheel` or `sdist`.
        size: in bytes.
        requires: its requirements, as its metadata spell them; the exact pin of the runtime is one.
        inputs: digest of all that decides its bytes and its checks.
    """

    name: str
    kind: Literal["wheel", "sdist"]
    size: int
    sha256: str
    requires: tuple[str, ...]
    checks: dict[str, CheckRecord]
    inputs: str


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """All of `release.json`.

    Attributes:
        version: of the packages, as PEP 440 spells it.
        complete: every wheel of every target and the SDK are there, and what this machine can run of them was run.
        missing: names of the files that are not there.
        sdk: the SDK's files.
        trial: how the host's wheel ran, installed by itself.
        turn: how SDK and host's wheel ran, installed together.
    """

    schema: int
    version: str
    upstream_version: str
    complete: bool
    missing: tuple[str, ...]
    wheels: tuple[WheelRecord, ...]
    sdk: tuple[SdkRecord, ...]
    trial: Trial | None
    turn: TurnTrial | None


def wheel_name(lock: Lock, wheel: Wheel) -> str:
    """The file name of a wheel for the locked version."""
    return f"codex_cli_bin-{lock.runtime_version.pep440}-{wheel.tag}.whl"


def sdk_names(lock: Lock) -> tuple[str, str]:
    """The file names of the SDK's wheel and source distribution for the locked version."""
    stem = f"{PROJECT.replace('-', '_')}-{lock.runtime_version.pep440}"
    return f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"


def inputs_digest(target: Target, lock: Lock, compression: str) -> str:
    """One digest of all that decides the bytes and the checks of a target's wheels."""
    told = msgspec.json.encode([target, known_parts(), lock.targets.get(target.triple)], order="deterministic")
    return _digest((lock.version, compression, told), paths.RUNTIME_TEMPLATE)


def sdk_inputs_digest(lock: Lock) -> str:
    """One digest of all that decides the bytes and the checks of the SDK's files."""
    template = paths.SDK_TEMPLATE
    texts = [(path.relative_to(template).as_posix(), path.read_bytes()) for path in sources(template)]
    beside = [path.read_bytes() for path in BESIDE.values()]
    return _digest((lock.version, texts, beside))


def _digest(facts: tuple[object, ...], *roots: Path) -> str:
    """One digest of `facts`, of the tools, of this toolkit and of everything below `roots`."""
    digest = hashlib.sha256(repr(facts).encode())
    for name in _BUILD_TOOLS:
        digest.update(f"{name}=={installed_version(name)}\n".encode())
    for root in (*roots, Path(__file__).parent):
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


class Ledger:
    """The records of one directory, written to its `release.json` after each wheel, so that a kill loses none."""

    def __init__(self, directory: Path, lock: Lock) -> None:
        self.directory = directory
        self.records: dict[str, WheelRecord] = {}
        self.sdk: dict[str, SdkRecord] = {}
        self.trial: Trial | None = None
        self.turn: TurnTrial | None = None
        self._lock = lock
        self._guard = threading.Lock()

    @classmethod
    def recall(cls, directory: Path, lock: Lock, inputs: dict[str, str], sdk_inputs: str) -> "Ledger":
        """What an earlier run proved and is still so: same inputs (by triple; the SDK's), same bytes on the disk."""
        ledger = cls(directory, lock)
        try:
            release = read_record(directory / RECORD_NAME, Release)
        except UsageProblem:  # nothing is known then, and all is made
            return ledger
        if release.version != lock.runtime_version.pep440:
            return ledger
        for record in release.wheels:
            if inputs.get(record.target) == record.inputs and _is_intact(directory / record.name, record):
                ledger.records[record.name] = record
        if all(file.inputs == sdk_inputs and _is_intact(directory / file.name, file) for file in release.sdk):
            ledger.sdk = {file.name: file for file in release.sdk}
        if release.trial and any(record.sha256 == release.trial.sha256 for record in ledger.records.values()):
            ledger.trial = release.trial
        proven = {record.sha256 for record in ledger.records.values()} | {file.sha256 for file in ledger.sdk.values()}
        if release.turn and {release.turn.sdk_sha256, release.turn.wheel_sha256} <= proven:
            ledger.turn = release.turn
        return ledger

    def add(self, record: WheelRecord) -> None:
        """Keep the record of a wheel that now lies in the directory."""
        with self._guard:
            self.records[record.name] = record
            self.write()

    def write(self) -> Release:
        """Write `release.json` as it stands, and return it."""
        release = self._release()
        text = msgspec.json.format(msgspec.json.encode(release), indent=2).decode()
        files.write_text(self.directory / RECORD_NAME, f"{text}\n")
        return release

    def strangers(self) -> list[str]:
        """Names of wheels and source distributions in the directory that are not part of the release."""
        found = {path.name for pattern in ("*.whl", "*.tar.gz") for path in self.directory.glob(pattern)}
        return sorted(found - self.records.keys() - self.sdk.keys())

    def _release(self) -> Release:
        version = self._lock.runtime_version
        wheels = _expected(self._lock, known_targets().values()) - self.records.keys()
        missing = (*sorted(wheels), *(name for name in sdk_names(self._lock) if name not in self.sdk))
        return Release(
            schema=SCHEMA,
            version=version.pep440,
            upstream_version=version.upstream,
            complete=not missing and self.trial is not None and self.turn is not None,
            missing=missing,
            wheels=tuple(self.records[name] for name in sorted(self.records)),
            sdk=tuple(self.sdk[name] for name in sorted(self.sdk)),
            trial=self.trial,
            turn=self.turn,
        )


def _expected(lock: Lock, targets: Iterable[Target]) -> set[str]:
    return {wheel_name(lock, wheel) for target in targets for wheel in target.wheels}


def _is_intact(path: Path, record: WheelRecord | SdkRecord) -> bool:
    return path.is_file() and path.stat().st_size == record.size and files.sha256_of(path) == record.sha256
