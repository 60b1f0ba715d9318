"""Lines with types, where the caller's stack leaves little room: how deep JSON may be nested depends on it."""

import sys

import pytest

from codex_app_server import ProtocolError, Unknown
from codex_app_server import _typed as typed
from codex_app_server._protocol import Answer, Call, Event, Receiver
from codex_app_server.generated import methods

NESTED = b"[" * 500 + b"]" * 500  # read at the top of the stack, and not far down


def receive(line):
    (message,) = Receiver().receive(line % NESTED + b"\n")
    return message


def far_down(call, frames=700):
    return call() if frames == 0 else far_down(call, frames - 1)


needs_one_stack = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="from Python 3.12 on, the depth of C calls does not depend on that of Python's"
)


@needs_one_stack
@pytest.mark.parametrize("method", ["item/completed", "new/method"])
def test_a_notification_nested_more_deeply_than_can_be_read_is_kept_whole(method):
    event = receive(b'{"method":"%s","params":{"turnId":"t","item":%%s}}' % method.encode())
    assert isinstance(event, Event)
    assert far_down(lambda: typed.notification(event)).params == Unknown(method, event.line)
    assert typed.notification(event).params != Unknown(method, event.line)


@needs_one_stack
def test_a_request_nested_more_deeply_than_can_be_read_is_kept_whole():
    call = receive(b'{"id":1,"method":"item/tool/call","params":{"arguments":%s}}')
    assert isinstance(call, Call)
    assert far_down(lambda: typed.params(methods.ITEM_TOOL_CALL, call.line)) == Unknown("item/tool/call", call.line)


@needs_one_stack
def test_an_answer_nested_more_deeply_than_can_be_read_is_an_error_of_the_servers():
    answer = receive(b'{"id":1,"result":{"data":%s}}')
    assert isinstance(answer, Answer)
    with pytest.raises(ProtocolError, match=r"model/list: the answer, of \d+ bytes, has another shape"):
        far_down(lambda: typed.result(methods.MODEL_LIST, answer.line))


def test_an_answer_of_another_shape_is_an_error_of_the_servers():
    with pytest.raises(ProtocolError, match="model/list"):
        typed.result(methods.MODEL_LIST, b'{"id":1,"result":[]}')
    assert typed.result(methods.MODEL_LIST, b'{"id":1,"result":{"data":[]}}').data == []


def test_what_is_no_result_has_a_mistake_that_is_named():
    method = methods.ITEM_TOOL_CALL
    assert "success" in typed.mistake(method, b'{"id":1,"result":{"contentItems":[]}}')
    assert typed.mistake(method, b'{"id":1,"result":{"contentItems":[],"success":true}}') is None


@needs_one_stack
def test_a_result_nested_more_deeply_than_can_be_read_is_a_mistake():
    line = b'{"id":1,"result":%s}' % NESTED
    assert "recursion" in far_down(lambda: typed.mistake(methods.ITEM_TOOL_CALL, line))
