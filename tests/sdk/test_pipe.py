"""Writing to a pipe: in order, all of it, and nobody waits."""

import os
import threading

import pytest

from codex_app_server._pipe import WAITS, PipeWriter

DEADLINE_SECONDS = 30


@pytest.fixture
def pipe():
    """A writer, its thread and the end to read from; both ends are closed afterwards."""
    reading, writing = os.pipe()
    writer = PipeWriter(os.fdopen(writing, "wb", buffering=0))
    thread = threading.Thread(target=writer.run)
    with os.fdopen(reading, "rb", buffering=0) as end:
        yield writer, thread, end
        if not thread.ident:
            thread.start()
        writer.end()
        end.close()
        thread.join(DEADLINE_SECONDS)
        assert not thread.is_alive()


@pytest.mark.skipif(WAITS, reason="no pipe says here that it is full, so a thread writes all")
def test_what_the_pipe_takes_is_written_at_once(pipe):
    writer, _, end = pipe  # the thread does not run yet
    writer.write(b"first")
    writer.write(b"x" * 4096)
    assert end.read(5) == b"first"
    assert end.read(4096) == b"x" * 4096


def test_all_is_written_in_order_and_nobody_waits_for_a_pipe_that_is_full(pipe):
    writer, thread, end = pipe
    pieces = [bytes([65 + at % 26]) * (70_000 if at % 10 == 0 else 100) for at in range(200)]
    for piece in pieces:  # far more than any pipe holds, and nobody reads yet
        writer.write(piece)
    thread.start()
    writer.end()
    assert b"".join(iter(lambda: end.read(65536), b"")) == b"".join(pieces)


def test_once_all_is_written_it_goes_on_at_once(pipe):
    writer, thread, end = pipe
    thread.start()
    writer.write(b"x" * 200_000)
    left = 200_000
    while left:
        left -= len(end.read(left))
    # Whether by the thread or at once, it comes, and in order.
    for at in range(100):
        writer.write(b"%02d" % at)
    writer.end()
    assert b"".join(iter(lambda: end.read(65536), b"")) == b"".join(b"%02d" % at for at in range(100))


def test_what_nobody_reads_any_more_is_lost_without_a_word(pipe):
    writer, thread, end = pipe
    end.close()
    writer.write(b"nobody")
    thread.start()
    writer.write(b"x" * 200_000)
    writer.write(b"nobody")


def test_a_writer_that_waits_learns_that_nobody_reads_any_more(pipe):
    writer, thread, end = pipe
    writer.write(b"x" * 2_000_000)  # more than any pipe holds
    thread.start()
    assert end.read(1) == b"x"
    end.close()
    thread.join(DEADLINE_SECONDS)
    assert not thread.is_alive()


def test_after_the_end_nothing_is_written(pipe):
    writer, thread, end = pipe
    thread.start()
    writer.write(b"last")
    writer.end()
    thread.join(DEADLINE_SECONDS)
    writer.write(b"late")
    writer.end()
    assert end.read(10) == b"last"
    assert end.read(10) == b""
