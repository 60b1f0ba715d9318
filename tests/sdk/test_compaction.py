"""The same names as in `test_async_compaction.py`."""

import pytest

from codex_app_server import Codex, ConnectionClosedError, RequestTimeoutError


@pytest.fixture
def codex(config):
    with Codex(config()) as codex:
        yield codex


def test_compacting_is_a_turn_that_can_be_waited_for(codex):
    turn = codex.thread("h").compact()
    result = turn.run()
    assert (turn.id, turn.thread_id, result.status) == ("turn-1", "h", "completed")
    assert [item.type for item in result.items] == ["contextCompaction"]


def test_its_turn_has_all_its_events(codex):
    events = [each.method for each in codex.thread("h").compact().stream()]
    assert events == ["turn/started", "item/started", "item/completed", "turn/completed"]


def test_a_turn_that_never_begins_is_not_waited_for_for_ever(codex):
    with pytest.raises(RequestTimeoutError, match=r"thread/compact/start: no turn of it has begun within 0.05 s"):
        codex.thread("asleep").compact(timeout_seconds=0.05)
    assert codex.thread("h").compact().run().status == "completed"


def test_a_closed_connection_is_told(codex):
    codex.close()
    with pytest.raises(ConnectionClosedError):
        codex.thread("h").compact()
