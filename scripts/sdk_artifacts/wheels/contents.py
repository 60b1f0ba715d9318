"""The bytes of members: inflated, counted, summed and inspected in one pass, at most as much as was declared."""

import hashlib
import itertools
import mmap
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from isal import isal_zlib

from ..binaries import MalformedBinary, NativeFile, inspect
from ..errors import CheckFailed
from ..reporting import Advance
from .zip_rules import STORED, Member
from .zips import Buffer

MAX_NATIVE_BYTES = 1 << 30
_READ_BYTES, _PIECE_BYTES = 64 << 10, 1 << 20  # measured: larger pieces fall out of the processor's cache
_THREAD_FROM_BYTES = 4 << 20
_LARGE_BYTES = 128 << 20
_one_large_at_a_time = threading.Lock()  # so that two hostile members cannot take twice the memory of one


class MemberUnreadable(CheckFailed):
    """A member's bytes cannot be had, or are not what its header declares."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a member holds.

    Attributes:
        size: bytes.
        sha256: in hex, empty when the bytes could not be read.
        native: the facts of the native file that it is, None when it is none.
        problem: why the bytes could not be read, empty when they could.
        malformed: why a file with a native file's magic number is none, empty otherwise.
    """

    size: int = 0
    sha256: str = ""
    native: NativeFile | None = None
    problem: str = ""
    malformed: str = ""


def examine(data: Buffer, member: Member, *, keep: Path | None = None, advance: Advance = lambda _: None) -> Content:
    """Read a member once and state what it holds; what goes wrong becomes part of the answer.

    Args:
        data: the whole archive.
        member: one of its members.
        keep: a path to write a native file to, too; without it the bytes live in memory while they are looked at.
        advance: called with the number of bytes read.
    """
    try:
        pieces = chunks(data, member)
        first = next(pieces, b"")
        with _digest(member.size) as (add, hexdigest):
            if _looks_native(first):
                with _turn(member.size), _mapping(member.size, keep) as mapping:
                    position = 0
                    for piece in itertools.chain([first], pieces):
                        add(piece)
                        mapping[position : position + len(piece)] = piece
                        position += len(piece)
                        advance(len(piece))
                    native, malformed = _inspected(mapping)
                    return Content(member.size, hexdigest(), native, malformed=malformed)
            for piece in itertools.chain([first], pieces):
                add(piece)
                advance(len(piece))
            return Content(member.size, hexdigest())
    except MemberUnreadable as error:
        return Content(problem=error.message)
    except OSError as error:
        return Content(problem=f"it cannot be unpacked here: {error.strerror or error}")


def read(data: Buffer, member: Member, *, limit: int) -> bytes:
    """The bytes of a member of at most `limit` bytes.

    Raises:
        MemberUnreadable: it is larger, or broken.
    """
    if member.size > limit:
        raise MemberUnreadable(f"{member.size} bytes, where at most {limit} are sensible")
    return b"".join(chunks(data, member))


def chunks(data: Buffer, member: Member) -> Iterator[bytes]:
    """The bytes of a member in pieces of at most 1 MiB.

    Raises:
        MemberUnreadable: they are not exactly as many as declared, or their checksum is wrong; only known at the end.
    """
    if member.unreadable:
        raise MemberUnreadable(member.unreadable)
    packed = memoryview(data)[member.data_offset : member.data_offset + member.compressed_size]
    size = crc32 = 0
    for piece in _stored(packed) if member.method == STORED else _inflated(packed):
        size += len(piece)
        if size > member.size:
            raise MemberUnreadable(f"it holds more than the {member.size} bytes declared")
        crc32 = isal_zlib.crc32(piece, crc32)
        yield piece
    if size != member.size:
        raise MemberUnreadable(f"it holds {size} bytes, {member.size} are declared")
    if crc32 != member.crc32:
        raise MemberUnreadable(f"its checksum is {crc32:08x}, {member.crc32:08x} is declared")


def _stored(packed: memoryview) -> Iterator[bytes]:
    for start in range(0, len(packed), _PIECE_BYTES):
        yield bytes(packed[start : start + _PIECE_BYTES])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflater = isal_zlib.decompressobj(-15)
    taken = 0
    while taken < len(packed) and not inflater.eof:
        waiting: Buffer = packed[taken : taken + _READ_BYTES]
        taken += len(waiting)
        piece = b""
        while waiting or len(piece) == _PIECE_BYTES:  # a full piece may leave more behind when all input is taken
            piece = _inflated_piece(inflater, waiting)
            if piece:
                yield piece
            waiting = inflater.unconsumed_tail
    if not inflater.eof:
        raise MemberUnreadable("its compressed data end too early")
    if inflater.unused_data or taken < len(packed):
        raise MemberUnreadable("bytes follow the end of its compressed data")


def _inflated_piece(inflater: isal_zlib.Decompress, waiting: Buffer) -> bytes:
    try:
        return inflater.decompress(waiting, _PIECE_BYTES)
    except isal_zlib.error as error:  # type: ignore[misc]  # its stub gives it no class
        raise MemberUnreadable(f"it cannot be inflated: {error}") from None


@contextmanager
def _digest(size: int) -> Iterator[tuple[Callable[[bytes], None], Callable[[], str]]]:
    """SHA-256 of what is added: in a thread of its own when it is much, as both inflating and hashing free the GIL."""
    sha256 = hashlib.sha256()
    if size < _THREAD_FROM_BYTES:
        yield sha256.update, sha256.hexdigest
        return
    pieces: queue.Queue[bytes] = queue.Queue(maxsize=8)

    def hash_pieces() -> None:
        while piece := pieces.get():
            sha256.update(piece)

    thread = threading.Thread(target=hash_pieces, name="sha256", daemon=True)
    thread.start()

    def hexdigest() -> str:
        pieces.put(b"")
        thread.join()
        return sha256.hexdigest()

    try:
        yield pieces.put, hexdigest
    finally:
        pieces.put(b"")  # a second end mark, after `hexdigest`, is never read


@contextmanager
def _turn(size: int) -> Iterator[None]:
    """Wait until this much memory may be taken."""
    if size > MAX_NATIVE_BYTES:
        raise MemberUnreadable(f"a native file of {size} bytes; up to {MAX_NATIVE_BYTES} are inspected")
    if size < _LARGE_BYTES:
        yield
        return
    with _one_large_at_a_time:
        yield


@contextmanager
def _mapping(size: int, keep: Path | None) -> Iterator[mmap.mmap]:
    mapping = _file_mapping(size, keep) if keep else _memory_mapping(size)
    try:
        yield mapping
    finally:
        with suppress(BufferError):  # a traceback may still hold a view; the memory goes with it
            mapping.close()


def _file_mapping(size: int, path: Path) -> mmap.mmap:
    with path.open("w+b") as file:
        if hasattr(os, "posix_fallocate"):  # a full disk is then an error here, and not a signal at some write
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            for _ in range(-(-size // _PIECE_BYTES)):
                file.write(bytes(_PIECE_BYTES))
            file.truncate(size)
        return mmap.mmap(file.fileno(), size)


def _memory_mapping(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    mapping = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):  # a kernel without huge pages gives small ones, only slower
            mapping.madvise(mmap.MADV_HUGEPAGE)
    return mapping


def _looks_native(first: bytes) -> bool:
    """Whether these first bytes begin like a native file; cut off, they seldom are one."""
    return _inspected(first) != (None, "")


def _inspected(data: Buffer) -> tuple[NativeFile | None, str]:
    try:
        return inspect(data), ""
    except MalformedBinary as error:
        return None, error.message
