"""A zip archive in one canonical form: the same members give the same bytes, on every system and Python.

Written by hand because `zipfile` takes no data that is deflated already, notes the building system in `create_system`,
and deflates with whatever zlib its interpreter was linked to.
"""

import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO

import deflate

EARLIEST = 315532800  # 1980-01-01 00:00:00 UTC: the MS-DOS time of zip archives begins here ...
LATEST = 4354819198  # ... and ends in the last even second of 2107
CACHED_FROM = 1 << 20  # smaller members are compressed sooner than looked up
ZIP64_FROM = 0xFFFFFFFF  # sizes and offsets from here on need zip64, which no index takes a wheel large enough for

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_NEEDS = 20  # version 2.0, the first that knows deflate
_MADE_BY = 3 << 8 | _NEEDS  # 3 is Unix: the upper half of the external attributes is a mode
_REGULAR_FILE = 0o100000  # a member without it loses its executable bit in pip
_UTF8_NAME = 0x800
_STORED, _DEFLATED = 0, 8


class Archive:
    """Writes members to `file`, in the order they come; `finish` makes it a zip archive.

    Args:
        timestamp: of every member, in seconds since the epoch, from `EARLIEST` to `LATEST`.
        level: libdeflate's, 0 to 12.
        cache: a directory that keeps large deflated members for other wheels that hold the same; None for none.
    """

    def __init__(self, file: BinaryIO, *, timestamp: int, level: int, cache: Path | None = None) -> None:
        moment = time.gmtime(timestamp)
        self._date = (moment.tm_year - 1980) << 9 | moment.tm_mon << 5 | moment.tm_mday
        self._time = moment.tm_hour << 11 | moment.tm_min << 5 | moment.tm_sec // 2
        self._file = file
        self._level = level
        self._cache = cache
        self._offset = 0
        self._directory: list[bytes] = []

    def add(self, name: str, mode: int, data: bytes | mmap, sha256: str) -> None:
        """Append a member, deflated where that makes it smaller; `sha256` is that of `data`, in hex."""
        if len(data) >= ZIP64_FROM:
            raise ValueError(f"{name} is too large for a wheel: {len(data)} bytes")
        packed: bytearray | bytes | mmap = self._deflated(data, sha256)
        method = _DEFLATED
        if len(packed) >= len(data):
            packed, method = data, _STORED
        path = name.encode()
        flags = 0 if name.isascii() else _UTF8_NAME
        # What both headers say in the same words: how to read the member, and its size before and after.
        facts = (_NEEDS, flags, method, self._time, self._date, deflate.crc32(data), len(packed), len(data), len(path))
        attributes = (_REGULAR_FILE | mode) << 16
        self._directory.append(
            _CENTRAL.pack(b"PK\1\2", _MADE_BY, *facts, 0, 0, 0, 0, attributes, self._offset) + path,
        )
        self._write(_LOCAL.pack(b"PK\3\4", *facts, 0) + path)
        self._write(packed)

    def _deflated(self, data: bytes | mmap, sha256: str) -> bytearray | bytes:
        """What libdeflate makes of `data`: the same for the same bytes, level and release of it, so it can be kept."""
        if self._cache is None or len(data) < CACHED_FROM:
            return deflate.deflate_compress(data, self._level)
        kept = self._cache / f"{sha256}-{self._level}-{version('deflate')}"
        if kept.is_file():
            return kept.read_bytes()
        packed = deflate.deflate_compress(data, self._level)
        with appearing(kept) as file:
            file.write(packed)
        return packed

    def finish(self) -> None:
        """Append the directory of all members."""
        start, count = self._offset, len(self._directory)
        self._write(b"".join(self._directory))
        self._write(_END.pack(b"PK\5\6", 0, 0, count, count, self._offset - start, start, 0))

    def _write(self, data: bytes | bytearray | mmap) -> None:
        self._offset += len(data)
        if self._offset >= ZIP64_FROM:
            raise ValueError(f"the wheel is too large: {self._offset} bytes")
        self._file.write(data)


@contextmanager
def mapped(path: Path) -> Iterator[bytes | mmap]:
    """A file's bytes without reading them: libdeflate takes whole members, and these go up to hundreds of megabytes."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:  # which mmap refuses
            yield b""
            return
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            yield data


@contextmanager
def appearing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that gets its name when the block ends well, and else is gone."""
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        with partial.open("xb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
