"""`release.json`: the record of a directory of proven wheels. Its readers may trust every wheel that it names."""

import hashlib
import threading
from collections.abc import Iterable
from importlib.metadata import version as installed_version
from pathlib import Path

import msgspec

from . import files, paths
from .lock import Lock, LockedFile
from .targets import Target, Wheel, known_targets
from .trial import Trial

SCHEMA = 1
RECORD_NAME = "release.json"

_BUILD_TOOLS = ("deflate", "hatchling", "isal", "pyelftools", "macholib", "pefile")


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


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """All of `release.json`.

    Attributes:
        version: of the packages, as PEP 440 spells it.
        complete: every wheel of every target is there, and the host's one was installed and run.
        missing: file names of the wheels that are not there.
    """

    schema: int
    version: str
    upstream_version: str
    complete: bool
    missing: tuple[str, ...]
    wheels: tuple[WheelRecord, ...]
    trial: Trial | None


def wheel_name(lock: Lock, wheel: Wheel) -> str:
    """The file name of a wheel for the locked version."""
    return f"codex_cli_bin-{lock.runtime_version.pep440}-{wheel.tag}.whl"


def inputs_digest(target: Target, lock: Lock, compression: str) -> str:
    """One digest of all that decides the bytes and the checks of a target's wheels."""
    digest = hashlib.sha256(repr((lock.version, compression)).encode())
    digest.update(msgspec.json.encode([target, lock.targets.get(target.triple)], order="deterministic"))
    for name in _BUILD_TOOLS:
        digest.update(f"{name}=={installed_version(name)}\n".encode())
    for root in (paths.RUNTIME_TEMPLATE, Path(__file__).parent):
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
        self.trial: Trial | None = None
        self._lock = lock
        self._guard = threading.Lock()

    @classmethod
    def recall(cls, directory: Path, lock: Lock, inputs: dict[str, str]) -> "Ledger":
        """What an earlier run proved and is still so: same inputs (by triple), same bytes on the disk."""
        ledger = cls(directory, lock)
        try:
            release = msgspec.json.decode((directory / RECORD_NAME).read_bytes(), type=Release)
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return ledger
        if release.schema != SCHEMA or release.version != lock.runtime_version.pep440:
            return ledger
        for record in release.wheels:
            if inputs.get(record.target) == record.inputs and _is_intact(directory / record.name, record):
                ledger.records[record.name] = record
        if release.trial and any(record.sha256 == release.trial.sha256 for record in ledger.records.values()):
            ledger.trial = release.trial
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
        """Names of wheels in the directory that are not part of the release."""
        return sorted(path.name for path in self.directory.glob("*.whl") if path.name not in self.records)

    def _release(self) -> Release:
        version = self._lock.runtime_version
        missing = tuple(sorted(_expected(self._lock, known_targets().values()) - self.records.keys()))
        return Release(
            schema=SCHEMA,
            version=version.pep440,
            upstream_version=version.upstream,
            complete=not missing and self.trial is not None,
            missing=missing,
            wheels=tuple(self.records[name] for name in sorted(self.records)),
            trial=self.trial,
        )


def _expected(lock: Lock, targets: Iterable[Target]) -> set[str]:
    return {wheel_name(lock, wheel) for target in targets for wheel in target.wheels}


def _is_intact(path: Path, record: WheelRecord) -> bool:
    if not path.is_file() or path.stat().st_size != record.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == record.sha256
