"""What the core does where its callers seldom lead it: twice, too late, or with nothing to say."""

from concurrent.futures import Future

import pytest
from msgspec.structs import replace

from codex_app_server import (
    ConnectionClosedError,
    MethodNotFoundError,
    OutputMismatch,
    Request,
    TurnFailedError,
    TurnResult,
    UsageError,
    _asked,
    _protocol,
)
from codex_app_server._asked import Asked
from codex_app_server._item_views import ItemViews
from codex_app_server._protocol import Call, Receiver
from codex_app_server._requests import DECLINED, Handlers, is_async, refusal, refuse_awaitable
from codex_app_server._sequel import Sequel
from codex_app_server._session import Session
from codex_app_server._subscriptions import Subscriptions
from codex_app_server._turns import OpenTurn
from codex_app_server._typed import notification as typed
from codex_app_server._wire import Unknown, Wire, encode
from codex_app_server.generated import methods as m
from codex_app_server.generated import v2_all
from sdk.gaps import ITEMS, NOT_YET, thread, turn
from sdk.wire_lines import answer, end, item, notification
from sdk.wire_lines import refusal as refused

COMMAND = m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL
LOSS = ConnectionClosedError("lost")


def one(line):
    (message,) = Receiver().receive(line)
    return message


def asked(method=COMMAND.name):
    return Asked(Call(1, method, b'{"id":1,"method":"m","params":{}}'))


def test_a_method_that_is_not_there_is_told_with_both_versions():
    session, waiter = Session(), Future()
    session.versions = ("1.0.0", "2.0.0")
    session.request("a/b", None, waiter)
    session.receive(refused(1, -32601), 1.0)
    error = waiter.exception(0)
    assert isinstance(error, MethodNotFoundError)
    assert (error.server_version, error.pinned_version) == ("1.0.0", "2.0.0")


def test_who_gives_up_twice_is_forgotten_once():
    turn, sequel, waiter = OpenTurn("t", 1000), Sequel(frozenset(), lambda *_: None), Future()
    reader = turn.read()
    for each in (turn, sequel):
        each.wait(waiter)
        each.forget(waiter)
        each.forget(waiter)
    for _ in range(2):
        turn.stop_reading(reader)
    turn.close(LOSS)
    sequel.close(LOSS)
    assert not waiter.done()
    assert reader.refill()


def test_a_turn_that_is_over_is_not_lost():
    turn, waiter = OpenTurn("t", 1000), Future()
    turn.receive([one(end("t"))], 1.0)
    turn.close(LOSS)
    turn.wait(waiter)
    assert waiter.result(0) is None
    assert turn.result().status == "completed"


def test_a_thread_that_was_lost_takes_no_work_until_it_is_resumed():
    threads = Subscriptions()
    threads.note("thread/start", b"{}", answer(1, thread={"id": "h"}))
    threads.note("thread/start", b"{}", b"nonsense")
    assert [*threads] == ["h"]
    threads.lose("h", LOSS)
    assert [*threads] == []
    threads.check("turn/interrupt", {"threadId": "h"})
    threads.check("turn/start", {"threadId": "another"})
    for params in ({"threadId": "h"}, m.TURN_START.params(thread_id="h", input=[])):
        with pytest.raises(ConnectionClosedError, match="thread h was lost with an earlier connection: lost; resume"):
            threads.check("turn/start", params)
    threads.note("thread/resume", b"{}", answer(2, thread={"id": "h"}))
    threads.check("turn/start", {"threadId": "h"})


def test_a_thread_that_is_left_is_not_joined_any_more():
    threads = Subscriptions()
    threads.note("thread/start", b"{}", answer(1, thread={"id": "h"}))
    for request in (b"{}", b'{"params":{"threadId":"x"}}', b'{"params":{}}', b"["):
        threads.note("thread/archive", request, b"{}")
    assert [*threads] == ["h"]
    threads.note("thread/archive", b'{"params":{"threadId":"h"}}', b"{}")
    threads.note("model/list", b'{"params":{"threadId":"h"}}', answer(1, thread={"id": "h"}))
    assert [*threads] == []


def test_who_watches_a_request_sees_each_answer_before_it_is_sent():
    seen = []
    request = Request(asked(), COMMAND, lambda _, line: seen.append(line))
    request.watch(seen.append)
    request.respond({"decision": "accept"})
    request.decline()
    assert seen[0] == {"decision": "accept"}
    assert b'"accept"' in seen[1]
    assert seen[2:] == [DECLINED[COMMAND.name], refusal(asked())]
    assert repr(request).startswith("Request(")


def test_an_awaitable_that_nobody_awaits_is_closed_and_refused():
    async def handler():
        """Never runs."""

    class Callable:
        async def __call__(self):
            """Never runs either."""

    assert is_async(handler)
    assert is_async(Callable())
    assert not is_async(print)
    for awaitable in (handler(), Future()):
        with pytest.raises(UsageError, match=r"^the handler gave an awaitable; AsyncCodex awaits those"):
            refuse_awaitable(awaitable)
    with pytest.raises(UsageError, match="cannot be called"):
        Handlers().set(COMMAND, 7, None)


def test_what_no_type_fits_says_so_and_what_is_no_json_is_refused():
    assert repr(Unknown("new", {"a": 1})) == "Unknown(type='new', raw={'a': 1})"
    assert encode({"a": Unknown("new", [1])}) == b'{"a":[1]}'
    assert Wire().unknown_fields == {}
    with pytest.raises(NotImplementedError, match="object is no JSON"):
        encode(object())


