"""What is fuzzed: a source of bytes and what reads them, within bounds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
CPU_SECONDS = 3.0
MEMORY_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class Subject:
    """One reader of bytes that nobody vouches for.

    Attributes:
        mutants: makes the source of bytes; called late, for honest bytes may take a while to make.
        feed: reads them; lets out whatever is not the project's own error for bad input.
    """

    mutants: Callable[[], st.SearchStrategy[bytes]]
    feed: Callable[[bytes], object]

    def try_on(self, data: bytes) -> None:
        """Read `data` within the bounds."""
        started = time.process_time()
        with limited_memory():
            self.feed(data)
        used = time.process_time() - started
        assert used < CPU_SECONDS, f"{len(data)} bytes took {used:.1f} s of processor time"


@contextmanager
def limited_memory() -> Iterator[None]:
    """Let this process grow by MEMORY_BYTES at most, where the system can see to that; then it is a MemoryError."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):  # Windows; macOS
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def corpus(name: str) -> list[Path]:
    """What is kept for a subject: what was once found, and what is worth a look each time."""
    return sorted((CORPUS / name).glob("*"))
