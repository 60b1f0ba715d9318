"""Which turns a connection knows of, how long it keeps them, and what a loss does to them."""

import pytest

from codex_app_server import ConnectionClosedError
from codex_app_server._known_turns import (
    FINISHED_BYTES,
    FINISHED_TURNS,
    MIB,
    UNCLAIMED_TURN_BYTES,
    UNCLAIMED_TURNS,
    UNREAD_TURN_BYTES,
    KnownTurns,
)
from codex_app_server._protocol import Event

LOSS = ConnectionClosedError("lost")


def finish(known, turn_id, size=100):
    """A turn that is over and holds `size` bytes."""
    turn = known.claim(turn_id)
    turn.stop_reading(turn.read())
    turn.receive([Event("turn/completed", bytes(size), turn_id)], 1.0)
    assert known.settle(turn) is True
    return turn


def test_what_is_kept_is_bounded():
    assert MIB == 1024 * 1024
    assert (UNREAD_TURN_BYTES, FINISHED_BYTES) == (16_777_216, 16_777_216)
    assert (UNCLAIMED_TURNS, UNCLAIMED_TURN_BYTES, FINISHED_TURNS) == (32, 524_288, 64)


def test_a_turn_ends_once():
    known = KnownTurns()
    assert known.settle(known.find("t")) is False
    turn = finish(known, "t")
    assert known.settle(turn) is False
    assert known.find("t") is turn
    assert known.running == {}


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ([8 * MIB, 8 * MIB], [0, 1]),
        ([8 * MIB, 8 * MIB + 1], [1]),
        ([8 * MIB, 8 * MIB, MIB], [1, 2]),
        ([16 * MIB + 1], [0]),
        ([100, 16 * MIB + 1], [1]),
    ],
)
def test_of_what_is_over_the_oldest_make_room_but_never_the_newest(sizes, kept):
    known = KnownTurns()
    turns = [finish(known, str(index), size) for index, size in enumerate(sizes)]
    assert [index for index, turn in enumerate(turns) if known.find(turn.turn_id) is turn] == kept


def test_only_turns_that_ran_at_the_loss_and_still_run_are_adrift():
    known = KnownTurns()
    turn = known.find("t")
    assert known.adrift is False
    known.set_adrift()
    assert known.adrift is True
    turn.receive([Event("turn/completed", b"{}", "t")], 1.0)
    known.settle(turn)
    known.find("later")
    assert known.adrift is False


def test_those_that_nobody_tells_of_again_are_lost_and_no_others():
    known = KnownTurns()
    lost, found = known.find("lost"), known.find("found")
    known.set_adrift()
    later = known.find("later")
    known.find_again("found")
    known.give_up_adrift(LOSS)
    assert known.running == {"found": found, "later": later}
    with pytest.raises(ConnectionClosedError, match="lost"):
        lost.read().refill()
    assert found.read().refill() is True


def test_one_that_was_lost_may_run_again_under_its_name():
    known = KnownTurns()
    known.find("t")
    known.set_adrift()
    known.give_up_adrift(LOSS)
    known.find("t")
    assert known.adrift is False
