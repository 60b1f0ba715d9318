"""What the real server asks its client; the same names as in `test_approvals.py`, which is the one to read first."""

import asyncio
import json
from pathlib import Path

import pytest

from codex_app_server import AsyncCodex, Decision, accept_all, accept_for_session, allow_commands
from codex_app_server.generated import methods as m
from e2e.sdk.asking import ADD, CAREFUL, MORE_NETWORK, MORE_SETTINGS, MOVE, PLAN, QUESTION, calls_of, statuses, tried
from e2e.sdk.outcomes import WEATHER, item_of
from model_replies import calls, patches, says

pytestmark = pytest.mark.real


class Recording:
    """A policy that keeps what it was asked."""

    def __init__(self, decision):
        self.decision = decision
        self.requests = []

    async def __call__(self, request):
        self.requests.append(request)
        await asyncio.sleep(0)
        return self.decision


@pytest.fixture
def config(config, home):
    with Path(home.env["CODEX_HOME"], "config.toml").open("a") as file:
        file.write(MORE_SETTINGS)
    return config


@pytest.fixture
def answering(config, run):
    """Runs a coroutine function with an AsyncCodex that has a policy or handlers."""

    def answering(work, **options):
        async def main():
            async with AsyncCodex(config, **options) as codex:
                await work(codex)

        run(main())

    return answering


def test_an_accepted_command_runs(with_codex, model, home):
    policy = Recording(Decision.accept)

    async def work(codex):
        model.replies(*tried("aa"), says("done"))
        result = await (await codex.thread_start(**CAREFUL, approvals=policy)).run("touch")
        assert statuses(result) == ["completed", "completed"]
        assert [path.name for path in home.work.iterdir()] == ["a"]
        first, second = policy.requests
        assert first.command in {"/bin/bash -lc 'touch a'", "/bin/sh -lc 'touch a'"}
        assert (first.kind, first.cwd, first.reason) == ("command", str(home.work), "on purpose")
        assert (first.turn_id, first.resolved) == (result.id, True)
        assert Decision.accept_commands(["touch", "a"]) in second.available_decisions

    with_codex(work)


def test_a_command_accepted_for_the_session_is_not_asked_for_again(with_codex, model):
    policy = Recording(Decision.accept_for_session)

    async def work(codex):
        model.replies(*tried("aab"), says("done"))
        result = await (await codex.thread_start(**CAREFUL, approvals=policy)).run("touch")
        assert statuses(result) == ["completed"] * 3
        assert len(policy.requests) == 2

    with_codex(work)


def test_what_an_amendment_allows_is_not_asked_for_again(with_codex, model):
    policy = Recording(Decision.accept_commands(["touch"]))

    async def work(codex):
        model.replies(*tried("abc", prefix_rule=["touch"]), says("done"))
        result = await (await codex.thread_start(**CAREFUL, approvals=policy)).run("touch")
        assert statuses(result) == ["completed"] * 3
        assert len(policy.requests) == 1

    with_codex(work)


def test_a_declined_command_does_not_run_and_the_turn_goes_on(with_codex, model, home):
    async def work(codex):
        model.replies(*tried("a"), says("never mind"))
        result = await (await codex.thread_start(**CAREFUL, approvals=Recording(Decision.decline))).run("touch")
        assert (result.status, statuses(result)) == ("completed", ["declined"])
        assert list(home.work.iterdir()) == []

    with_codex(work)


def test_to_cancel_interrupts_the_turn(with_codex, model, home):
    async def work(codex):
        model.replies(*tried("a"))
        result = await (await codex.thread_start(**CAREFUL, approvals=Recording(Decision.cancel))).run("touch")
        assert result.status == "interrupted"
        assert list(home.work.iterdir()) == []

    with_codex(work)


def test_file_changes_are_shown_and_made(with_codex, model, home):
    policy = Recording(Decision.accept)

    async def work(codex):
        model.replies(patches(ADD), patches(MOVE), says("done"))
        result = await (await codex.thread_start(**CAREFUL, approvals=policy)).run("write")
        assert statuses(result, "fileChange") == ["completed", "completed"]

    with_codex(work)
    [added], [moved] = (request.changes for request in policy.requests)
    assert (added.path, added.kind, added.diff) == (str(home.work / "a"), "add", "hello\n")
    assert (moved.path, moved.kind, moved.moved_to) == (str(home.work / "a"), "update", str(home.work / "b"))
    assert "-hello\n+hello you\n" in moved.diff
    assert (home.work / "b").read_text() == "hello you\n"


def test_file_changes_are_declined_one_by_one(with_codex, model, home):
    async def work(codex):
        model.replies(patches(ADD), says("never mind"))
        result = await (await codex.thread_start(**CAREFUL, approvals=Recording(Decision.decline))).run("write")
        assert statuses(result, "fileChange") == ["declined"]
        assert list(home.work.iterdir()) == []

    with_codex(work)


def test_a_decision_may_come_later_from_elsewhere(with_codex, model):
    async def work(codex):
        arrived = asyncio.get_running_loop().create_future()

        async def policy(request):
            arrived.set_result(request)

        model.replies(*tried("a"), says("done"))
        turn = await (await codex.thread_start(**CAREFUL, approvals=policy)).turn("touch")
        request = await arrived
        assert (await codex.thread(request.thread_id).read()).thread.id == request.thread_id
        await asyncio.to_thread(request.respond, Decision.accept)
        assert statuses(await turn.run()) == ["completed"]

    with_codex(work)


