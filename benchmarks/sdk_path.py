"""A delta's path from the pipe to the user, step by step, in one process."""

import os
import threading
from collections.abc import Callable, Iterator
from time import perf_counter

from benchmarks.measure import Effort, Figure, amount
from benchmarks.sdk_memory import DELTA, IDS
from codex_app_server import _typed
from codex_app_server._protocol import Receiver, encode_notification
from codex_app_server._session import Session

DELTAS = 50_000
READ_BYTES = 256 * 1024
ROUNDS = 7
LINE = encode_notification(DELTA["method"], DELTA["params"])


def figures(effort: Effort) -> Iterator[Figure]:
    """Microseconds for one delta in each step; every step begins with what the one before it has made."""
    chunks = list(_chunks())
    for name, what, step in (
        ("read", "reading the pipe", lambda: _read_all()),  # noqa: PLW0108 - as the others
        ("split", "splitting lines", lambda: [chunk.split(b"\n") for chunk in chunks]),
        ("envelope", "splitting, and decoding whom it is for", lambda: _envelopes(chunks)),
        ("deliver", "the same, and the turn's record and mailbox", lambda: _deliver(chunks)),
        ("type", "all of that, and typed for the user", lambda: _typed_events(chunks)),
    ):
        each = [_microseconds(step) for _ in range(effort.rounds(ROUNDS))]
        yield amount(f"sdk_path.{name}", f"a delta's path: {what}", "a clock, per delta", each, " us")


def _chunks() -> Iterator[bytes]:
    data = LINE * DELTAS
    for begin in range(0, len(data), READ_BYTES):
        yield data[begin : begin + READ_BYTES]


def _microseconds(step: Callable[[], object]) -> float:
    begin = perf_counter()
    step()
    return (perf_counter() - begin) / DELTAS * 1e6


def _read_all() -> None:
    ours, theirs = os.pipe()

    def write() -> None:
        with open(theirs, "wb", buffering=0) as pipe:  # noqa: PTH123 - a descriptor
            pipe.writelines(_chunks())

    writer = threading.Thread(target=write)
    writer.start()
    with open(ours, "rb", buffering=0) as pipe:  # noqa: PTH123 - a descriptor
        while pipe.read(READ_BYTES):
            pass
    writer.join()


def _envelopes(chunks: list[bytes]) -> None:
    receiver = Receiver()
    for chunk in chunks:
        receiver.receive(chunk)


def _deliver(chunks: list[bytes], use: Callable[[object], object] | None = None) -> None:
    session = Session()
    mailbox = session.turn(IDS["turnId"]).read()
    for chunk in chunks:
        session.receive(chunk, 0.0)
        mailbox.refill()
        while mailbox.ready:
            event = mailbox.ready.pop()
            if use is not None:
                use(event)


def _typed_events(chunks: list[bytes]) -> None:
    _deliver(chunks, _typed.notification)
