import json
from collections import ChainMap
from types import MappingProxyType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_app_server import Unknown, UsageError
from codex_app_server._protocol import (
    LONGEST_LINE_BYTES,
    METHOD_NOT_FOUND,
    Answer,
    Call,
    Event,
    Fault,
    Receiver,
    WireError,
    encode_error,
    encode_notification,
    encode_request,
    encode_result,
)


def receive(*lines):
    return Receiver().receive(b"".join(line + b"\n" for line in lines))


def strip(message):
    return {name: getattr(message, name) for name in message.__struct_fields__ if name != "line"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
ids = st.integers(-(2**63), 2**63 - 1) | st.text()
wire_messages = st.one_of(
    st.fixed_dictionaries({"method": st.text(), "params": json_values}),
    st.fixed_dictionaries({"method": st.text(), "params": st.fixed_dictionaries({"turnId": st.none() | st.text()})}),
    st.fixed_dictionaries({"id": ids, "method": st.text(), "params": json_values}),
    st.fixed_dictionaries({"id": ids, "result": json_values}),
    st.fixed_dictionaries({"id": ids, "error": json_values}),
    json_values,
)


@given(st.lists(wire_messages), st.lists(st.integers(0, 2000)), st.booleans())
def test_any_chunking_gives_the_same_messages(messages, cuts, escape):
    stream = b"".join(json.dumps(message, ensure_ascii=escape).encode() + b"\n" for message in messages)
    whole = Receiver().receive(stream)
    receiver, pieces, start = Receiver(), [], 0
    for cut in sorted(min(cut, len(stream)) for cut in [*cuts, len(stream)]):
        pieces += receiver.receive(stream[start:cut])
        start = cut
    assert pieces == whole
    assert len(whole) == len(messages)


@given(st.binary())
def test_no_bytes_raise(data):
    messages = Receiver().receive(data + b"\n")
    assert len(messages) == data.count(b"\n") + 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"method":"a/b","params":{"turnId":"t"}}', {"method": "a/b", "turn_id": "t"}),
        (b'{"method":"a/b","params":{"turn":{"id":"t"}}}', {"method": "a/b", "turn_id": "t"}),
        (b'{"method":"a/b","params":{"turnId":null}}', {"method": "a/b", "turn_id": None}),
        (b'{"method":"a/b"}', {"method": "a/b", "turn_id": None}),
        (b'{"method":"a/b","params":{"turnId":7}}', {"method": "a/b", "turn_id": None}),
        (b'{"method":"a/b","params":[1]}\r', {"method": "a/b", "turn_id": None}),
        (b'{"method":"a/b","params":{"x":{"turnId":"no"}}}', {"method": "a/b", "turn_id": None}),
    ],
)
def test_a_notification_belongs_to_the_turn_that_it_names(line, message):
    (event,) = receive(line)
    assert isinstance(event, Event)
    assert strip(event) == message


@pytest.mark.parametrize("request_id", [0, 2**63 - 1, "text", ""])
def test_a_request_of_the_server_keeps_its_id(request_id):
    (call,) = receive(json.dumps({"id": request_id, "method": "a/b", "params": {"turnId": "t"}}).encode())
    assert isinstance(call, Call)
    assert (call.id, call.method) == (request_id, "a/b")


def test_a_request_whose_params_have_another_shape_is_a_request():
    line = b'{"id":1,"method":"a/b","params":[1]}'
    assert receive(line) == [Call(1, "a/b", line)]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b'{"id":1,"result":{}}', {"id": 1, "error": None, "turn_id": None}),
        (b'{"id":1,"result":null}', {"id": 1, "error": None, "turn_id": None}),
        (b'{"id":1,"result":[1]}', {"id": 1, "error": None, "turn_id": None}),
        (b'{"id":1,"result":"x","error":null}', {"id": 1, "error": None, "turn_id": None}),
        (b'{"id":"1","result":{"turn":{"id":"t"}}}', {"id": "1", "error": None, "turn_id": "t"}),
        (b'{"error":{"code":-1,"message":"m"},"id":1}', {"id": 1, "error": WireError(-1, "m"), "turn_id": None}),
        (
            b'{"id":1,"error":{"code":-1,"message":"m","data":[1]}}',
            {"id": 1, "error": WireError(-1, "m", [1]), "turn_id": None},
        ),
        (b'{"id":1,"error":"x"}', {"id": 1, "error": WireError(0, "an error of an unknown shape"), "turn_id": None}),
    ],
)
def test_an_answer_of_any_shape_reaches_its_request(line, answer):
    (message,) = receive(line)
    assert isinstance(message, Answer)
    assert strip(message) == answer


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"  \r",
        b"garbage",
        b"[]",
        b"null",
        b"{}",
        b'{"id":null}',
        b'{"id":1}',
        b'{"id":true,"result":{}}',
        b'{"id":1.5,"result":{}}',
        b'{"method":"\xff"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_a_bad_line_is_a_fault_and_the_next_one_counts(line):
    fault, event = receive(line, b'{"method":"a/b"}')
    assert isinstance(fault, Fault)
    assert fault.size == len(line)
    assert strip(event)["method"] == "a/b"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"  \r", "a blank line"),
        (b"garbage", "no JSON object of the protocol: DecodeError"),
        (b"[]", "no JSON object of the protocol: ValidationError"),
        (b"{}", "neither a method nor an id"),
        (b'{"id":null}', "neither a method nor an id"),
        (b'{"id":null,"params":[1]}', "neither a method nor an id"),
        (b'{"params":[1]}', "neither a method nor an id"),
        (b'{"id":1}', "an answer with neither a result nor an error"),
        (b'{"id":1,"params":[1]}', "an answer with neither a result nor an error"),
    ],
)
def test_a_fault_says_what_is_wrong_and_quotes_nothing(line, reason):
    assert receive(line) == [Fault(reason, len(line))]