@pytest.mark.parametrize(("told", "seconds"), [("long", None), (None, None), (1500, 1.5), (0, 0.0)])
def test_a_duration_that_is_no_number_is_none(told, seconds):
    turn = OpenTurn("t", 10_000)
    lines = (item("t", "b"), item("t", "x", phase=["odd"], id="2"), item("t", None, id="3"), end("t", durationMs=told))
    turn.receive([one(line) for line in lines], 1.0)
    result = turn.result()
    assert (result.final_response, result.duration_seconds) == ("x", seconds)


def test_a_turn_that_ends_with_something_else_is_an_error_of_the_servers():
    turn = OpenTurn("t", 1000)
    turn.receive([one(notification("turn/completed", threadId="h", turnId="t", turn=None))], 1.0)
    with pytest.raises(Exception, match="turn t ended with something else than a turn"):
        turn.result()


def test_an_item_of_another_type_under_the_same_id_is_another_item():
    views = ItemViews()
    first = views.take(typed(one(notification("item/commandExecution/outputDelta", itemId="i", delta="x"))))
    second = views.take(typed(one(item("t", "text"))))
    assert (first.type, first.completed) == ("commandExecution", False)
    assert (second.type, second.text, second.completed) == ("agentMessage", "text", True)


def test_what_a_resumed_thread_tells_of_turns_that_still_run_or_that_nobody_knows():
    session = Session()
    session.turn("t")
    assert session.lose(LOSS)
    waiter = Future()
    asked = session.request("thread/resume", session.resumption("h"), waiter, urgent=LOSS)
    told = thread(turn("inProgress", [NOT_YET]), turn("completed", ITEMS, turn_id="unknown"))
    assert session.receive(answer(asked, **told), 1.0) == []
    assert session.restore(LOSS)
    assert session.turn("t").record == ()
    assert not session.turn("t").over


def test_a_closed_session_takes_nothing_in():
    session = Session()
    session.send(b"one\n")
    assert session.data_to_send() == b"one\n"
    session.close(LOSS)
    assert session.receive(b"garbage\n", 1.0) == []


def test_a_turn_may_be_claimed_while_somebody_reads():
    turn = OpenTurn("t", 1000)
    reader = turn.read()
    turn.claim(5000)
    assert (turn.claimed, reader.limit_bytes, turn.read().limit_bytes) == (True, 1000, 5000)
    unread = OpenTurn("t", 1000)
    unread.claim(5000)
    assert unread.read().limit_bytes == 5000


def test_the_output_of_a_turn_is_what_was_made_of_it():
    turn = OpenTurn("t", 1000)
    turn.receive([one(end("t"))], 1.0)
    result = turn.result()
    assert result.output is None
    assert replace(result, _outcome=7).output == 7
    with pytest.raises(OutputMismatch, match="not so"):
        _ = replace(result, _outcome=OutputMismatch("not so")).output


def test_a_result_stays_as_it_is_and_keeps_its_output_to_itself():
    turn = OpenTurn("t", 1000)
    turn.receive([one(end("t"))], 1.0)
    result = replace(turn.result(), _outcome="unheard")
    assert "unheard" not in repr(result)
    assert repr(result).startswith("TurnResult(id='t', ")
    with pytest.raises(AttributeError, match="immutable"):
        result.status = "failed"
    with pytest.raises(TypeError, match="positional"):
        TurnResult("t")


def test_a_turn_that_failed_has_no_output_and_may_have_no_reason():
    turn = OpenTurn("t", 1000)
    turn.receive([one(end("t", "failed"))], 1.0)
    with pytest.raises(TurnFailedError, match="turn t failed: the server gave no reason"):
        _ = turn.result().output


def test_a_thread_whose_handlers_are_forgotten_has_those_of_the_connection():
    handlers = Handlers()
    for thread_id, handler in ((None, print), ("h", repr), ("x", ascii)):
        handlers.set(COMMAND, handler, thread_id)
    handlers.forget("h")
    found = [handlers.find(one_of(thread_id))[1] for thread_id in ("h", "x")]
    assert found == [print, ascii]


def one_of(thread_id):
    return Asked(Call(1, COMMAND.name, b'{"params":{"threadId":"%s"}}' % thread_id.encode()))


def test_a_definition_that_is_not_there_is_told_by_its_name():
    with pytest.raises(AttributeError, match="v2_all' has no attribute 'Nothing'"):
        _ = v2_all.Nothing
    assert "Thread" in dir(v2_all)
    assert "model" in v2_all.ThreadStartKeywords.__annotations__


def test_a_turn_takes_what_its_record_and_its_readers_take():
    turn, event = OpenTurn("t", 10_000), one(item("t", "text"))
    turn.receive([event], 1.0)
    sizes = [reader.size_bytes for reader in (turn.read(), turn.read())]
    assert min(sizes) > len(event.line)
    assert turn.size_bytes == len(event.line) + sum(sizes)


def test_what_comes_by_the_thousand_is_no_work_for_the_garbage_collector():
    names = ("Event", "Call", "Fault", "_TurnName", "_Content", "_Envelope", "_LooseEnvelope")
    for kind in (*(getattr(_protocol, name) for name in names), _asked._Names, _asked._Line):  # noqa: SLF001 - nothing public shows it
        assert kind.__struct_config__.gc is False
