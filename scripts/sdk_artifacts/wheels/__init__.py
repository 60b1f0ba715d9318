"""A built wheel, opened: what it says of itself and what its bytes say. States facts, judges nothing."""

import csv
import hashlib
import io
import math
import mmap
import os
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.parser import HeaderParser
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from packaging.tags import parse_tag
from packaging.utils import canonicalize_name

from ..errors import CheckFailed
from ..reporting import Advance
from ..sdk_stage import PROJECT as SDK_PROJECT
from .contents import Content, MemberUnreadable, examine, read
from .description import Manifest, PackageFile, decoded
from .name import FileName
from .zip_rules import MAX_UNPACKED_BYTES, Archive, Member
from .zips import read_archive

OUR_PROJECT, OUR_PACKAGE = "codex-cli-bin", "codex_cli_bin"
MANIFEST = f"{OUR_PACKAGE}/manifest.json"
Fields: TypeAlias = dict[str, list[str]]
"""The values of each field, by its name in lower case."""

_TEXT_LIMIT_BYTES, _RECORD_LIMIT_BYTES = 1 << 20, 16 << 20
_MAX_TAGS = 1000
_HASHED_AT_ONCE_BYTES = 4 << 20


class NotAWheel(CheckFailed):
    """The path holds nothing that can be read as a wheel."""


@dataclass(frozen=True)
class Wheel:
    """A wheel's facts; its parsed texts raise MemberUnreadable when they are absent or cannot be read."""

    path: Path
    data: mmap.mmap
    sha256: str
    archive: Archive
    contents: Mapping[str, Content]

    @cached_property
    def file_name(self) -> FileName | None:
        """The file name's parts, None when it is no wheel's name."""
        return FileName.parse(self.path.name)

    @cached_property
    def files(self) -> dict[str, Member]:
        """The members that are no directories, by name."""
        return {member.name: member for member in self.archive.members if not member.is_directory}

    @cached_property
    def is_ours(self) -> bool:
        """Whether this is a runtime wheel of this repository, by its file name or by what is in it."""
        named = self.file_name is not None and canonicalize_name(self.file_name.project) == OUR_PROJECT
        return named or MANIFEST in self.files

    @cached_property
    def is_sdk(self) -> bool:
        """Whether this is the SDK's wheel, by its file name."""
        return self.file_name is not None and canonicalize_name(self.file_name.project) == SDK_PROJECT

    @cached_property
    def dist_infos(self) -> tuple[str, ...]:
        """The top-level directories whose name ends in `.dist-info`."""
        tops = {name.partition("/")[0] for name in self.files if "/" in name}
        return tuple(sorted(top for top in tops if top.endswith(".dist-info")))

    @property
    def dist_info(self) -> str:
        """The one `.dist-info` directory."""
        if len(self.dist_infos) != 1:
            raise MemberUnreadable(f"{len(self.dist_infos)} .dist-info directories, where a wheel has one")
        return self.dist_infos[0]

    def text(self, name: str, *, limit: int = _TEXT_LIMIT_BYTES) -> str:
        """The text of the member `name`."""
        if name not in self.files:
            raise MemberUnreadable(f"{name} is missing")
        try:
            return read(self.data, self.files[name], limit=limit).decode("utf-8")
        except UnicodeDecodeError:
            raise MemberUnreadable(f"{name} is not UTF-8") from None
        except MemberUnreadable as error:
            raise MemberUnreadable(f"{name}: {error.message}") from None

    @cached_property
    def metadata(self) -> Fields:
        """METADATA's fields."""
        return _fields(self.text(f"{self.dist_info}/METADATA"))

    @cached_property
    def wheel_fields(self) -> Fields:
        """WHEEL's fields."""
        return _fields(self.text(f"{self.dist_info}/WHEEL"))

    @cached_property
    def wheel_tags(self) -> frozenset[str]:
        """The single tags that WHEEL's Tag lines stand for."""
        lines = self.wheel_fields.get("tag", [])
        count = sum(math.prod(part.count(".") + 1 for part in line.split("-")) for line in lines)
        if count > _MAX_TAGS:
            raise MemberUnreadable(f"WHEEL: its Tag lines stand for {count} tags, more than {_MAX_TAGS}")
        try:
            return frozenset(str(tag) for line in lines for tag in parse_tag(line))
        except ValueError:
            raise MemberUnreadable(f"WHEEL: a Tag line is no tag: {', '.join(map(repr, lines))}") from None

    @cached_property
    def record(self) -> list[list[str]]:
        """RECORD's rows."""
        try:
            return [
                row
                for row in csv.reader(
                    io.StringIO(self.text(f"{self.dist_info}/RECORD", limit=_RECORD_LIMIT_BYTES)), strict=True
                )
                if row
            ]
        except csv.Error as error:
            raise MemberUnreadable(f"RECORD is no CSV: {error}") from None

    @cached_property
    def manifest(self) -> Manifest:
        """Our manifest."""
        return decoded(self.text(MANIFEST), Manifest, MANIFEST)

    @cached_property
    def package_file(self) -> PackageFile:
        """The payload's description of itself."""
        name = f"{OUR_PACKAGE}/codex-package.json"
        return decoded(self.text(name), PackageFile, name)

    @cached_property
    def payload(self) -> dict[str, Content]:
        """The files of our package that no Python project writes, by path in the payload."""
        found = {}
        for name in self.files:
            top, _, path = name.partition("/")
            if top == OUR_PACKAGE and name != MANIFEST and not ("/" not in path and path.endswith((".py", ".typed"))):
                found[path] = self.contents[name]
        return found


