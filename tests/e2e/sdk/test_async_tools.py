"""Turns with tools, on the real server: nothing is approved; the same names as in `test_tools.py`."""

import pytest

from e2e.sdk.outcomes import ESCALATED, FREE, WEATHER, item_of
from model_replies import calls, patches, says

pytestmark = pytest.mark.real


def test_a_command_runs_and_its_output_reaches_the_model(with_codex, model):
    async def work(codex):
        model.replies(calls("exec_command", cmd="echo $((6 * 7))"), says("done"))
        result = await (await codex.thread_start(**FREE)).run("compute")
        command = item_of(result, "commandExecution")
        assert (command.status, command.exit_code, command.aggregated_output) == ("completed", 0, "42\n")
        assert "42" in model.requests[1].outputs[0]
        assert result.final_response == "done"

    with_codex(work)


def test_a_command_approval_is_declined_and_the_turn_goes_on(with_codex, model, home, caplog):
    async def work(codex):
        model.replies(*(calls("exec_command", cmd=f"touch {name}", **ESCALATED) for name in "ab"), says("never mind"))
        result = await (await codex.thread_start(approval_policy="on-request", sandbox="read-only")).run("touch")
        assert [item.status for item in result.items if item.type == "commandExecution"] == ["declined", "declined"]
        assert all("rejected by user" in output for output in model.requests[2].outputs)
        assert (result.status, result.final_response) == ("completed", "never mind")
        assert list(home.work.iterdir()) == []
        warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert len(warnings) == 1
        assert "declined item/commandExecution/requestApproval" in warnings[0]

    with_codex(work)


def test_a_file_change_is_declined_and_the_turn_goes_on(with_codex, model, home):
    async def work(codex):
        model.replies(patches("*** Begin Patch\n*** Add File: a\n+hello\n*** End Patch\n"), says("never mind"))
        result = await (await codex.thread_start(approval_policy="on-request", sandbox="read-only")).run("write")
        assert item_of(result, "fileChange").status == "declined"
        assert (result.status, result.final_response) == ("completed", "never mind")
        assert list(home.work.iterdir()) == []

    with_codex(work)


def test_a_dynamic_tool_without_a_handler_fails_and_the_turn_goes_on(with_codex, model):
    async def work(codex):
        model.replies(calls("weather"), says("no idea"))
        result = await (await codex.thread_start(dynamic_tools=[WEATHER])).run("what is the weather?")
        call = item_of(result, "dynamicToolCall")
        assert (call.status, call.success) == ("failed", False)
        assert (result.status, result.final_response) == ("completed", "no idea")

    with_codex(work)
