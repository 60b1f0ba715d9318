"""What a server of another version sends: everything comes through, nothing is lost, each news is logged once."""

import copy
import json
import logging

import msgspec
import pytest

from codex_app_server import _lenient
from codex_app_server._wire import UNSET, Unknown, Wire, decode, encode
from codex_app_server.generated import v2_all as t
from traffic import recorded

CONTENTS = recorded()
INCOMING = [content for content in CONTENTS if content.incoming]
NEW = "somethingNew"


@pytest.fixture(autouse=True)
def notes(caplog):
    """What is logged; as in a process that has seen nothing yet."""
    _lenient.noted.clear()
    caplog.set_level(logging.DEBUG, "codex_app_server")
    return caplog


def whole(value):
    """All that a decoded value holds, as plain JSON."""
    match value:
        case Wire():
            own = {row.encode_name: whole(getattr(value, row.name)) for row in msgspec.structs.fields(value)}
            config = value.__struct_config__
            tag = {config.tag_field: config.tag} if config.tag_field else {}
            return {**tag, **{key: inner for key, inner in own.items() if inner is not UNSET}, **value.unknown_fields}
        case Unknown():
            return value.raw
        case dict():
            return {key: whole(inner) for key, inner in value.items()}
        case list():
            return [whole(inner) for inner in value]
    return value


def lost(original, found, path="$"):
    """Where `found` lacks or differs from `original`; what it has beyond that are defaults."""
    if isinstance(original, dict) and isinstance(found, dict):
        for key, inner in original.items():
            yield from lost(inner, found[key], f"{path}.{key}") if key in found else [f"{path}.{key}"]
    elif isinstance(original, list) and isinstance(found, list) and len(original) == len(found):
        for number, inner in enumerate(original):
            yield from lost(inner, found[number], f"{path}[{number}]")
    elif original != found:
        yield path


