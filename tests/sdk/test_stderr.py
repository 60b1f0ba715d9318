from hypothesis import given
from hypothesis import strategies as st

from codex_app_server._stderr import KEPT_BYTES, TOLD_LINES, Tail


def told(*pieces):
    tail = Tail()
    for piece in pieces:
        tail.add(piece)
    return str(tail)


def test_only_the_newest_lines_are_told():
    lines = [f"line {number}" for number in range(3 * TOLD_LINES)]
    assert told("\n".join(lines).encode()).splitlines() == lines[-TOLD_LINES:]


def test_colours_are_left_out():
    assert told(b"\x1b[2mthen\x1b[0m \x1b[31mERROR\x1b[0m: no\n") == "then ERROR: no"


def test_what_is_kept_is_bounded_and_begins_with_a_whole_line():
    tail = Tail()
    for number in range(1000):
        tail.add(f"{number} ".encode() + b"x" * 2000 + b"\n")
    assert len(tail._bytes) == KEPT_BYTES  # noqa: SLF001 - the bound itself
    lines = str(tail).splitlines()
    assert [line.split()[0] for line in lines] == [str(number) for number in range(1000 - len(lines), 1000)]
    assert all(len(line.split()[1]) == 2000 for line in lines)


def test_a_line_that_fills_all_is_told_as_far_as_it_is_kept():
    assert told(b"x" * 2 * KEPT_BYTES) == "x" * KEPT_BYTES


@given(st.binary(max_size=200), st.integers(1, 20))
def test_any_bytes_in_any_pieces_are_told_alike(data, size):
    assert told(*(data[at : at + size] for at in range(0, len(data), size))) == told(data)