def test_an_interrupted_turn_needs_no_decision_and_a_late_one_is_harmless(with_codex, model, home):
    async def work(codex):
        arrived, cancelled = asyncio.get_running_loop().create_future(), asyncio.Event()

        async def policy(request):
            arrived.set_result(request)
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        model.replies(*tried("a"))
        thread = await codex.thread_start(**CAREFUL, approvals=policy)
        turn = await thread.turn("touch")
        request = await arrived
        await turn.interrupt()
        assert (await turn.run()).status == "interrupted"
        await cancelled.wait()
        request.respond(Decision.accept)
        assert (await thread.run("go on")).status == "completed"
        assert list(home.work.iterdir()) == []

    with_codex(work)


def test_a_handler_may_run_another_turn(with_codex, model):
    async def work(codex):
        async def policy(_request):
            other = await codex.thread_start(approval_policy="never")
            assert (await other.run("may it?")).final_response == "yes"
            return Decision.accept

        model.replies(*tried("a"), says("yes"), says("done"))
        asking = await codex.thread_start(**CAREFUL, approvals=policy)
        assert statuses(await asking.run("touch")) == ["completed"]

    with_codex(work)


def test_a_thread_has_its_own_policy(answering, model):
    async def work(codex):
        model.replies(*tried("aa"), says("done"))
        assert statuses(await (await codex.thread_start(**CAREFUL)).run("touch")) == ["completed"] * 2
        model.replies(*tried("a"), says("never mind"))
        declining = await codex.thread_start(**CAREFUL, approvals=Recording(Decision.decline))
        assert statuses(await declining.run("touch")) == ["declined"]
        await codex.thread_resume(declining.id, approvals=accept_all)
        model.replies(*tried("a"), says("done"))
        assert statuses(await declining.run("touch")) == ["completed"]

    answering(work, approvals=accept_for_session)


def test_only_allowed_commands_run(with_codex, model, home):
    async def work(codex):
        model.replies(*tried(["a", "b; touch c", "$(touch c)", "a"]), *tried("a", **MORE_NETWORK), says("done"))
        policy = allow_commands(["touch a", ["touch", "b"]], otherwise=Recording(Decision.decline))
        result = await (await codex.thread_start(**CAREFUL, approvals=policy)).run("touch")
        assert statuses(result)[:4] == ["completed", "declined", "declined", "completed"]
        assert "rejected" in model.requests[-1].outputs[-1]
        assert [path.name for path in home.work.iterdir()] == ["a"]

    with_codex(work)


def test_a_question_for_the_user_is_answered(answering, model):
    seen = []

    async def answer(request):
        seen.extend(request.params.questions)
        return {"answers": {"q": {"answers": ["blue"]}}}

    async def work(codex):
        model.replies(calls("request_user_input", questions=[QUESTION]), says("done"))
        result = await (await codex.thread_start(**CAREFUL)).run("plan", collaboration_mode=PLAN)
        assert result.status == "completed"

    answering(work, handlers={m.ITEM_TOOL_REQUEST_USER_INPUT: answer})
    assert [option.label for option in seen[0].options] == ["blue", "red"]
    assert json.loads(model.requests[-1].outputs[0]) == {"answers": {"q": {"answers": ["blue"]}}}


def test_an_elicitation_is_answered(answering, model):
    seen = []

    async def answer(request):
        seen.append(request)
        return {"action": "accept", "content": {"name": "Ada"}}

    async def work(codex):
        model.replies(calls_of("mcp__names", "ask"), says("done"))
        thread = await codex.thread_start(**CAREFUL)
        result = await thread.run("ask")
        assert (seen[0].params.message, seen[0].thread_id, seen[0].turn_id) == ("your name?", thread.id, result.id)
        assert "Ada" in item_of(result, "mcpToolCall").result.content[0]["text"]

    answering(work, handlers={m.MCP_SERVER_ELICITATION_REQUEST: answer})


def test_permissions_are_granted(answering, model):
    seen = []

    async def answer(request):
        seen.append(request.params)
        return {"permissions": {"network": {"enabled": True}}, "scope": "turn"}

    async def work(codex):
        model.replies(calls("request_permissions", permissions={"network": {"enabled": True}}), says("done"))
        assert (await (await codex.thread_start(**CAREFUL)).run("ask")).status == "completed"

    answering(work, handlers={m.ITEM_PERMISSIONS_REQUEST_APPROVAL: answer})
    assert seen[0].permissions.network.enabled is True
    assert json.loads(model.requests[-1].outputs[0])["permissions"]["network"] == {"enabled": True}


def test_a_dynamic_tool_is_answered(with_codex, model):
    async def answer(request):
        return {"contentItems": [{"type": "inputText", "text": f"{request.params.tool}: fine"}], "success": True}

    async def work(codex):
        model.replies(calls("weather"), says("done"))
        thread = await codex.thread_start(dynamic_tools=[WEATHER], handlers={m.ITEM_TOOL_CALL: answer})
        result = await thread.run("what is it like?")
        assert item_of(result, "dynamicToolCall").status == "completed"
        assert "weather: fine" in json.dumps(model.requests[-1].outputs[0])

    with_codex(work)
