"""The files of a release as a `release.json` names them, complete or not; who takes one compares its digest first."""

import hashlib
from pathlib import Path

import msgspec

from .errors import IntegrityFailed, UsageProblem

RECORD_NAME = "release.json"


class ReleasedFile(msgspec.Struct, frozen=True):
    """One file: `size` in bytes, `sha256` in hex, a runtime wheel's target, the requirements of the SDK's files."""

    name: str
    size: int
    sha256: str
    target: str = ""
    requires: tuple[str, ...] = ()


class Released(msgspec.Struct, frozen=True):
    """What a `release.json` names: the runtime's wheels, and the SDK's wheel and source distribution."""

    upstream_version: str
    wheels: tuple[ReleasedFile, ...]
    sdk: tuple[ReleasedFile, ...]

    @property
    def files(self) -> tuple[ReleasedFile, ...]:
        """All of them."""
        return (*self.wheels, *self.sdk)


def load_released(path: Path) -> Released:
    """Read a `release.json`, or the one in a directory.

    Raises:
        UsageProblem: there is none, or it is damaged.
    """
    path = path / RECORD_NAME if path.is_dir() else path
    try:
        released = msgspec.json.decode(path.read_bytes(), type=Released)
    except FileNotFoundError:
        raise UsageProblem(f"{path} does not exist", fix="Make it: update_sdk_artifacts.py release") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageProblem(f"{path} is no record of a release: {error}") from None
    if strange := [file.name for file in released.files if Path(file.name).name != file.name or not file.name]:
        raise UsageProblem(f"{path}: {strange[0]!r} is no file name")
    return released


def intact(directory: Path, file: ReleasedFile) -> Path:
    """The file's path, its bytes compared just now.

    Raises:
        IntegrityFailed: it is not there, or has other bytes.
    """
    path = directory / file.name
    if not path.is_file():
        raise IntegrityFailed(f"{path} does not exist, and {RECORD_NAME} names it")
    with path.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != file.sha256:
        raise IntegrityFailed(f"{path}: its SHA-256 is {found}, and {RECORD_NAME} says {file.sha256}")
    return path
