"""Requests of the server's, on bytes alone: who answers them, and until when somebody waits."""

import json
import logging

import pytest

from codex_app_server import ConnectionClosedError, Request, UsageError
from codex_app_server._requests import Handlers, failure, is_async
from codex_app_server._session import Session
from codex_app_server.generated import methods as m
from codex_app_server.generated import v2_all as t
from sdk import fake_approvals as fake

COMMAND = m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL
METHODS = {each.name: each for each, _, _ in fake.OTHERS.values()}
PERMISSIVE = t.AdditionalNetworkPermissions(enabled=True)


def line(*messages):
    return b"".join(json.dumps(each).encode() + b"\n" for each in messages)


class Server:
    """A session, and what a server would say and get."""

    def __init__(self):
        self.session = Session()

    def asks(self, asking, request_id=0):
        call = {"id": request_id, "method": asking["method"], "params": asking["params"]}
        [asked] = self.says(*asking["before"], call, *asking["after"])
        return asked

    def says(self, *messages):
        return self.session.receive(line(*messages), 0.0)

    def answer(self, asked, answer):
        self.session.answer(asked, answer, 0.0)

    def gets(self):
        return [json.loads(each) for each in self.session.data_to_send().splitlines()]


@pytest.fixture
def server():
    return Server()


def of(asked, server, method=COMMAND):
    return Request(asked, method, server.answer)


def test_an_answer_is_sent_once(server):
    asked = server.asks(fake.command(), request_id="7")
    request = of(asked, server)
    assert (request.resolved, request.thread_id, request.turn_id) == (False, "h", "t")
    request.respond({"decision": "accept"})
    request.respond({"decision": "cancel"})
    request.decline()
    assert request.resolved
    assert server.gets() == [{"id": "7", "result": {"decision": "accept"}}]


def test_an_answer_may_be_typed(server):
    request = of(server.asks(fake.command()), server)
    request.respond(t.CommandExecutionRequestApprovalResponse(decision="acceptForSession"))
    assert server.gets() == [{"id": 0, "result": {"decision": "acceptForSession"}}]


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"decision": "maybe"},
        {"decision": 3},
        {"decision": "accept", "more": 1},
        [],
        "accept",
        object(),
        {"\ud800": 1},
    ],
    ids=repr,
)
def test_what_is_no_answer_is_refused_and_the_server_still_waits(server, nonsense):
    request = of(server.asks(fake.command()), server)
    with pytest.raises(UsageError):
        request.respond(nonsense)
    assert not request.resolved
    assert server.gets() == []


@pytest.mark.parametrize("name", fake.OTHERS)
def test_each_method_takes_its_own_answer_and_has_typed_params(server, name):
    method, params, answer = fake.OTHERS[name]
    request = of(server.asks(fake.asking(method, **params)), server, method)
    assert not hasattr(request.params, "raw")
    request.respond(answer)
    assert server.gets() == [{"id": 0, "result": answer}]


def test_params_of_an_unknown_shape_are_kept(server):
    request = of(server.asks({"method": COMMAND.name, "params": [1], "before": (), "after": ()}), server)
    assert (request.params.raw, request.thread_id, request.item) == ([1], None, None)


def test_nobody_waits_once_the_server_says_so(server):
    first, second = server.asks(fake.command(), 1), server.asks(fake.command(), 2)
    assert server.says(fake.resolved(1), fake.resolved(99), {"method": "serverRequest/resolved", "params": 3}) == []
    of(first, server).respond({"decision": "accept"})
    assert (first.resolved, second.resolved) == (True, False)
    assert server.gets() == []


def test_the_word_may_come_along_with_the_request(server):
    assert server.asks(fake.command(after=[fake.resolved(0)])).resolved


def test_nobody_waits_once_the_turn_is_over(server):
    ended, other = server.asks(fake.command(), 1), server.asks(fake.command(turnId="other"), 2)
    turn = {"id": "t", "items": [], "status": "interrupted"}
    server.says(fake.event("turn/completed", threadId="h", turn=turn))
    assert (ended.resolved, other.resolved) == (True, False)


def test_nobody_waits_once_the_connection_is_closed(server):
    request = of(server.asks(fake.command()), server)
    server.session.close(ConnectionClosedError("gone"))
    request.respond({"decision": "accept"})
    assert request.resolved
    assert server.gets() == []


def test_a_request_with_the_id_of_another_replaces_it(server):
    first, second = server.asks(fake.command()), server.asks(fake.command())
    of(first, server).respond({"decision": "accept"})
    assert (first.resolved, second.resolved) == (True, False)
    assert server.gets() == []


def test_whoever_runs_a_handler_is_told_of_the_end(server):
    ends = []
    for request_id in (1, 2):
        asked = server.asks(fake.command(), request_id)
        asked.stop = lambda *, answered: ends.append(answered)
    of(asked, server).respond({"decision": "accept"})
    server.says(fake.resolved(2), fake.resolved(1))
    assert ends == [True, False]


def test_a_request_has_the_item_that_it_is_about(server):
    item = of(server.asks(fake.FILE_CHANGE), server, m.ITEM_FILE_CHANGE_REQUEST_APPROVAL).item
    assert [change.path for change in item.changes] == ["/w/a", "/w/b"]
    assert of(server.asks(fake.UNKNOWN_CHANGE), server, m.ITEM_FILE_CHANGE_REQUEST_APPROVAL).item is None


