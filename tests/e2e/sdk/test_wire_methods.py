"""What has no method of its own, on the real server; the same names as in `test_async_wire_methods.py`."""

import base64
import sys
from pathlib import Path

import pytest

from codex_app_server import types as t
from codex_app_server.generated import methods as m
from model_replies import DEADLINE_SECONDS, says

pytestmark = pytest.mark.real

ADDER = Path(__file__).parent.parent.parent / "adder_server.py"
REVIEW = (
    '{"findings": [], "overall_correctness": "patch is correct", "overall_explanation": "smooth sea",'
    ' "overall_confidence_score": 1}'
)
SKILL = "---\nname: sea\ndescription: about the sea\n---\nSay something about the sea.\n"


def test_a_goal_is_set_and_cleared(codex):
    thread = codex.thread_start()
    thread.run("hi")
    goal = t.ThreadGoalSetParams(thread_id=thread.id, objective="reach the sea", status="paused", token_budget=1000)
    assert codex.client.request(m.THREAD_GOAL_SET, goal).goal.objective == "reach the sea"
    asked = t.ThreadGoalGetParams(thread_id=thread.id)
    assert codex.client.request(m.THREAD_GOAL_GET, asked).goal.token_budget == 1000
    assert codex.client.request(m.THREAD_GOAL_CLEAR, t.ThreadGoalClearParams(thread_id=thread.id)).cleared
    assert codex.client.request(m.THREAD_GOAL_GET, asked).goal is None


def test_a_review_is_a_turn(codex, model):
    thread = codex.thread_start()
    thread.run("hi")
    model.replies(says(REVIEW))
    result = thread.review(t.CustomReviewTarget(instructions="look at the sea")).run()
    assert (result.status, result.final_response) == ("completed", "smooth sea")
    assert [item.type for item in result.items][::2] == ["enteredReviewMode", "exitedReviewMode"]
    assert any("look at the sea" in text for text in model.requests[1].texts)


def test_a_command_is_run_for_the_client(codex):
    params = t.CommandExecParams(command=["sh", "-c", "echo out; echo err >&2; exit 3"], timeout_ms=30_000)
    done = codex.client.request(m.COMMAND_EXEC, params)
    assert (done.exit_code, done.stdout, done.stderr) == (3, "out\n", "err\n")


def test_files_are_written_read_and_watched(codex, home):
    client, path = codex.client, str(home.work / "sea.txt")
    content = base64.b64encode(b"blue").decode()
    client.request(m.FS_WRITE_FILE, t.FsWriteFileParams(path=path, data_base64=content))
    assert client.request(m.FS_READ_FILE, t.FsReadFileParams(path=path)).data_base64 == content
    entries = client.request(m.FS_READ_DIRECTORY, t.FsReadDirectoryParams(path=str(home.work))).entries
    assert [(entry.file_name, entry.is_file) for entry in entries] == [("sea.txt", True)]
    client.request(m.FS_WATCH, t.FsWatchParams(path=str(home.work), watch_id="w"))
    client.request(m.FS_REMOVE, t.FsRemoveParams(path=path))
    told = client.notifications(timeout_seconds=DEADLINE_SECONDS)
    changed = next(each.params for each in told if each.method == m.FS_CHANGED.name)
    assert (changed.watch_id, changed.changed_paths) == ("w", [path])


def test_skills_are_listed_and_switched_off(codex, tmp_path):
    client, path = codex.client, tmp_path / "skills" / "sea" / "SKILL.md"
    path.parent.mkdir(parents=True)
    path.write_text(SKILL)
    client.request(m.SKILLS_EXTRA_ROOTS_SET, t.SkillsExtraRootsSetParams(extra_roots=[str(path.parent.parent)]))

    def sea():
        listed = client.request(m.SKILLS_LIST, t.SkillsListParams(force_reload=True)).data
        return next(skill for entry in listed for skill in entry.skills if skill.name == "sea")

    assert (sea().description, sea().enabled) == ("about the sea", True)
    client.request(m.SKILLS_CONFIG_WRITE, t.SkillsConfigWriteParams(path=sea().path, enabled=False))
    assert not sea().enabled


def test_an_mcp_server_is_configured_and_called(codex):
    client, adder = codex.client, {"command": sys.executable, "args": [str(ADDER)]}
    setting = t.ConfigValueWriteParams(key_path="mcp_servers.adder", value=adder, merge_strategy="upsert")
    assert client.request(m.CONFIG_VALUE_WRITE, setting).status == "ok"
    client.request(m.CONFIG_MCP_SERVER_RELOAD)
    [server] = client.request(m.MCP_SERVER_STATUS_LIST, t.ListMcpServerStatusParams()).data
    assert (server.name, list(server.tools)) == ("adder", ["add"])
    call = t.McpServerToolCallParams(
        thread_id=codex.thread_start().id, server="adder", tool="add", arguments={"a": 2, "b": 3}
    )
    assert client.request(m.MCP_SERVER_TOOL_CALL, call).content[0]["text"] == "5"