@contextmanager
def open_wheel(
    path: Path, *, keep: Mapping[str, Path] | None = None, advance: Advance = lambda _: None
) -> Iterator[Wheel]:
    """Read all of the wheel at `path` and give its facts.

    Args:
        path: the wheel.
        keep: members that are native files and wanted as files too, with the path to write.
        advance: called with the unpacked bytes read.

    Raises:
        NotAWheel: the path is no regular file, is empty, too large, or no zip archive at all.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            size = _checked_size(file.fileno())
            data = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
    except OSError as error:
        raise NotAWheel(f"it cannot be read: {error.strerror or error}") from None
    try:
        archive = read_archive(data)
        if not archive.members:
            raise NotAWheel(archive.violations[0].message if archive.violations else "the archive is empty")
        sha256, contents = _examine_all(data, archive, keep or {}, advance)
        yield Wheel(path, data, sha256, archive, contents)
    finally:
        with suppress(BufferError):  # a traceback may still hold a view; the memory goes with it
            data.close()


def _without_waiting(path: str, flags: int) -> int:
    """Open even a named pipe at once, for it to be refused."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _checked_size(descriptor: int) -> int:

    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        raise NotAWheel("it is no regular file")
    if not state.st_size:
        raise NotAWheel("it is empty")
    if state.st_size > MAX_UNPACKED_BYTES:
        raise NotAWheel(f"{state.st_size} bytes: no index takes a quarter of that")
    return state.st_size


def _examine_all(
    data: mmap.mmap, archive: Archive, keep: Mapping[str, Path], advance: Advance
) -> tuple[str, dict[str, Content]]:
    """The digest of the whole and each member's content, the largest first so that both processors end together."""
    members = sorted((member for member in archive.members if not member.is_directory), key=lambda member: -member.size)
    with ThreadPoolExecutor(2, thread_name_prefix="verify") as pool:
        futures: dict[str, Future[Content]] = {
            member.name: pool.submit(examine, data, member, keep=keep.get(member.name), advance=advance)
            for member in members
        }
        digest = pool.submit(_sha256, data)
        try:
            return digest.result(), {name: future.result() for name, future in futures.items()}
        except BaseException:  # an interruption must not wait for members that nobody will look at
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _sha256(data: mmap.mmap) -> str:
    sha256 = hashlib.sha256()
    with memoryview(data) as view:
        for start in range(0, len(view), _HASHED_AT_ONCE_BYTES):
            sha256.update(view[start : start + _HASHED_AT_ONCE_BYTES])
    return sha256.hexdigest()


def _fields(text: str) -> Fields:
    found: Fields = {}
    for key, value in HeaderParser().parsestr(text).items():
        found.setdefault(key.lower(), []).append(str(value).strip())
    return found
