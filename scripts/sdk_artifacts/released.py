"""A `release.json`, read: each reader takes of it what it needs, and whoever takes a file compares its digest first."""

from pathlib import Path
from typing import TypeVar

import msgspec

from .errors import IntegrityFailed, UsageProblem
from .files import sha256_of

RECORD_NAME = "release.json"
SCHEMA = 2

_Record = TypeVar("_Record", bound=msgspec.Struct)


class _Header(msgspec.Struct):
    schema: int


class ReleasedFile(msgspec.Struct, frozen=True):
    """One file: `size` in bytes, `sha256` in hex, a runtime wheel's target, the requirements of the SDK's files."""

    name: str
    size: int
    sha256: str
    target: str = ""
    requires: tuple[str, ...] = ()


class Released(msgspec.Struct, frozen=True):
    """What a `release.json`, complete or not, names: the runtime's wheels, the SDK's wheel and source distribution."""

    upstream_version: str
    wheels: tuple[ReleasedFile, ...]
    sdk: tuple[ReleasedFile, ...]

    @property
    def files(self) -> tuple[ReleasedFile, ...]:
        """All of them."""
        return (*self.wheels, *self.sdk)


def read_record(path: Path, kind: type[_Record]) -> _Record:
    """Read a `release.json` as a struct of what is needed of it.

    Raises:
        UsageProblem: there is none, it is damaged, or another version of the toolkit wrote it.
    """
    fix = make_it(path.parent)
    try:
        text = path.read_bytes()
        schema = msgspec.json.decode(text, type=_Header).schema
        if schema != SCHEMA:  # told before anything else: of another schema nothing else need be there
            raise UsageProblem(f"{path}: key `schema`: {schema} is not {SCHEMA}", fix=fix)
        return msgspec.json.decode(text, type=kind)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageProblem(f"{path} does not exist", fix=fix) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageProblem(f"{path} is no record of a release: {error}", fix=fix) from None


def load_released(path: Path) -> Released:
    """Read what a `release.json`, or the one in a directory, names.

    Raises:
        UsageProblem: there is none, or it is damaged.
    """
    path = path / RECORD_NAME if path.is_dir() else path
    released = read_record(path, Released)
    if strange := [file.name for file in released.files if Path(file.name).name != file.name or not file.name]:
        raise UsageProblem(f"{path}: {strange[0]!r} is no file name", fix=make_it(path.parent))
    return released


def make_it(directory: Path) -> str:
    """What to do when the release that should be in `directory` is not there, or not all of it."""
    return f"Make it: python scripts/update_sdk_artifacts.py release --out {directory}"


def intact(directory: Path, file: ReleasedFile) -> Path:
    """The file's path, its bytes compared just now.

    Raises:
        IntegrityFailed: it is not there, or has other bytes.
    """
    path = directory / file.name
    if not path.is_file():
        raise IntegrityFailed(f"{path} does not exist, and {RECORD_NAME} names it")
    found = sha256_of(path)
    if found != file.sha256:
        raise IntegrityFailed(f"{path}: its SHA-256 is {found}, and {RECORD_NAME} says {file.sha256}")
    return path
