"""What the real server asks its client; the same names as in `test_async_approvals.py`."""

import json
import threading
from pathlib import Path

import pytest

from codex_app_server import Codex, Decision, accept_all, accept_for_session, allow_commands
from codex_app_server.generated import methods as m
from e2e.sdk.asking import ADD, CAREFUL, MORE_NETWORK, MORE_SETTINGS, MOVE, PLAN, QUESTION, calls_of, statuses, tried
from e2e.sdk.outcomes import WEATHER, item_of
from model_replies import DEADLINE_SECONDS, calls, patches, says

pytestmark = pytest.mark.real


class Recording:
    """A policy that keeps what it was asked."""

    def __init__(self, decision):
        self.decision = decision
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        return self.decision


@pytest.fixture
def config(config, home):
    with Path(home.env["CODEX_HOME"], "config.toml").open("a") as file:
        file.write(MORE_SETTINGS)
    return config


def test_an_accepted_command_runs(codex, model, home):
    policy = Recording(Decision.accept)
    model.replies(*tried("aa"), says("done"))
    result = codex.thread_start(**CAREFUL, approvals=policy).run("touch")
    assert statuses(result) == ["completed", "completed"]
    assert [path.name for path in home.work.iterdir()] == ["a"]
    first, second = policy.requests
    assert first.command in {"/bin/bash -lc 'touch a'", "/bin/sh -lc 'touch a'"}
    assert (first.kind, first.cwd, first.reason) == ("command", str(home.work), "on purpose")
    assert (first.turn_id, first.resolved) == (result.id, True)
    assert Decision.accept_commands(["touch", "a"]) in second.available_decisions


def test_a_command_accepted_for_the_session_is_not_asked_for_again(codex, model):
    policy = Recording(Decision.accept_for_session)
    model.replies(*tried("aab"), says("done"))
    result = codex.thread_start(**CAREFUL, approvals=policy).run("touch")
    assert statuses(result) == ["completed"] * 3
    assert len(policy.requests) == 2


def test_what_an_amendment_allows_is_not_asked_for_again(codex, model):
    policy = Recording(Decision.accept_commands(["touch"]))
    model.replies(*tried("abc", prefix_rule=["touch"]), says("done"))
    result = codex.thread_start(**CAREFUL, approvals=policy).run("touch")
    assert statuses(result) == ["completed"] * 3
    assert len(policy.requests) == 1


def test_a_declined_command_does_not_run_and_the_turn_goes_on(codex, model, home):
    model.replies(*tried("a"), says("never mind"))
    result = codex.thread_start(**CAREFUL, approvals=Recording(Decision.decline)).run("touch")
    assert (result.status, statuses(result)) == ("completed", ["declined"])
    assert list(home.work.iterdir()) == []


def test_to_cancel_interrupts_the_turn(codex, model, home):
    model.replies(*tried("a"))
    result = codex.thread_start(**CAREFUL, approvals=Recording(Decision.cancel)).run("touch")
    assert result.status == "interrupted"
    assert list(home.work.iterdir()) == []


def test_file_changes_are_shown_and_made(codex, model, home):
    policy = Recording(Decision.accept)
    model.replies(patches(ADD), patches(MOVE), says("done"))
    result = codex.thread_start(**CAREFUL, approvals=policy).run("write")
    assert statuses(result, "fileChange") == ["completed", "completed"]
    [added], [moved] = (request.changes for request in policy.requests)
    assert (added.path, added.kind, added.diff) == (str(home.work / "a"), "add", "hello\n")
    assert (moved.path, moved.kind, moved.moved_to) == (str(home.work / "a"), "update", str(home.work / "b"))
    assert "-hello\n+hello you\n" in moved.diff
    assert (home.work / "b").read_text() == "hello you\n"


def test_file_changes_are_declined_one_by_one(codex, model, home):
    model.replies(patches(ADD), says("never mind"))
    result = codex.thread_start(**CAREFUL, approvals=Recording(Decision.decline)).run("write")
    assert statuses(result, "fileChange") == ["declined"]
    assert list(home.work.iterdir()) == []


def test_a_decision_may_come_later_from_elsewhere(codex, model):
    requests, arrived = [], threading.Event()

    def policy(request):
        requests.append(request)
        arrived.set()

    model.replies(*tried("a"), says("done"))
    turn = codex.thread_start(**CAREFUL, approvals=policy).turn("touch")
    assert arrived.wait(DEADLINE_SECONDS)
    assert codex.thread(requests[0].thread_id).read().thread.id == requests[0].thread_id
    requests[0].respond(Decision.accept)
    assert statuses(turn.run()) == ["completed"]


