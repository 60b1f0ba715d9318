"""What the type checkers must know of the synchronous half; nobody runs this. A wrong line is marked as one."""

from typing_extensions import assert_type

from codex_app_server import AppServerClient, Codex, ImageInput, TextInput, Thread, Turn, TurnResult
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