@pytest.mark.parametrize(
    "message",
    [Event("m", b"", None), Call(1, "m", b""), Answer(1, b""), WireError(0, "m"), Fault("r", 0)],
    ids=lambda message: type(message).__name__,
)
def test_a_message_stays_as_it_came(message):
    with pytest.raises(AttributeError, match="immutable"):
        setattr(message, message.__struct_fields__[0], "other")


def test_the_numbers_that_both_sides_know():
    assert LONGEST_LINE_BYTES == 134_217_728
    assert METHOD_NOT_FOUND == -32601


def test_a_line_that_never_ends_is_cut_and_the_next_one_counts():
    receiver = Receiver(longest_line_bytes=1000)
    for _ in range(100):
        assert receiver.receive(b'{"method":"' + b"x" * 90) == []
    assert sum(map(len, receiver._partial)) == 1000  # noqa: SLF001 - what it holds cannot be seen otherwise
    assert len(receiver._partial) == 10  # noqa: SLF001 - the same
    (fault, event) = receiver.receive(b'"}\n{"method":"a/b"}\n')
    assert isinstance(fault, Fault)
    assert fault.size == 1000
    assert strip(event)["method"] == "a/b"


def test_a_line_of_fifty_megabytes_is_read():
    size = 50_000_000
    receiver = Receiver()
    assert receiver.receive(b'{"id":1,"result":{"text":"') == []
    for _ in range(size // 100_000):
        assert receiver.receive(b"x" * 100_000) == []
    (answer,) = receiver.receive(b'"}}\n')
    assert len(answer.line) > size


def test_what_is_sent_is_one_line_of_utf8():
    assert encode_request(1, "a/b", {"text": "é\n"}) == '{"id":1,"method":"a/b","params":{"text":"é\\n"}}\n'.encode()
    assert encode_request(1, "a/b") == b'{"id":1,"method":"a/b"}\n'
    assert encode_notification("initialized") == b'{"method":"initialized"}\n'
    assert encode_result("x", None) == b'{"id":"x","result":null}\n'
    assert encode_error(0, -1, "m") == b'{"id":0,"error":{"code":-1,"message":"m"}}\n'


def test_ready_made_json_over_several_lines_becomes_one():
    line = encode_request(1, "a/b", msgspec.Raw(b'{\n "a": "\\n"\n}'))
    assert line.count(b"\n") == 1
    assert json.loads(line)["params"] == {"a": "\n"}


def test_unknown_content_goes_back_as_it_came():
    assert json.loads(encode_request(1, "a/b", {"x": Unknown("new", {"type": "new"})}))["params"] == {
        "x": {"type": "new"}
    }


@pytest.mark.parametrize(
    "params",
    [
        {"a": "\ud800"},
        {"\udfff": 1},
        [{"a": ["x\udc80"]}],
        msgspec.Raw(b'{"a":"\\uD800"}'),
        msgspec.Raw(b'["\\udc00"]'),
    ],
)
def test_a_lone_surrogate_is_refused(params):
    with pytest.raises(UsageError, match=r"a/b: .*surrogate|a/b: cannot be sent"):
        encode_request(1, "a/b", params)


def test_an_answer_that_cannot_be_sent_is_told_as_what_it_is():
    with pytest.raises(UsageError, match=r"^result: cannot be sent as JSON"):
        encode_result(1, object())
    with pytest.raises(UsageError, match=r"^error: a text has the lone surrogate"):
        encode_error(1, -1, "\ud800")


def test_text_that_looks_like_a_surrogate_is_sent():
    text = "C:\\ud800 \U0001f600"
    assert json.loads(encode_request(1, "a/b", {"a": text}))["params"]["a"] == text


def test_any_mapping_is_an_object():
    params = MappingProxyType({"a": ChainMap({"b": 1}, {"c": 2})})
    assert json.loads(encode_request(1, "a/b", params))["params"] == {"a": {"b": 1, "c": 2}}


def test_what_is_no_json_is_refused_with_the_method_and_the_type():
    with pytest.raises(UsageError, match="a/b: cannot be sent as JSON: object is nothing"):
        encode_request(1, "a/b", object())