def test_only_the_newest_beginnings_are_kept(server):
    for number in range(40):
        item = {"type": "fileChange", "id": f"i{number}", "status": "inProgress", "changes": []}
        server.says(fake.event("item/started", threadId="h", turnId="t", item=item, startedAtMs=0))
    asked = [server.asks(fake.command(itemId=f"i{number}"), number) for number in (0, 39)]
    assert [of(each, server).item is None for each in asked] == [True, False]
    server.says(fake.event("turn/completed", threadId="h", turn={"id": "t", "items": [], "status": "completed"}))
    assert not server.session.turn("t").started


def test_the_handler_of_the_thread_wins(server):
    handlers = Handlers()
    asked = server.asks(fake.command())
    assert handlers.find(asked) is None
    handlers.set(COMMAND, repr, None)
    handlers.set(COMMAND, str, "h")
    handlers.set(COMMAND, int, "other")
    assert handlers.find(asked) == (COMMAND, str)
    handlers.set(COMMAND, None, "h")
    assert handlers.find(asked) == (COMMAND, repr)
    handlers.set(COMMAND, None, None)
    handlers.set(COMMAND, None, None)
    assert handlers.find(asked) is None


def test_an_old_server_names_the_thread_otherwise(server):
    handlers = Handlers()
    handlers.set(m.EXEC_COMMAND_APPROVAL, str, "h")
    assert handlers.find(server.asks(fake.OLD_COMMAND)) == (m.EXEC_COMMAND_APPROVAL, str)


def test_what_cannot_be_called_is_no_handler():
    with pytest.raises(UsageError, match=r"the handler of item/tool/call is 3, which cannot be called"):
        Handlers().set(m.ITEM_TOOL_CALL, 3, None)


DEFAULTS = {
    COMMAND.name: {"decision": "decline"},
    "item/fileChange/requestApproval": {"decision": "decline"},
    "item/permissions/requestApproval": {"permissions": {}},
    "mcpServer/elicitation/request": {"action": "decline"},
    "execCommandApproval": {"decision": {"denied": {"rejection": "declined"}}},
    "applyPatchApproval": {"decision": {"denied": {"rejection": "declined"}}},
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_without_a_handler_nothing_is_granted(server, name):
    method = next(each for each in vars(m).values() if getattr(each, "name", None) == name)
    request = of(server.asks(fake.asking(method)), server, method)
    assert json.loads(Handlers().refuse(request._asked)) == {"id": 0, "result": DEFAULTS[name]}  # noqa: SLF001
    request.respond(DEFAULTS[name])  # it is one that the types know


@pytest.mark.parametrize("method", ["item/tool/call", "item/tool/requestUserInput", "new/thing"])
def test_without_a_handler_the_rest_is_not_supported(server, method):
    asked = server.asks({"method": method, "params": {}, "before": (), "after": ()})
    assert json.loads(Handlers().refuse(asked))["error"] == {
        "code": -32601,
        "message": f"this client does not support {method}",
    }


@pytest.mark.parametrize(
    ("name", "allow"),
    [
        (COMMAND.name, "approvals="),
        ("item/permissions/requestApproval", "handlers="),
        ("mcpServer/elicitation/request", "handlers="),
    ],
)
def test_one_warning_says_how_to_allow(server, caplog, name, allow):
    handlers = Handlers()
    for request_id in range(3):
        handlers.refuse(server.asks({"method": name, "params": {}, "before": (), "after": ()}, request_id))
    [warning] = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert warning.name == "codex_app_server"
    assert warning.getMessage().startswith(f"declined {name}: without a handler nothing is approved. ")
    assert f"Codex({allow}" in warning.getMessage()


def test_what_is_not_supported_is_told_to_who_debugs(server, caplog):
    with caplog.at_level(logging.DEBUG, "codex_app_server"):
        Handlers().refuse(server.asks({"method": "new/thing", "params": {}, "before": (), "after": ()}))
    assert [each.getMessage() for each in caplog.records] == ["refused new/thing: not supported"]


def test_a_failure_is_logged_and_the_server_is_not_told_why(server, caplog):
    asked = server.asks(fake.command())
    assert json.loads(failure(asked, "its handler raised", ValueError("why")))["result"] == {"decision": "decline"}
    [told] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert told.getMessage() == f"declined {COMMAND.name}: its handler raised ValueError"
    assert told.exc_info[1].args == ("why",)
    call = server.asks(fake.asking(m.ITEM_TOOL_CALL))
    assert json.loads(failure(call, "late"))["error"] == {
        "code": -32603,
        "message": "the client has no answer to item/tool/call",
    }


@pytest.mark.parametrize("name", ["tokens", "attestation"])
def test_a_failure_to_give_a_secret_is_logged_without_what_was_raised(server, caplog, name):
    method, params, _ = fake.OTHERS[name]
    failure(server.asks(fake.asking(method, **params)), "its handler raised", ValueError(fake.SECRET))
    [told] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "ValueError" in told.getMessage()
    assert fake.SECRET not in told.getMessage()
    assert not told.exc_info


@pytest.mark.parametrize("name", fake.OTHERS)
def test_neither_a_request_nor_a_refusal_shows_content(server, name):
    method, params, answer = fake.OTHERS[name]
    request = of(server.asks(fake.asking(method, **params)), server, method)
    assert repr(request) == f"Request('{method.name}', thread_id={request.thread_id!r}, turn_id={request.turn_id!r})"
    with pytest.raises(UsageError) as raised:
        request.respond({**answer, "unheard": "of"})
    assert fake.SECRET not in str(raised.value)


def test_coroutine_functions_are_known():
    async def wanted(_request):
        """Answer."""

    class Callable:
        async def __call__(self, _request):
            """Answer."""

    assert is_async(wanted)
    assert is_async(Callable())
    assert not is_async(repr)