def places(value, path=()):
    """The path of every object, array and scalar inside, the outermost first; of an array's elements two will do."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from places(inner, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def changed(value, path, new):
    """`value` with `new` at `path`; only what lies on the way there is copied."""
    if not path:
        return new
    copied = copy.copy(value)
    copied[path[0]] = changed(value[path[0]] if len(path) > 1 else None, path[1:], new)
    return copied


def read(content, value):
    """Decode a changed content, and see that nothing of it is lost."""
    decoded = decode(content.kind, json.dumps(value).encode())
    assert not list(lost(value, whole(decoded))), content.label
    return decoded


def test_recorded_traffic_fits_exactly(notes):
    for content in CONTENTS:
        assert not isinstance(read(content, content.value), Unknown), content.label
    assert all("Config has the new field" in line for line in notes.messages)  # a table with keys of the user's own


def test_what_was_read_can_be_written_and_read_again():
    for content in CONTENTS:
        decoded = read(content, content.value)
        assert decode(content.kind, encode(decoded)) == decoded, content.label


def test_recorded_traffic_has_much_to_read():
    kinds = {content.label.partition("-")[2] for content in INCOMING}
    items = {content.value["item"]["type"] for content in INCOMING if content.kind is t.ItemCompletedNotification}
    assert len(CONTENTS) > 100
    assert len(kinds) > 50
    assert len(items) >= 10


def test_a_new_field_is_kept_wherever_it_stands():
    for content in INCOMING:
        for path in places(content.value):
            if isinstance(at(content.value, path), dict):
                read(content, changed(content.value, (*path, NEW), {"deep": [1]}))


def test_every_tag_and_value_may_be_another():
    for content in INCOMING:
        for path in places(content.value):
            if isinstance(at(content.value, path), str):
                read(content, changed(content.value, path, NEW))


def test_every_field_may_be_missing():
    for content in INCOMING:
        for path in places(content.value):
            if path and isinstance(path[-1], str):
                owner = {key: inner for key, inner in at(content.value, path[:-1]).items() if key != path[-1]}
                read(content, changed(content.value, path[:-1], owner))


@pytest.mark.parametrize("other", [None, 7, [1, "x"], {"a": {"b": 1}}], ids=repr)
def test_every_content_may_be_of_another_kind(other):
    for content in INCOMING:
        for path in places(content.value):
            read(content, changed(content.value, path, other))


def test_an_unknown_item_is_kept_whole_and_its_neighbours_are_typed():
    item = {"type": "telepathy", "id": "i", "waves": [1, 2]}
    line = json.dumps({"threadId": "a", "turnId": "b", "completedAtMs": 1, "item": item}).encode()
    value = decode(t.ItemCompletedNotification, line)
    assert value.item == Unknown("telepathy", item)
    assert (value.thread_id, value.turn_id) == ("a", "b")
    assert json.loads(encode(value))["item"] == item


def test_a_union_of_one_is_open_too():
    anchor = {"type": "somewhere", "x": 1}
    assert decode(t.ThreadItemsListAnchor, json.dumps(anchor).encode()) == Unknown("somewhere", anchor)


def test_an_unknown_value_of_an_enumeration_is_the_string_itself(notes):
    value = decode(t.AgentMessageThreadItem, b'{"type":"agentMessage","id":"i","text":"hi","phase":"epilogue"}')
    assert value.phase == "epilogue"
    assert "'epilogue'" in notes.text


def test_a_required_field_that_is_missing_is_unset():
    value = decode(t.AgentMessageThreadItem, b'{"type":"agentMessage","id":"i"}')
    assert (value.id, value.text) == ("i", UNSET)


def test_each_news_is_logged_once(notes):
    for _ in range(3):
        decode(t.AgentMessageThreadItem, b'{"type":"agentMessage","id":"i","text":"hi","mood":"fine"}')
    assert len(notes.messages) == 1
    assert notes.records[0].levelno == logging.DEBUG


def test_what_is_logged_is_bounded_and_shows_no_content(notes):
    for number in range(2 * _lenient.NOTES_MAX):
        decode(t.ThreadArchivedNotification, json.dumps({"threadId": ["secret"], f"x{number}": "secret"}).encode())
    assert len(notes.messages) == _lenient.NOTES_MAX
    assert "secret" not in notes.text


@pytest.mark.parametrize("line", [b"", b"nonsense", b'{"threadId":"\xff"}', b"[" * 200_000, b'{"threadId":"a"'])
def test_what_is_no_json_is_kept_as_bytes(line):
    value = decode(t.ThreadArchivedNotification, line)
    assert isinstance(value, Unknown)
    assert value.raw == line


def test_raw_messages_are_read_like_bytes():
    assert decode(t.ThreadArchivedNotification, msgspec.Raw(b'{"threadId":"a"}')).thread_id == "a"
    assert decode(t.ThreadArchivedNotification, msgspec.Raw(b'{"threadId":"a","x":1}')).unknown_fields == {"x": 1}


def test_no_repr_shows_a_secret():
    key = t.ApiKeyLoginAccountParams(api_key="SECRET")
    page = t.ChatgptLoginAccountResponse(auth_url="SECRET", login_id="login")
    kept = t.EnvironmentAddParams(environment_id="e", exec_server_url="u", auth_bearer_token="SECRET")
    assert "SECRET" not in repr([key, page, kept])
    assert "SECRET" not in repr([dict(each.__rich_repr__()) for each in (key, page, kept)])  # what rich shows
    assert repr(page) == "ChatgptLoginAccountResponse(auth_url=[hidden], login_id='login')"
    assert json.loads(encode(key)) == {"type": "apiKey", "apiKey": "SECRET"}


def test_null_and_absent_are_two_things_in_what_is_sent():
    assert encode(t.ThreadStartParams()) == b"{}"
    assert encode(t.ThreadStartParams(model=None, cwd="/x")) == b'{"cwd":"/x","model":null}'
