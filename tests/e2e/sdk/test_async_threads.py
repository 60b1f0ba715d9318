"""Threads on the real server, across its restarts; the same names as in `test_threads.py`."""

import pytest

from codex_app_server import AsyncCodex, InvalidRequestError
from e2e.sdk.outcomes import is_idle
from model_replies import says

pytestmark = pytest.mark.real


async def listed(codex, **options):
    return [thread.id for thread in (await codex.thread_list(**options)).data]


def test_a_thread_goes_on_after_a_restart(config, run, model):
    async def main():
        async with AsyncCodex(config) as codex:
            thread = await codex.thread_start()
            await thread.run("remember the sea")
        async with AsyncCodex(config) as codex:
            again = await codex.thread_resume(thread.id)
            assert (await again.run("what was it?")).final_response == "echo: what was it?"
        assert "remember the sea" in model.requests[1].texts

    run(main())


def test_a_fork_knows_what_was_said_and_goes_its_own_way(with_codex, model):
    async def work(codex):
        thread = await codex.thread_start()
        await thread.run("remember the sea")
        fork = await codex.thread_fork(thread.id)
        await fork.run("the fork")
        await thread.run("the trunk")
        assert fork.id != thread.id
        assert "remember the sea" in model.requests[1].texts
        assert "the fork" not in model.requests[2].texts

    with_codex(work)


def test_archiving_takes_a_thread_out_of_the_list_and_back(with_codex):
    async def work(codex):
        thread = await codex.thread_start()
        await thread.run("hi")
        assert await listed(codex) == [thread.id]
        await codex.thread_archive(thread.id)
        assert (await listed(codex), await listed(codex, archived=True)) == ([], [thread.id])
        assert (await codex.thread_unarchive(thread.id)).id == thread.id
        assert (await listed(codex), await listed(codex, archived=True)) == ([thread.id], [])

    with_codex(work)


def test_the_list_comes_in_pages(with_codex):
    async def work(codex):
        threads = {(await codex.thread_start()).id for _ in range(3)}
        for each in threads:
            await codex.thread(each).run("hi")
        first = await codex.thread_list(limit=2)
        second = await codex.thread_list(limit=2, cursor=first.next_cursor)
        assert (len(first.data), len(second.data), second.next_cursor) == (2, 1, None)
        assert {thread.id for thread in (*first.data, *second.data)} == threads

    with_codex(work)


def test_a_name_and_what_was_said_can_be_read(with_codex):
    async def work(codex):
        thread = await codex.thread_start()
        await thread.run("hi")
        await thread.set_name("The sea")
        told = (await thread.read(include_turns=True)).thread
        assert (told.id, told.name) == (thread.id, "The sea")
        assert [item.type for turn in told.turns for item in turn.items] == ["userMessage", "agentMessage"]

    with_codex(work)


def test_compacting_puts_a_summary_in_place_of_what_was_said(with_codex, model):
    async def work(codex):
        model.replies(says("a long answer"), says("THE SUMMARY"))
        thread = await codex.thread_start()
        await thread.run("hi")
        await thread.compact()
        idle = (event async for event in codex.client.notifications(timeout_seconds=60) if is_idle(event, thread.id))
        for _ in ("after the turn", "after compacting"):
            await anext(idle)
        await thread.run("go on")
        assert any("THE SUMMARY" in text for text in model.requests[2].texts)
        assert "a long answer" not in str(model.requests[2].body["input"])

    with_codex(work)


def test_a_thread_that_is_not_there_is_refused(with_codex):
    async def work(codex):
        nowhere = "00000000-0000-7000-8000-000000000000"
        with pytest.raises(InvalidRequestError, match="thread not found"):
            await codex.thread(nowhere).run("hi")
        with pytest.raises(InvalidRequestError, match="no rollout found"):
            await codex.thread_resume(nowhere)

    with_codex(work)


def test_the_models_are_listed(with_codex):
    async def work(codex):
        models = (await codex.models()).data
        assert [model.id for model in models if model.is_default]
        assert all(model.supported_reasoning_efforts for model in models)

    with_codex(work)
