"""The files of a `.tar.gz`, a `.zip` or a directory that nobody vouches for: streamed, each one checked first."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from isal import igzip, igzip_lib

from ..errors import PayloadRefused
from ..reporting import Advance
from .admission import MEMBERS_MAX, Admission

_CHUNK_SIZE = 256 << 10
_TAR_HEADERS_MAX = 1 << 20  # all headers in front of one member; also what may follow the last one
_ZIP_DIRECTORY_MAX = MEMBERS_MAX * 512
_ISAL_ERROR = cast("type[Exception]", igzip_lib.IsalError)  # its stub takes the class for an instance
_DAMAGED = (
    *(tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, _ISAL_ERROR, struct.error),
    *(EOFError, NotImplementedError, RecursionError, OverflowError, UnicodeError, ValueError),
)

Kind = Literal["gzip", "zip", "directory"]


@dataclass(frozen=True, slots=True)
class Member:
    """One regular file: its checked POSIX path, its size in bytes, and its content, readable before the next member."""

    path: str
    size: int
    chunks: Iterator[bytes]


def kind_of(source: Path) -> Kind | None:
    """What `source` is by its first bytes, whatever its name says; None when it is none of the three."""
    if source.is_dir():
        return "directory"
    with source.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    return "zip" if start in (b"PK\x03\x04", b"PK\x05\x06") else None


def members(source: Path, *, advance: Advance) -> Generator[Member]:
    """Every regular file of `source`, one after another.

    Args:
        source: an archive or a directory.
        advance: told the bytes of `source` as they are read.

    Raises:
        PayloadRefused: the archive is damaged, or a member is not a plain file with a plain name; names the member.
    """
    read: Callable[[Path, Admission, Advance], Iterator[Member]]
    match kind_of(source):
        case "gzip":
            read = _read_tar
        case "zip":
            read = _read_zip
        case "directory":
            read = _read_directory
        case None:
            raise PayloadRefused(f"{source.name} is no .tar.gz, no .zip and no directory")
    with _damage_refused(source):
        for member in read(source, Admission(source), advance):
            yield replace(member, chunks=_guarded(member.chunks, source))


def _guarded(chunks: Iterator[bytes], source: Path) -> Iterator[bytes]:
    with _damage_refused(source):
        yield from chunks


@contextmanager
def _damage_refused(source: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        reason = f"{type(error).__name__}: {error}"
        raise PayloadRefused(f"{source.name} is damaged ({reason})", fix="Get the archive again.") from error


def lone_file(file: Path, *, path: str, advance: Advance) -> Member:
    """The file itself as a member of that path."""
    size = file.stat().st_size
    return Member(path, size, _file_chunks(file, size, advance))


def _read_tar(source: Path, admission: Admission, advance: Advance) -> Iterator[Member]:
    with source.open("rb") as raw, igzip.IGzipFile(fileobj=raw, mode="rb") as inflated:  # type: ignore[no-untyped-call] # isal does not annotate it
        stream = _BoundedStream(inflated, raw, advance)
        with tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK_SIZE, tarinfo=_StrictHeader) as tar:
            while header := tar.next():
                stream.allow(tar.offset)
                if header.isdir():
                    admission.directory(header.name)
                    continue
                if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or header.sparse is not None:
                    raise admission.refused(header.name, f"is {_tar_kind(header)}, not a plain file")
                path = admission.file(header.name, header.size)
                yield Member(path, header.size, _chunks(tar.extractfile(header), header.size))
            if tar.fileobj:
                _require_zeros(tar.fileobj.read)


class _StrictHeader(tarfile.TarInfo):
    """A header that ends the archive only where the archive says so; tarfile takes a damaged one for the end too."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_StrictHeader":
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if len(buf) == tarfile.BLOCKSIZE == buf.count(0):
                raise
            raise tarfile.ReadError(str(error)) from None


class _BoundedStream(io.RawIOBase):
    """Inflated bytes, handed out only as far as the headers so far account for; a bomb in a header ends there."""

    def __init__(self, inflated: io.BufferedIOBase, raw: BinaryIO, advance: Advance) -> None:
        super().__init__()
        self._inflated, self._raw, self._advance = inflated, raw, advance
        self._position = self._raw_position = 0
        self.allow(0)

    def allow(self, offset: int) -> None:
        """Let reading go on to the header at `offset`, and through it."""
        self._limit = offset + _TAR_HEADERS_MAX + _CHUNK_SIZE

    def read(self, size: int = -1) -> bytes:
        data = self._inflated.read(size)
        self._position += len(data)
        if self._position > self._limit:
            raise tarfile.ReadError(f"over {_TAR_HEADERS_MAX} bytes of headers or padding in one place")
        self._advance(self._raw.tell() - self._raw_position)
        self._raw_position = self._raw.tell()
        return data


