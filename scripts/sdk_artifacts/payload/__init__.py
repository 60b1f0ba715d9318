"""The payload: the files around one `codex` executable, in the directory that `codex-package.json` marks."""

import hashlib
import os
import posixpath
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..errors import PayloadRefused
from ..reporting import Advance
from . import archives

PACKAGE_FILE = "codex-package.json"
LAYOUT_VERSION = 1

_PACKAGE_SIZE_MAX = 64 << 10


@dataclass(frozen=True, slots=True)
class PayloadFile:
    """One unpacked file: its path in the payload (POSIX), its size in bytes and its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


class Package(msgspec.Struct, frozen=True, rename="camel"):
    """What `codex-package.json` says; keys that a later runtime adds are let pass."""

    layout_version: int
    version: str
    target: str
    entrypoint: str
    resources_dir: str
    path_dir: str


def everything(path: str) -> bool:  # noqa: ARG001 - the shape of `keep`
    """Keep every file."""
    return True


def unpack(
    source: Path,
    into: Path,
    *,
    keep: Callable[[str], bool] = everything,
    advance: Advance = lambda _: None,
) -> tuple[PayloadFile, ...]:
    """Write a payload's files below `into`, hashed on the way, all of mode 0644.

    Args:
        source: a `.tar.gz`, `.zip` or directory that holds the payload, at any depth.
        into: an empty directory, made if need be.
        keep: whether the file at this path of the payload is wanted; must answer alike when asked again.
        advance: told the bytes of `source` as they are read.

    Returns:
        The kept files, sorted by path.

    Raises:
        PayloadRefused: `source` is damaged or hostile, or holds no payload or more than one; names the member.
    """
    into.mkdir(parents=True, exist_ok=True)
    if any(into.iterdir()):
        raise PayloadRefused(f"{into} is not empty")
    root: str | None = None
    written: list[tuple[Path, PayloadFile]] = []
    with (
        tempfile.TemporaryDirectory(dir=into, prefix=".unpacked-") as limbo,
        closing(archives.members(source, advance=advance)) as members,
    ):
        # Where the payload begins may show late in a stream, so files get a number first and a name at the end.
        for member in members:
            if posixpath.basename(member.path) == PACKAGE_FILE:
                if root is not None:
                    raise PayloadRefused(f"{source.name} holds two payloads: in {root or '.'!r} and {member.path!r}")
                root = posixpath.dirname(member.path)
            if root is not None and not _wanted(member.path, root, keep):
                continue
            place = Path(limbo, str(len(written)))
            written.append((place, _write(member, place)))
        if root is None:
            raise PayloadRefused(
                f"{source.name} holds no payload: there is no {PACKAGE_FILE} in it",
                fix="For a lone executable, unpack it and give the executable itself.",
            )
        return _place(written, root, keep, into)


def take_executable(executable: Path, into: Path, path: str, *, advance: Advance = lambda _: None) -> PayloadFile:
    """Copy a lone executable to `path` below `into`, hashed on the way, of mode 0644.

    Raises:
        PayloadRefused: it changes meanwhile.
    """
    place = into / path
    place.parent.mkdir(parents=True, exist_ok=True)
    return _write(archives.lone_file(executable, path=path, advance=advance), place)


def read_package(root: Path) -> Package:
    """Read the `codex-package.json` of an unpacked payload.

    Raises:
        PayloadRefused: it is malformed or of a layout that this toolkit does not know.
    """
    path = root / PACKAGE_FILE
    if path.stat().st_size > _PACKAGE_SIZE_MAX:
        raise PayloadRefused(f"{PACKAGE_FILE} has {path.stat().st_size} bytes, more than {_PACKAGE_SIZE_MAX}")
    try:
        package = msgspec.json.decode(path.read_bytes(), type=Package)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PayloadRefused(f"{PACKAGE_FILE}: {error}") from None
    if package.layout_version != LAYOUT_VERSION:
        raise PayloadRefused(f"{PACKAGE_FILE}: key `layoutVersion`: {package.layout_version} is not {LAYOUT_VERSION}")
    return package


def _wanted(path: str, root: str, keep: Callable[[str], bool]) -> bool:
    return (not root or path.startswith(f"{root}/")) and keep(_inside(path, root))


def _inside(path: str, root: str) -> str:
    return path.removeprefix(f"{root}/") if root else path


def _write(member: archives.Member, place: Path) -> PayloadFile:
    digest = hashlib.sha256()
    with place.open("xb") as file:
        for chunk in member.chunks:
            digest.update(chunk)
            file.write(chunk)
    place.chmod(0o644)
    return PayloadFile(member.path, member.size, digest.hexdigest())


def _place(
    written: list[tuple[Path, PayloadFile]], root: str, keep: Callable[[str], bool], into: Path
) -> tuple[PayloadFile, ...]:
    """Move the wanted files from their numbers to their names."""
    files = []
    for place, file in written:
        if _wanted(file.path, root, keep):
            path = _inside(file.path, root)
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(place, into / path)  # noqa: PTH105 - reads as what it is: a move within one file system
            files.append(PayloadFile(path, file.size, file.sha256))
    return tuple(sorted(files, key=lambda file: file.path))
