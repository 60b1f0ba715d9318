"""What the type checkers must know of the asynchronous half; nobody runs this. A wrong line is marked as one."""

from typing_extensions import assert_type

from codex_app_server import (
    ApprovalRequest,
    AsyncAppServerClient,
    AsyncCodex,
    AsyncThread,
    AsyncTurn,
    Decision,
    ImageInput,
    Request,
    TextInput,
    TurnResult,
    allow_commands,
)
from codex_app_server.generated import methods
from codex_app_server.generated import v2_all as t


async def threads(codex: AsyncCodex) -> None:
    assert_type(codex.thread("id"), AsyncThread)
    assert_type(await codex.thread_start(model="some", cwd="/", ephemeral=True), AsyncThread)
    assert_type(await codex.thread_resume("id", model="some"), AsyncThread)
    assert_type(await codex.thread_fork("id"), AsyncThread)
    assert_type((await codex.thread_list(limit=10)).data, list[t.Thread])
    assert_type((await codex.models()).data, list[t.Model])
    await codex.thread_start(modle="some")  # type: ignore[call-arg]
    await codex.thread_start(model=3)  # type: ignore[arg-type]
    await codex.thread_list(limit="ten")  # type: ignore[arg-type]
    codex.thread()  # type: ignore[call-arg]


async def turns(thread: AsyncThread) -> None:
    assert_type(await thread.run("text", turn_timeout_seconds=None), TurnResult)
    assert_type(await thread.turn([TextInput("text"), ImageInput("https://example.org/a.png")]), AsyncTurn)
    await thread.run(3)  # type: ignore[arg-type]
    await thread.run("text", turn_timeout_seconds="long")  # type: ignore[arg-type]
    result = await (await thread.turn("text")).run()
    assert_type(result.final_response, str | None)
    async for notification in (await thread.turn("text")).stream():
        assert_type(notification.method, str)


async def wire(client: AsyncAppServerClient) -> None:
    assert_type(await client.request(methods.THREAD_LIST, {"limit": 1}), t.ThreadListResponse)
    assert_type(await client.request(methods.THREAD_READ, t.ThreadReadParams(thread_id="id")), t.ThreadReadResponse)
    await client.request(methods.THREAD_READ, t.ThreadListParams())  # type: ignore[misc]
    t.ThreadReadParams(threadId="id")  # type: ignore[call-arg]


def decide(request: ApprovalRequest) -> Decision | None:
    return Decision.accept if request.kind == "command" else None


async def decide_later(request: ApprovalRequest) -> Decision | None:
    assert_type(request.cwd, str | None)
    return None


async def asked(codex: AsyncCodex) -> None:
    AsyncCodex(approvals=decide_later, handlers={methods.ITEM_TOOL_CALL: call})
    await codex.thread_start(approvals=allow_commands(["ls"], otherwise=decide_later))
    await codex.thread_resume("id", approvals=decide)
    AsyncCodex(approvals=3)  # type: ignore[arg-type]


async def call(request: Request[t.DynamicToolCallParams, t.DynamicToolCallResponse]) -> t.DynamicToolCallResponse:
    assert_type(request.params.tool, str)
    return t.DynamicToolCallResponse(content_items=[], success=True)


def plain_call(_request: Request[t.DynamicToolCallParams, t.DynamicToolCallResponse]) -> dict[str, object]:
    return {"contentItems": [], "success": True}


def handlers(client: AsyncAppServerClient) -> None:
    client.handle(methods.ITEM_TOOL_CALL, call, thread_id="id")
    client.handle(methods.ITEM_TOOL_CALL, plain_call)
    client.handle(methods.ATTESTATION_GENERATE, call)  # type: ignore[arg-type]
