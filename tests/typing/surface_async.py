"""What the type checkers must know of accounts, lists and sandboxes; nobody runs this. Wrong lines are marked."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from typing_extensions import assert_type

from codex_app_server import ApprovalPolicy, AsyncCodex, AsyncLoginHandle, AsyncThread, AsyncTurn, Sandbox
from codex_app_server import types as t


async def accounts(codex: AsyncCodex) -> None:
    assert_type(await codex.account(refresh_token=True), t.GetAccountResponse)
    await codex.login_api_key("key", timeout_seconds=None)
    await codex.logout()
    async with await codex.login_chatgpt() as login:
        assert_type(login, AsyncLoginHandle)
        assert_type(login.auth_url, str)
    assert_type((await codex.login_chatgpt_device_code()).user_code, str | None)
    await codex.account(refresh=True)  # type: ignore[call-arg]
    await codex.login_api_key(None)  # type: ignore[arg-type]


def lists(codex: AsyncCodex, thread: AsyncThread) -> None:
    assert_type(codex.threads(limit=5, archived=True), AsyncIterator[t.Thread])
    assert_type(codex.all_models(), AsyncIterator[t.Model])
    assert_type(thread.turns(sort_direction="desc"), AsyncIterator[t.Turn])
    assert_type(thread.items(turn_id="id"), AsyncIterator[t.ThreadItemEntry])
    codex.threads(limit="five")  # type: ignore[arg-type]
    thread.turns(turn_id="id")  # type: ignore[call-arg]


async def more_turns(thread: AsyncThread) -> None:
    assert_type(await thread.compact(), AsyncTurn[Any])
    assert_type(await thread.review(t.UncommittedChangesReviewTarget()), AsyncTurn[Any])
    await thread.review("everything")  # type: ignore[arg-type]


async def sandboxes(codex: AsyncCodex, thread: AsyncThread) -> None:
    box = Sandbox.workspace_write(writable_roots=["/a", Path("/b")], network=True)
    await codex.thread_start(sandbox=box, approval_policy=ApprovalPolicy.NEVER)
    await codex.thread_start(sandbox="read-only", approval_policy=ApprovalPolicy.granular(rules=True))
    await thread.run("text", sandbox_policy=box, approval_policy=ApprovalPolicy.ON_REQUEST)
    await thread.run("text", sandbox_policy=box.policy)
    await thread.run("text", sandbox=box)  # type: ignore[call-arg]
    await codex.thread_start(sandbox=True)  # type: ignore[arg-type]
    Sandbox.workspace_write(["/a"])  # type: ignore[call-arg]
