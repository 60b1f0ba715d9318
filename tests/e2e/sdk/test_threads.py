"""Threads on the real server, across its restarts; the same names as in `test_async_threads.py`."""

import pytest

from codex_app_server import Codex, InvalidRequestError
from e2e.sdk.outcomes import is_idle
from model_replies import says

pytestmark = pytest.mark.real


def listed(codex, **options):
    return [thread.id for thread in codex.thread_list(**options).data]


def test_a_thread_goes_on_after_a_restart(config, model):
    with Codex(config) as codex:
        thread = codex.thread_start()
        thread.run("remember the sea")
    with Codex(config) as codex:
        assert codex.thread_resume(thread.id).run("what was it?").final_response == "echo: what was it?"
    assert "remember the sea" in model.requests[1].texts


def test_a_fork_knows_what_was_said_and_goes_its_own_way(codex, model):
    thread = codex.thread_start()
    thread.run("remember the sea")
    fork = codex.thread_fork(thread.id)
    fork.run("the fork")
    thread.run("the trunk")
    assert fork.id != thread.id
    assert "remember the sea" in model.requests[1].texts
    assert "the fork" not in model.requests[2].texts


def test_archiving_takes_a_thread_out_of_the_list_and_back(codex):
    thread = codex.thread_start()
    thread.run("hi")
    assert listed(codex) == [thread.id]
    codex.thread_archive(thread.id)
    assert (listed(codex), listed(codex, archived=True)) == ([], [thread.id])
    assert codex.thread_unarchive(thread.id).id == thread.id
    assert (listed(codex), listed(codex, archived=True)) == ([thread.id], [])


def test_the_list_comes_in_pages(codex):
    threads = {codex.thread_start().id for _ in range(3)}
    for each in threads:
        codex.thread(each).run("hi")
    first = codex.thread_list(limit=2)
    second = codex.thread_list(limit=2, cursor=first.next_cursor)
    assert (len(first.data), len(second.data), second.next_cursor) == (2, 1, None)
    assert {thread.id for thread in (*first.data, *second.data)} == threads


def test_a_name_and_what_was_said_can_be_read(codex):
    thread = codex.thread_start()
    thread.run("hi")
    thread.set_name("The sea")
    told = thread.read(include_turns=True).thread
    assert (told.id, told.name) == (thread.id, "The sea")
    assert [item.type for turn in told.turns for item in turn.items] == ["userMessage", "agentMessage"]


def test_compacting_puts_a_summary_in_place_of_what_was_said(codex, model):
    model.replies(says("a long answer"), says("THE SUMMARY"))
    thread = codex.thread_start()
    thread.run("hi")
    thread.compact()
    idle = (event for event in codex.client.notifications(timeout_seconds=60) if is_idle(event, thread.id))
    for _ in ("after the turn", "after compacting"):
        next(idle)
    thread.run("go on")
    assert any("THE SUMMARY" in text for text in model.requests[2].texts)
    assert "a long answer" not in str(model.requests[2].body["input"])


def test_a_thread_that_is_not_there_is_refused(codex):
    nowhere = "00000000-0000-7000-8000-000000000000"
    with pytest.raises(InvalidRequestError, match="thread not found"):
        codex.thread(nowhere).run("hi")
    with pytest.raises(InvalidRequestError, match="no rollout found"):
        codex.thread_resume(nowhere)


def test_the_models_are_listed(codex):
    models = codex.models().data
    assert [model.id for model in models if model.is_default]
    assert all(model.supported_reasoning_efforts for model in models)
