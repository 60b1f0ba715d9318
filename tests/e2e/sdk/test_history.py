"""What was said, from the first page to the last, on the real server; the same names as in `test_async_history.py`."""

import pytest

from codex_app_server import InvalidRequestError, MethodNotFoundError
from model_replies import Gate, refuses, says

pytestmark = pytest.mark.real


def talk(codex, *texts):
    thread = codex.thread_start()
    for text in texts:
        thread.run(text)
    return thread


def test_the_whole_history_is_read_over_many_pages(codex):
    thread = talk(codex, "one", "two", "three")
    turns = list(thread.turns(limit=1))
    assert [turn.items[1].text for turn in turns] == ["echo: one", "echo: two", "echo: three"]
    assert {turn.items_view for turn in turns} == {"full"}
    entries = list(thread.items(limit=2))
    assert [entry.item.type for entry in entries] == ["userMessage", "agentMessage"] * 3
    assert [entry.turn_id for entry in entries[::2]] == [turn.id for turn in turns]


def test_the_newest_can_come_first_and_one_turn_alone(codex):
    thread = talk(codex, "one", "two")
    newest = next(thread.turns(sort_direction="desc", limit=1))
    assert newest.items[1].text == "echo: two"
    assert [entry.item.type for entry in thread.items(turn_id=newest.id)] == ["userMessage", "agentMessage"]


def test_a_thread_in_which_nothing_was_said_has_no_history_yet(codex):
    thread = codex.thread_start()
    with pytest.raises(InvalidRequestError, match="not materialized yet"):
        list(thread.turns())
    with pytest.raises(MethodNotFoundError, match="thread/items/list"):
        list(thread.items())


def test_all_threads_and_models_are_listed_over_many_pages(codex):
    ids = [talk(codex, "hi").id for _ in range(3)]
    assert [thread.id for thread in codex.threads(limit=1, sort_direction="asc")] == ids
    models = [model.id for model in codex.all_models(limit=2, include_hidden=True)]
    assert models == [model.id for model in codex.models(limit=100, include_hidden=True).data]
    assert len(models) > 2


def test_compacting_can_be_waited_for(codex, model):
    model.replies(says("a long answer"), says("THE SUMMARY"))
    thread = talk(codex, "hi")
    result = thread.compact().run()
    assert (result.status, [item.type for item in result.items]) == ("completed", ["contextCompaction"])
    thread.run("go on")
    assert any("THE SUMMARY" in text for text in model.requests[2].texts)
    assert "a long answer" not in str(model.requests[2].body["input"])


def test_a_compaction_that_fails_says_why(codex, model):
    thread = talk(codex, "hi")
    model.replies(refuses(500))
    result = thread.compact().run()
    assert (result.status, result.error.codex_error_info) == ("failed", "internalServerError")


def test_compacting_takes_the_place_of_a_running_turn(codex, model):
    thread, gate = talk(codex, "hi"), Gate()
    model.replies(says("a", gate), says("THE SUMMARY"))
    running = thread.turn("hello")
    gate.wait_until_reached()
    compaction = thread.compact()
    assert (running.run().status, compaction.run().status) == ("interrupted", "completed")


def test_compactions_at_once_each_have_their_end(codex):
    thread = talk(codex, "hi")
    turns = [thread.compact() for _ in range(3)]
    assert len({turn.id for turn in turns}) == 3
    assert [turn.run().status for turn in turns][-1] == "completed"


def test_compacting_a_thread_that_is_not_there_is_refused(codex):
    with pytest.raises(InvalidRequestError, match="thread not found"):
        codex.thread("00000000-0000-7000-8000-000000000000").compact()


def test_a_compaction_can_be_interrupted(codex, model):
    thread, gate = talk(codex, "hi"), Gate()
    model.replies(says("a", gate))
    compaction = thread.compact()
    gate.wait_until_reached()
    compaction.interrupt()
    assert compaction.run().status == "interrupted"
