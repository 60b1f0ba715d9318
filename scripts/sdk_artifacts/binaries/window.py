"""The bytes of one native file behind bounds: nothing past the end, nothing huge, nothing for ever."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import CheckFailed

MAX_READS = 10_000
MAX_READ_BYTES = 1 << 20
"""A real file's headers, tables and names take some hundred reads of some kilobytes."""

_MAX_NAME_BYTES = 4096


class MalformedBinary(CheckFailed):
    """The headers of a native file contradict its bytes or each other; the message says how."""


class Window:
    """A part of a file's bytes. All parts of one file share one allowance of reads."""

    def __init__(
        self, view: memoryview, start: int = 0, size: int | None = None, allowance: list[int] | None = None
    ) -> None:
        self._view = view
        self._start = start
        self._size = len(view) if size is None else size
        self._allowance = [MAX_READS] if allowance is None else allowance

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, key: slice) -> bytes:
        """Copy out what is there of a slice, as pefile wants it, within the same bounds."""
        start, stop, _ = key.indices(self._size)
        return self.read(start, max(stop - start, 0), "a header")

    def read(self, start: int, size: int, what: str) -> bytes:
        """Exactly `size` bytes from `start`.

        Raises:
            MalformedBinary: they are not all there, are too many, or too many reads came before.
        """
        self._check(start, size, what)
        if size > MAX_READ_BYTES:
            raise MalformedBinary(f"{what} at offset {start} claims {size} bytes, more than any real file has")
        self._allowance[0] -= 1
        if self._allowance[0] < 0:
            raise MalformedBinary(f"{what} at offset {start} is the {MAX_READS}th record, more than any real file has")
        return bytes(self._view[self._start + start : self._start + start + size])

    def text(self, start: int, end: int, what: str) -> str:
        """The NUL-ended name at `start`, which must end before `end`.

        Raises:
            MalformedBinary: it does not, or is no printable text.
        """
        end = min(end, start + _MAX_NAME_BYTES)
        raw, nul, _ = self.read(start, end - start, what).partition(b"\0")
        if not nul:
            raise MalformedBinary(f"{what} at offset {start} does not end where it should")
        name = raw.decode("utf-8", "backslashreplace")
        if not name.isprintable():
            raise MalformedBinary(f"{what} at offset {start} is no printable text: {name!r}")
        return name

    def part(self, start: int, size: int, what: str) -> "Window":
        """The window of `size` bytes from `start`.

        Raises:
            MalformedBinary: it ends after this one.
        """
        self._check(start, size, what)
        # Offsets into the one view, not a view of a view: the owner can release all of it at once.
        return Window(self._view, self._start + start, size, self._allowance)

    def _check(self, start: int, size: int, what: str) -> None:
        if not 0 <= start <= start + size <= self._size:
            raise MalformedBinary(
                f"{what} at offset {start} of {size} bytes is not within the file's {self._size} bytes"
            )


@contextmanager
def library(name: str) -> Iterator[None]:
    """Turn whatever the parser `name` raises on lying bytes into MalformedBinary."""
    try:
        yield
    except MalformedBinary:
        raise
    except Exception as error:  # noqa: BLE001 - on hostile bytes these parsers raise anything, AttributeError included
        raise MalformedBinary(f"{name} cannot read it: {type(error).__name__}: {error}") from None
