"""An archive on its way into the cache: the bytes got so far, on disk and hashed, until they are all there."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3

from ..errors import IntegrityFailed
from ..paths import cache_directory
from ..reporting import Advance
from .patience import TryAgain

_ARCHIVE_BYTES_MAX = 1 << 30
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """An archive that is known by its digest.

    Attributes:
        label: what people call it.
        sha512: in hex.
        size: in bytes; None where only the registry knows it.
    """

    label: str
    sha512: str
    size: int | None = None

    @property
    def path(self) -> Path:
        """Where the cache keeps it."""
        return cache_directory() / "archives" / "sha512" / f"{self.sha512}.tgz"


class Partial:
    """The bytes got so far: on disk beside the archive, and hashed. They outlive this process, however it ends."""

    def __init__(self, wanted: Wanted, advance: Advance) -> None:
        self._wanted = wanted
        self._advance = advance
        self._destination = wanted.path
        self._path = self._destination.with_suffix(".partial")
        self._limit = _ARCHIVE_BYTES_MAX if wanted.size is None else wanted.size
        self._digest = hashlib.sha512()
        self.size = 0
        if self._path.exists():
            if self._path.stat().st_size > self._limit:
                self._path.unlink()
            else:
                self._digest, self.size = hashed(self._path, advance)

    def restart(self) -> None:
        """Forget everything, if there is anything."""
        if self.size:
            self._path.unlink()
            self._digest = hashlib.sha512()
            self._advance(-self.size)
            self.size = 0

    def append(self, body: Iterator[bytes]) -> None:
        """Take `body`; what came before it broke is kept."""
        with self._path.open("ab", buffering=_CHUNK_BYTES) as file, _hashing_beside(self._digest) as feed:
            for chunk in body:
                if self.size + len(chunk) > self._limit:
                    break
                file.write(chunk)
                feed(chunk)
                self.size += len(chunk)
                self._advance(len(chunk))
            else:
                return
        raise self._refused(f"the registry sends more than {self._limit} bytes")

    def expect_range(self, content_range: str) -> None:
        """Refuse a piece that does not begin where this one ends."""
        piece = re.fullmatch(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)", content_range)
        if piece is None or int(piece[1]) != self.size:
            answer = f"asked for the bytes from {self.size} on, the registry answered with {content_range[:80]!r}"
            self.restart()
            raise TryAgain(f"{answer}; starting over")

    def expect_size(self, response: urllib3.BaseHTTPResponse) -> None:
        """Refuse another size than the wanted one before any byte of it is read."""
        rest = getattr(response, "length_remaining", None)
        if rest is None:
            return
        whole = self.size + rest
        if whole > self._limit or self._wanted.size not in (None, whole):
            raise self._refused(f"the registry offers {whole} bytes, not {self._limit}")

    def expect_end(self) -> None:
        """Refuse an end before the wanted size, which a body without a length may have."""
        if self._wanted.size not in (None, self.size):
            raise TryAgain("the registry ended the archive too early")

    def is_whole(self, content_range: str) -> bool:
        """Whether the answer to a request beyond the end says that the end is where this one is."""
        return self._wanted.size is None and content_range == f"bytes */{self.size}"

    def finish(self) -> None:
        """Verify, and give the archive its name. No fsync: it is hashed again whenever it is used."""
        if self._digest.hexdigest() != self._wanted.sha512:
            raise self._refused(f"its SHA-512 is {self._digest.hexdigest()}, not {self._wanted.sha512}")
        os.replace(self._path, self._destination)  # noqa: PTH105 - replaces on every platform

    def _refused(self, reason: str) -> IntegrityFailed:
        self._path.unlink(missing_ok=True)
        return IntegrityFailed(
            f"{self._wanted.label}: {reason}",
            fix="What was got is deleted. Run again; if it stays so, use another registry (--registry URL).",
        )


def hashed(path: Path, advance: Advance) -> tuple["hashlib._Hash", int]:
    """The file's SHA-512, which can take more, and its size."""
    digest, size = hashlib.sha512(), 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            advance(len(chunk))
    return digest, size


@contextmanager
def _hashing_beside(digest: "hashlib._Hash") -> Iterator[Callable[[bytes], None]]:
    """Feed `digest` from a thread of its own: on a fast line hashing takes as long as the download itself."""
    batch = bytearray()
    running: Future[None] | None = None

    def feed(chunk: bytes) -> None:
        nonlocal batch, running
        batch += chunk
        if len(batch) >= _CHUNK_BYTES:
            if running:
                running.result()
            running, batch = thread.submit(digest.update, batch), bytearray()

    with ThreadPoolExecutor(1) as thread:
        try:
            yield feed
        finally:
            if running:
                running.result()
            digest.update(batch)
