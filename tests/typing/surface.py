"""What the type checkers must know of accounts, lists and sandboxes; nobody runs this. Wrong lines are marked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typing_extensions import assert_type

from codex_app_server import ApprovalPolicy, Codex, LoginHandle, Sandbox, Thread, Turn
from codex_app_server import types as t


def accounts(codex: Codex) -> None:
    assert_type(codex.account(refresh_token=True), t.GetAccountResponse)
    codex.login_api_key("key", timeout_seconds=None)
    codex.logout()
    with codex.login_chatgpt() as login:
        assert_type(login, LoginHandle)
        assert_type(login.auth_url, str)
    assert_type(codex.login_chatgpt_device_code().user_code, str | None)
    codex.account(refresh=True)  # type: ignore[call-arg]
    codex.login_api_key(None)  # type: ignore[arg-type]


def lists(codex: Codex, thread: Thread) -> None:
    assert_type(codex.threads(limit=5, archived=True), Iterator[t.Thread])
    assert_type(codex.all_models(), Iterator[t.Model])
    assert_type(thread.turns(sort_direction="desc"), Iterator[t.Turn])
    assert_type(thread.items(turn_id="id"), Iterator[t.ThreadItemEntry])
    codex.threads(limit="five")  # type: ignore[arg-type]
    thread.turns(turn_id="id")  # type: ignore[call-arg]


def more_turns(thread: Thread) -> None:
    assert_type(thread.compact(), Turn[Any])
    assert_type(thread.review(t.UncommittedChangesReviewTarget()), Turn[Any])
    thread.review("everything")  # type: ignore[arg-type]


def sandboxes(codex: Codex, thread: Thread) -> None:
    box = Sandbox.workspace_write(writable_roots=["/a", Path("/b")], network=True)
    codex.thread_start(sandbox=box, approval_policy=ApprovalPolicy.NEVER)
    codex.thread_start(sandbox="read-only", approval_policy=ApprovalPolicy.granular(rules=True))
    thread.run("text", sandbox_policy=box, approval_policy=ApprovalPolicy.ON_REQUEST)
    thread.run("text", sandbox_policy=box.policy)
    thread.run("text", sandbox=box)  # type: ignore[call-arg]
    codex.thread_start(sandbox=True)  # type: ignore[arg-type]
    Sandbox.workspace_write(["/a"])  # type: ignore[call-arg]