def _tar_kind(header: tarfile.TarInfo) -> str:
    kinds = {
        tarfile.SYMTYPE: f"a symlink to {header.linkname!r}",
        tarfile.LNKTYPE: f"a hard link to {header.linkname!r}",
        tarfile.CHRTYPE: "a device",
        tarfile.BLKTYPE: "a device",
        tarfile.FIFOTYPE: "a fifo",
    }
    return "sparse" if header.sparse is not None else kinds.get(header.type, f"of unknown type {header.type!r}")


def _require_zeros(read: Callable[[int], bytes]) -> None:
    """Read to the end, which also checks gzip's CRC; nothing but padding may follow the last member."""
    while rest := read(_CHUNK_SIZE):
        if rest.count(0) != len(rest):
            raise tarfile.ReadError("data behind the end of the archive")


def _read_zip(source: Path, admission: Admission, advance: Advance) -> Iterator[Member]:
    with source.open("rb") as raw:
        _bound_zip_directory(raw)
        with zipfile.ZipFile(raw) as archive:
            for entry in archive.infolist():
                # orig_filename is what the archive says; filename ends at a NUL.
                name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
                if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise admission.refused(name, f"is {_file_kind(kind)}, not a plain file")
                if name.endswith("/") and not entry.file_size:
                    admission.directory(name)
                    continue
                if entry.flag_bits & 0x2041:
                    raise admission.refused(name, "is encrypted")
                if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise admission.refused(name, f"is compressed by method {entry.compress_type}, not deflated")
                path = admission.file(name, entry.file_size)
                if entry.header_offset < 0:
                    raise zipfile.BadZipFile(f"member {name!r} begins before the archive")
                with archive.open(entry) as content:
                    yield Member(path, entry.file_size, _chunks(content, entry.file_size))
                advance(entry.compress_size)


def _bound_zip_directory(raw: BinaryIO) -> None:
    """Refuse a central directory that zipfile would have to read into much memory."""
    raw.seek(0, 2)
    raw.seek(max(0, raw.tell() - (1 << 16) - 22 - 20))
    tail = raw.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile("no end record: the file is cut")
    size = int.from_bytes(tail[end + 12 : end + 16], "little")
    if size > _ZIP_DIRECTORY_MAX or tail[max(0, end - 20) : end].startswith(b"PK\x06\x07"):
        raise zipfile.BadZipFile("a directory of zip64 or of too many members")


def _read_directory(source: Path, admission: Admission, advance: Advance) -> Iterator[Member]:
    pending = [source]
    while pending:
        for entry in sorted(pending.pop(0).iterdir()):
            name, status = entry.relative_to(source).as_posix(), entry.lstat()
            if stat.S_ISDIR(status.st_mode):
                admission.directory(name)
                pending.append(entry)
                continue
            if not stat.S_ISREG(status.st_mode):
                raise admission.refused(name, f"is {_file_kind(stat.S_IFMT(status.st_mode))}, not a plain file")
            admission.file(name, status.st_size)
            yield lone_file(entry, path=name, advance=advance)


def _file_chunks(file: Path, size: int, advance: Advance) -> Iterator[bytes]:
    left = size
    with file.open("rb") as content:
        while left >= 0 and (chunk := content.read(_CHUNK_SIZE)):
            left -= len(chunk)
            advance(len(chunk))
            yield chunk
    if left:
        raise PayloadRefused(f"{file.name} changed its size while it was read")


def _file_kind(kind: int) -> str:
    kinds = {stat.S_IFLNK: "a symlink", stat.S_IFIFO: "a fifo", stat.S_IFSOCK: "a socket"}
    return kinds.get(kind, "a device")


def _chunks(content: IO[bytes] | None, size: int) -> Iterator[bytes]:
    """All of `content`, which must have `size` bytes."""
    left = size
    while content and (chunk := content.read(_CHUNK_SIZE)):
        left -= len(chunk)
        yield chunk
    if left:
        raise EOFError(f"{left} bytes of a member of {size} bytes are missing")