def test_an_interrupted_turn_needs_no_decision_and_a_late_one_is_harmless(codex, model, home):
    requests, arrived = [], threading.Event()

    def policy(request):
        requests.append(request)
        arrived.set()

    model.replies(*tried("a"))
    thread = codex.thread_start(**CAREFUL, approvals=policy)
    turn = thread.turn("touch")
    assert arrived.wait(DEADLINE_SECONDS)
    turn.interrupt()
    assert turn.run().status == "interrupted"
    assert requests[0].resolved
    requests[0].respond(Decision.accept)
    assert thread.run("go on").status == "completed"
    assert list(home.work.iterdir()) == []


def test_a_handler_may_run_another_turn(codex, model):
    def policy(_request):
        assert codex.thread_start(approval_policy="never").run("may it?").final_response == "yes"
        return Decision.accept

    model.replies(*tried("a"), says("yes"), says("done"))
    assert statuses(codex.thread_start(**CAREFUL, approvals=policy).run("touch")) == ["completed"]


def test_a_thread_has_its_own_policy(config, model):
    with Codex(config, approvals=accept_for_session) as codex:
        model.replies(*tried("aa"), says("done"))
        assert statuses(codex.thread_start(**CAREFUL).run("touch")) == ["completed"] * 2
        model.replies(*tried("a"), says("never mind"))
        declining = codex.thread_start(**CAREFUL, approvals=Recording(Decision.decline))
        assert statuses(declining.run("touch")) == ["declined"]
        codex.thread_resume(declining.id, approvals=accept_all)
        model.replies(*tried("a"), says("done"))
        assert statuses(declining.run("touch")) == ["completed"]


def test_only_allowed_commands_run(codex, model, home):
    model.replies(*tried(["a", "b; touch c", "$(touch c)", "a"]), *tried("a", **MORE_NETWORK), says("done"))
    result = codex.thread_start(**CAREFUL, approvals=allow_commands(["touch a", ["touch", "b"]])).run("touch")
    assert statuses(result)[:4] == ["completed", "declined", "declined", "completed"]
    assert "rejected" in model.requests[-1].outputs[-1]  # it would run with more than it had
    assert [path.name for path in home.work.iterdir()] == ["a"]


def test_a_question_for_the_user_is_answered(config, model):
    seen = []

    def answer(request):
        seen.extend(request.params.questions)
        return {"answers": {"q": {"answers": ["blue"]}}}

    with Codex(config, handlers={m.ITEM_TOOL_REQUEST_USER_INPUT: answer}) as codex:
        model.replies(calls("request_user_input", questions=[QUESTION]), says("done"))
        result = codex.thread_start(**CAREFUL).run("plan", collaboration_mode=PLAN)
    assert result.status == "completed"
    assert [option.label for option in seen[0].options] == ["blue", "red"]
    assert json.loads(model.requests[-1].outputs[0]) == {"answers": {"q": {"answers": ["blue"]}}}


def test_an_elicitation_is_answered(config, model):
    seen = []

    def answer(request):
        seen.append(request)
        return {"action": "accept", "content": {"name": "Ada"}}

    with Codex(config, handlers={m.MCP_SERVER_ELICITATION_REQUEST: answer}) as codex:
        model.replies(calls_of("mcp__names", "ask"), says("done"))
        thread = codex.thread_start(**CAREFUL)
        result = thread.run("ask")
    assert (seen[0].params.message, seen[0].thread_id, seen[0].turn_id) == ("your name?", thread.id, result.id)
    assert "Ada" in item_of(result, "mcpToolCall").result.content[0]["text"]


def test_permissions_are_granted(config, model):
    seen = []

    def answer(request):
        seen.append(request.params)
        return {"permissions": {"network": {"enabled": True}}, "scope": "turn"}

    with Codex(config, handlers={m.ITEM_PERMISSIONS_REQUEST_APPROVAL: answer}) as codex:
        model.replies(calls("request_permissions", permissions={"network": {"enabled": True}}), says("done"))
        assert codex.thread_start(**CAREFUL).run("ask").status == "completed"
    assert seen[0].permissions.network.enabled is True
    assert json.loads(model.requests[-1].outputs[0])["permissions"]["network"] == {"enabled": True}


def test_a_dynamic_tool_is_answered(codex, model):
    def answer(request):
        return {"contentItems": [{"type": "inputText", "text": f"{request.params.tool}: fine"}], "success": True}

    model.replies(calls("weather"), says("done"))
    result = codex.thread_start(dynamic_tools=[WEATHER], handlers={m.ITEM_TOOL_CALL: answer}).run("what is it like?")
    assert item_of(result, "dynamicToolCall").status == "completed"
    assert "weather: fine" in json.dumps(model.requests[-1].outputs[0])
