"""What the type checkers must know of the synchronous half; nobody runs this. A wrong line is marked as one."""

from typing_extensions import assert_type

from codex_app_server import (
    ApprovalRequest,
    AppServerClient,
    Codex,
    Decision,
    ImageInput,
    Request,
    TextInput,
    Thread,
    Turn,
    TurnResult,
    accept_all,
    allow_commands,
    ask_on_terminal,
)
from codex_app_server.generated import methods
from codex_app_server.generated import v2_all as t


def threads(codex: Codex) -> None:
    assert_type(codex.thread("id"), Thread)
    assert_type(codex.thread_start(model="some", cwd="/", ephemeral=True), Thread)
    assert_type(codex.thread_resume("id", model="some"), Thread)
    assert_type(codex.thread_fork("id"), Thread)
    assert_type(codex.thread_list(limit=10).data, list[t.Thread])
    assert_type(codex.models().data, list[t.Model])
    codex.thread_start(modle="some")  # type: ignore[call-arg]
    codex.thread_start(model=3)  # type: ignore[arg-type]
    codex.thread_list(limit="ten")  # type: ignore[arg-type]
    codex.thread()  # type: ignore[call-arg]


def turns(thread: Thread) -> None:
    assert_type(thread.run("text", turn_timeout_seconds=None), TurnResult)
    assert_type(thread.turn([TextInput("text"), ImageInput("https://example.org/a.png")]), Turn)
    thread.run(3)  # type: ignore[arg-type]
    thread.run("text", turn_timeout_seconds="long")  # type: ignore[arg-type]
    result = thread.turn("text").run()
    assert_type(result.final_response, str | None)
    for notification in thread.turn("text").stream():
        assert_type(notification.method, str)


def wire(client: AppServerClient) -> None:
    assert_type(client.request(methods.THREAD_LIST, {"limit": 1}), t.ThreadListResponse)
    assert_type(client.request(methods.THREAD_READ, t.ThreadReadParams(thread_id="id")), t.ThreadReadResponse)
    client.request(methods.THREAD_READ, t.ThreadListParams())  # type: ignore[misc]
    t.ThreadReadParams(threadId="id")  # type: ignore[call-arg]


def decide(request: ApprovalRequest) -> Decision | None:
    assert_type(request.command, str | None)
    for change in request.changes or ():
        assert_type(change.moved_to, str | None)
    assert_type(request.available_decisions, tuple[Decision, ...])
    request.respond("accept")  # type: ignore[arg-type]
    return Decision.accept if request.kind == "command" else None


async def decide_later(_request: ApprovalRequest) -> Decision:
    return Decision.accept_commands(["git", "pull"])


def asked(codex: Codex) -> None:
    Codex(approvals=decide, handlers={methods.ITEM_TOOL_CALL: call})
    codex.thread_start(approvals=allow_commands([["git", "status"], "ls"], otherwise=ask_on_terminal))
    codex.thread("id", approvals=lambda request: Decision.cancel if request.reason else Decision.decline)
    Codex(approvals=decide_later)  # type: ignore[arg-type]
    Codex(approvals=allow_commands(["ls"], otherwise=decide_later))  # type: ignore[arg-type]
    Codex(approvals=accept_all())  # type: ignore[call-arg, arg-type]


def call(request: Request[t.DynamicToolCallParams, t.DynamicToolCallResponse]) -> t.DynamicToolCallResponse:
    assert_type(request.params.tool, str)
    request.respond(3)  # type: ignore[arg-type]
    return t.DynamicToolCallResponse(content_items=[], success=True)


def handlers(client: AppServerClient) -> None:
    client.handle(methods.ITEM_TOOL_CALL, call, thread_id="id")
    client.handle(methods.ITEM_TOOL_CALL, None)
    client.handle(methods.ATTESTATION_GENERATE, lambda request: {"token": repr(request.params)})
    client.handle(methods.ATTESTATION_GENERATE, call)  # type: ignore[arg-type]
    client.handle(methods.ATTESTATION_GENERATE, lambda _: 3)  # type: ignore[arg-type, return-value]
