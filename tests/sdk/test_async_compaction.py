"""The same names as in `test_compaction.py`, which is the one to read first."""

import pytest

from codex_app_server import AsyncCodex, ConnectionClosedError, RequestTimeoutError
from sdk.callers import all_of


@pytest.fixture
def with_codex(config, run):
    """Runs a coroutine function with an AsyncCodex on the fake server."""

    def with_codex(work):
        async def main():
            async with AsyncCodex(config()) as codex:
                await work(codex)

        run(main())

    return with_codex


def test_compacting_is_a_turn_that_can_be_waited_for(with_codex):
    async def work(codex):
        turn = await codex.thread("h").compact()
        result = await turn.run()
        assert (turn.id, turn.thread_id, result.status) == ("turn-1", "h", "completed")
        assert [item.type for item in result.items] == ["contextCompaction"]

    with_codex(work)


def test_its_turn_has_all_its_events(with_codex):
    async def work(codex):
        events = [each.method for each in await all_of((await codex.thread("h").compact()).stream())]
        assert events == ["turn/started", "item/started", "item/completed", "turn/completed"]

    with_codex(work)


def test_a_turn_that_never_begins_is_not_waited_for_for_ever(with_codex):
    async def work(codex):
        with pytest.raises(RequestTimeoutError, match=r"thread/compact/start: no turn of it has begun within 0.05 s"):
            await codex.thread("asleep").compact(timeout_seconds=0.05)
        assert (await (await codex.thread("h").compact()).run()).status == "completed"

    with_codex(work)


def test_a_closed_connection_is_told(with_codex):
    async def work(codex):
        await codex.close()
        with pytest.raises(ConnectionClosedError):
            await codex.thread("h").compact()

    with_codex(work)
