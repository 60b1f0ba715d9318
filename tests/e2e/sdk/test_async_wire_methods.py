"""The same names as in `test_wire_methods.py`, which is the one to read first."""

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


def test_a_goal_is_set_and_cleared(with_codex):
    async def work(codex):
        thread = await codex.thread_start()
        await thread.run("hi")
        goal = t.ThreadGoalSetParams(thread_id=thread.id, objective="reach the sea", status="paused", token_budget=1000)
        assert (await codex.client.request(m.THREAD_GOAL_SET, goal)).goal.objective == "reach the sea"
        asked = t.ThreadGoalGetParams(thread_id=thread.id)
        assert (await codex.client.request(m.THREAD_GOAL_GET, asked)).goal.token_budget == 1000
        cleared = await codex.client.request(m.THREAD_GOAL_CLEAR, t.ThreadGoalClearParams(thread_id=thread.id))
        assert cleared.cleared
        assert (await codex.client.request(m.THREAD_GOAL_GET, asked)).goal is None

    with_codex(work)


def test_a_review_is_a_turn(with_codex, model):
    async def work(codex):
        thread = await codex.thread_start()
        await thread.run("hi")
        model.replies(says(REVIEW))
        review = await thread.review(t.CustomReviewTarget(instructions="look at the sea"))
        result = await review.run()
        assert (result.status, result.final_response) == ("completed", "smooth sea")
        assert [item.type for item in result.items][::2] == ["enteredReviewMode", "exitedReviewMode"]
        assert any("look at the sea" in text for text in model.requests[1].texts)

    with_codex(work)


def test_a_command_is_run_for_the_client(with_codex):
    async def work(codex):
        params = t.CommandExecParams(command=["sh", "-c", "echo out; echo err >&2; exit 3"], timeout_ms=30_000)
        done = await codex.client.request(m.COMMAND_EXEC, params)
        assert (done.exit_code, done.stdout, done.stderr) == (3, "out\n", "err\n")

    with_codex(work)


def test_files_are_written_read_and_watched(with_codex, home):
    async def work(codex):
        client, path = codex.client, str(home.work / "sea.txt")
        content = base64.b64encode(b"blue").decode()
        await client.request(m.FS_WRITE_FILE, t.FsWriteFileParams(path=path, data_base64=content))
        read = await client.request(m.FS_READ_FILE, t.FsReadFileParams(path=path))
        assert read.data_base64 == content
        listed = await client.request(m.FS_READ_DIRECTORY, t.FsReadDirectoryParams(path=str(home.work)))
        assert [(entry.file_name, entry.is_file) for entry in listed.entries] == [("sea.txt", True)]
        await client.request(m.FS_WATCH, t.FsWatchParams(path=str(home.work), watch_id="w"))
        await client.request(m.FS_REMOVE, t.FsRemoveParams(path=path))
        told = client.notifications(timeout_seconds=DEADLINE_SECONDS)
        changed = await anext(each.params async for each in told if each.method == m.FS_CHANGED.name)
        assert (changed.watch_id, changed.changed_paths) == ("w", [path])

    with_codex(work)


def test_skills_are_listed_and_switched_off(with_codex, tmp_path):
    path = tmp_path / "skills" / "sea" / "SKILL.md"
    path.parent.mkdir(parents=True)
    path.write_text(SKILL)

    async def work(codex):
        client = codex.client
        await client.request(
            m.SKILLS_EXTRA_ROOTS_SET, t.SkillsExtraRootsSetParams(extra_roots=[str(path.parent.parent)])
        )

        async def sea():
            listed = (await client.request(m.SKILLS_LIST, t.SkillsListParams(force_reload=True))).data
            return next(skill for entry in listed for skill in entry.skills if skill.name == "sea")

        skill = await sea()
        assert (skill.description, skill.enabled) == ("about the sea", True)
        await client.request(m.SKILLS_CONFIG_WRITE, t.SkillsConfigWriteParams(path=skill.path, enabled=False))
        assert not (await sea()).enabled

    with_codex(work)


def test_an_mcp_server_is_configured_and_called(with_codex):
    async def work(codex):
        client, adder = codex.client, {"command": sys.executable, "args": [str(ADDER)]}
        setting = t.ConfigValueWriteParams(key_path="mcp_servers.adder", value=adder, merge_strategy="upsert")
        assert (await client.request(m.CONFIG_VALUE_WRITE, setting)).status == "ok"
        await client.request(m.CONFIG_MCP_SERVER_RELOAD)
        [server] = (await client.request(m.MCP_SERVER_STATUS_LIST, t.ListMcpServerStatusParams())).data
        assert (server.name, list(server.tools)) == ("adder", ["add"])
        call = t.McpServerToolCallParams(
            thread_id=(await codex.thread_start()).id, server="adder", tool="add", arguments={"a": 2, "b": 3}
        )
        assert (await client.request(m.MCP_SERVER_TOOL_CALL, call)).content[0]["text"] == "5"

    with_codex(work)
