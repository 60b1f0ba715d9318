"""The same names as in `test_history.py`, which is the one to read first."""

import pytest

from codex_app_server import InvalidRequestError, MethodNotFoundError
from e2e.sdk.outcomes import all_of, passing
from model_replies import Gate, refuses, says

pytestmark = pytest.mark.real


async def talk(codex, *texts):
    thread = await codex.thread_start()
    for text in texts:
        await thread.run(text)
    return thread


def test_the_whole_history_is_read_over_many_pages(with_codex):
    async def work(codex):
        thread = await talk(codex, "one", "two", "three")
        turns = await all_of(thread.turns(limit=1))
        assert [turn.items[1].text for turn in turns] == ["echo: one", "echo: two", "echo: three"]
        assert {turn.items_view for turn in turns} == {"full"}
        entries = await all_of(thread.items(limit=2))
        assert [entry.item.type for entry in entries] == ["userMessage", "agentMessage"] * 3
        assert [entry.turn_id for entry in entries[::2]] == [turn.id for turn in turns]

    with_codex(work)


def test_the_newest_can_come_first_and_one_turn_alone(with_codex):
    async def work(codex):
        thread = await talk(codex, "one", "two")
        newest = await anext(thread.turns(sort_direction="desc", limit=1))
        assert newest.items[1].text == "echo: two"
        assert [entry.item.type async for entry in thread.items(turn_id=newest.id)] == ["userMessage", "agentMessage"]

    with_codex(work)


def test_a_thread_in_which_nothing_was_said_has_no_history_yet(with_codex):
    async def work(codex):
        thread = await codex.thread_start()
        with pytest.raises(InvalidRequestError, match="not materialized yet"):
            await all_of(thread.turns())
        with pytest.raises(MethodNotFoundError, match="thread/items/list"):
            await all_of(thread.items())

    with_codex(work)


def test_all_threads_and_models_are_listed_over_many_pages(with_codex):
    async def work(codex):
        ids = [(await talk(codex, "hi")).id for _ in range(3)]
        assert [thread.id async for thread in codex.threads(limit=1, sort_direction="asc")] == ids
        models = [model.id async for model in codex.all_models(limit=2, include_hidden=True)]
        assert models == [model.id for model in (await codex.models(limit=100, include_hidden=True)).data]
        assert len(models) > 2

    with_codex(work)


def test_compacting_can_be_waited_for(with_codex, model):
    async def work(codex):
        model.replies(says("a long answer"), says("THE SUMMARY"))
        thread = await talk(codex, "hi")
        result = await (await thread.compact()).run()
        assert (result.status, [item.type for item in result.items]) == ("completed", ["contextCompaction"])
        await thread.run("go on")
        assert any("THE SUMMARY" in text for text in model.requests[2].texts)
        assert "a long answer" not in str(model.requests[2].body["input"])

    with_codex(work)


def test_a_compaction_that_fails_says_why(with_codex, model):
    async def work(codex):
        thread = await talk(codex, "hi")
        model.replies(refuses(500))
        result = await (await thread.compact()).run()
        assert (result.status, result.error.codex_error_info) == ("failed", "internalServerError")

    with_codex(work)


def test_compacting_takes_the_place_of_a_running_turn(with_codex, model):
    async def work(codex):
        thread, gate = await talk(codex, "hi"), Gate()
        model.replies(says("a", gate), says("THE SUMMARY"))
        running = await thread.turn("hello")
        await passing(gate)
        compaction = await thread.compact()
        assert ((await running.run()).status, (await compaction.run()).status) == ("interrupted", "completed")

    with_codex(work)


def test_compactions_at_once_each_have_their_end(with_codex):
    async def work(codex):
        thread = await talk(codex, "hi")
        turns = [await thread.compact() for _ in range(3)]
        assert len({turn.id for turn in turns}) == 3
        assert [(await turn.run()).status for turn in turns][-1] == "completed"

    with_codex(work)


def test_compacting_a_thread_that_is_not_there_is_refused(with_codex):
    async def work(codex):
        with pytest.raises(InvalidRequestError, match="thread not found"):
            await codex.thread("00000000-0000-7000-8000-000000000000").compact()

    with_codex(work)


def test_a_compaction_can_be_interrupted(with_codex, model):
    async def work(codex):
        thread, gate = await talk(codex, "hi"), Gate()
        model.replies(says("a", gate))
        compaction = await thread.compact()
        await passing(gate)
        await compaction.interrupt()
        assert (await compaction.run()).status == "interrupted"

    with_codex(work)
