"""A protocol as Python text: what each kind of definition looks like, for msgspec and for type checkers."""

import ast
import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk_artifacts.render import render
from sdk_artifacts.schema import names
from sdk_artifacts.schema.protocol import (
    Alias,
    Array,
    Field,
    Map,
    Method,
    OneOf,
    Plain,
    Protocol,
    Ref,
    Struct,
    Tag,
    Union,
    Values,
)

TEXT, NONE = Plain("str"), Plain("None")
EMPTY = Protocol((), (), (), (), (), ())


def optional(name, type_=TEXT, default=None, wire=None):
    return Field(wire or name, name, type_, required=False, default=default)


def required(name, type_=TEXT, wire=None):
    return Field(wire or name, name, type_, required=True)


def lines_of(file, **parts):
    """The text without spaces that only serve the eye, as one line per statement."""
    source = render(dataclasses.replace(EMPTY, **parts), version="1.2.3-alpha.4")[file]
    return [ast.unparse(statement) for statement in ast.parse(source).body]


def recipe(definition):
    source = render(dataclasses.replace(EMPTY, definitions=(definition,)), version="1")["v2_all.py"]
    table = next(
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "DEFINITIONS"
    )
    return ast.unparse(table.values[0].body)


def stub(definition):
    return lines_of("v2_all.pyi", definitions=(definition,))[-1]


@pytest.mark.parametrize(
    ("type_", "exact", "open_"),
    [
        (TEXT, "str", "str"),
        (Plain("Any"), "Any", "Any"),
        (Ref("Other"), "t.Other", "Other"),
        (Array(Ref("Other")), "list[t.Other]", "list[Other]"),
        (Map(OneOf((TEXT, NONE))), "dict[str, str | None]", "dict[str, str | None]"),
        (Values(("a", "b")), "Literal['a', 'b']", "Literal['a', 'b'] | str"),
        (Array(Values(("a",))), "list[Literal['a']]", "list[Literal['a'] | str]"),
        (OneOf((Values(("a",)), Ref("X"), NONE)), "Literal['a'] | t.X | None", "Literal['a'] | str | X | None"),
    ],
    ids=repr,
)
def test_msgspec_reads_what_is_known_and_checkers_see_what_may_come(type_, exact, open_):
    assert recipe(Alias("Thing", type_)) == exact
    assert stub(Alias("Thing", type_)) == f"Thing: TypeAlias = {open_}"


def test_a_union_is_open_for_checkers_alone():
    union = Union("Item", "type", ("TextItem", "ToolItem"))
    assert recipe(union) == "t.TextItem | t.ToolItem"
    assert stub(union) == "Item: TypeAlias = TextItem | ToolItem | Unknown"


@pytest.mark.parametrize(
    ("field", "row", "line"),
    [
        (required("name"), "('name', str)", "name: str"),
        (required("meta", wire="_meta"), "('meta', str, field(name='_meta'))", "meta: str"),
        (optional("name"), "('name', str | None, None)", "name: str | None = ..."),
        (optional("n", OneOf((TEXT, NONE))), "('n', str | None, None)", "n: str | None = ..."),
        (optional("data", Plain("Any")), "('data', Any, None)", "data: Any = ..."),
        (optional("on", Plain("bool"), default=False), "('on', bool, False)", "on: bool = ..."),
        (optional("kind", Values(("a",)), "a"), "('kind', Literal['a'], 'a')", "kind: Literal['a'] | str = ..."),
        (optional("all", Array(TEXT), []), "('all', list[str], [])", "all: list[str] = ..."),
        (
            optional("all", Array(TEXT), ["x"]),
            "('all', list[str], field(default_factory=lambda: ['x']))",
            "all: list[str] = ...",
        ),
        (
            optional("async_", Plain("bool"), default=True, wire="async"),
            "('async_', bool, field(default=True, name='async'))",
            "async_: bool = ...",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_of_what_is_received_has_the_default_of_the_server(field, row, line):
    assert recipe(Struct("Thing", (field,))) == f"t.struct('Thing', {row})"
    assert stub(Struct("Thing", (field,))) == f"class Thing(Wire, kw_only=True):\n    {line}"


@pytest.mark.parametrize(
    ("field", "row", "line"),
    [
        (required("name"), "('name', str)", "name: str"),
        (optional("on", Plain("bool"), default=False), "('on', bool | UnsetType, UNSET)", "on: bool | UnsetType = ..."),
        (
            optional("n", OneOf((TEXT, NONE)), wire="_n"),
            "('n', str | UnsetType | None, field(default=UNSET, name='_n'))",
            "n: str | UnsetType | None = ...",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_of_what_is_sent_is_absent_until_it_is_given(field, row, line):
    assert recipe(Struct("Thing", (field,), role="sent")) == f"t.struct('Thing', {row})"
    assert stub(Struct("Thing", (field,), role="sent")) == f"class Thing(Wire, kw_only=True):\n    {line}"


def test_a_member_of_a_union_shows_its_tag():
    member = Struct("ToolItem", (), Tag("handlerType", "tool"))
    assert recipe(member) == "t.struct('ToolItem', tag=('handler_type', 'handlerType', 'tool'))"
    assert stub(member) == "class ToolItem(Wire, kw_only=True):\n    handler_type: ClassVar[Literal['tool']]"


def test_params_that_may_be_left_out_have_keywords():
    params = Struct("StartParams", (required("id"), optional("model", OneOf((TEXT, NONE)))), role="sent")
    parts = {
        "definitions": (params, Struct("StopParams", (required("id"),)), Struct("Nothing", ())),
        "requests": (
            Method("START", "start", "StartParams", "Nothing"),
            Method("STOP", "stop", "StopParams", "Nothing"),
        ),
    }
    stub_lines, table = lines_of("v2_all.pyi", **parts), "\n".join(lines_of("v2_all.py", **parts))
    assert stub_lines[-1] == "class StartKeywords(TypedDict, total=False):\n    model: str | None"
    assert "'StartKeywords': lambda t: t.keywords('StartKeywords', t.StartParams)" in table
    assert "StopKeywords" not in table


def test_keywords_take_presets_in_place_of_what_the_wire_takes():
    mode = optional("sandbox", OneOf((Ref("SandboxMode"), NONE)))
    parts = {
        "definitions": (Struct("StartParams", (mode,), role="sent"), Struct("Nothing", ())),
        "requests": (Method("START", "start", "StartParams", "Nothing"),),
    }
    keywords = "class StartKeywords(TypedDict, total=False):\n    sandbox: SandboxMode | Sandbox | None"
    assert lines_of("v2_all.pyi", **parts)[-1] == keywords


def test_each_method_is_one_constant():
    lines = lines_of(
        "methods.py",
        definitions=(Struct("P", ()), Union("U", "type", ("P",)), Struct("R", ())),
        requests=(
            Method("A_B", "a/b", "P", "R", experimental=True),
            Method("C", "c", "U", "R"),
            Method("D", "d", None, "R"),
        ),
        server_requests=(Method("ASK", "ask", "P", "R"),),
        notifications=(Method("TOLD", "told", "P"),),
        client_notifications=(Method("READY", "ready", None),),
    )
    assert lines[-6:] == [
        "A_B = Method('a/b', t.P, t.R, experimental=True)",
        "C: Method[t.U, t.R] = Method('c', 'U', 'R')",
        "D = Method('d', NoneType, t.R)",
        "ASK = ServerRequest('ask', t.P, t.R)",
        "TOLD = NotificationMethod('told', t.P)",
        "READY = NotificationMethod('ready', NoneType)",
    ]


def test_facts_about_definitions_are_data():
    marked = dataclasses.replace(optional("new"), experimental=True)
    lines = lines_of("v2_all.py", definitions=(Struct("Thing", (marked, optional("old"))),), untagged=("B", "A"))
    assert "GENERATED_FROM = '1.2.3-alpha.4'" in lines
    assert "EXPERIMENTAL_FIELDS = {'Thing': frozenset({'new'})}" in lines
    assert "UNTAGGED = frozenset({'A', 'B'})" in lines


def test_the_version_stands_in_one_place():
    texts = render(EMPTY, version="1.2.3-alpha.4")
    assert {name for name, text in texts.items() if "1.2.3" in text} == {"v2_all.py"}
    assert "".join(texts.values()).count("1.2.3-alpha.4") == 1


def test_every_file_says_how_it_was_made():
    for text in render(EMPTY, version="1").values():
        assert "Generated by `python scripts/update_sdk_artifacts.py generate-types`; not edited by hand." in text


@pytest.mark.parametrize(
    ("wire", "attribute", "constant", "class_name"),
    [
        ("threadId", "thread_id", "THREAD_ID", "ThreadId"),
        ("_meta", "meta", "META", "Meta"),
        ("async", "async_", "ASYNC", "Async"),
        ("list", "list_", "LIST", "List"),
        ("otlp-http", "otlp_http", "OTLP_HTTP", "OtlpHttp"),
        ("item/agentMessage/delta", "item_agent_message_delta", "ITEM_AGENT_MESSAGE_DELTA", "ItemAgentMessageDelta"),
        (
            "account/gatewayOAuth/read",
            "account_gateway_oauth_read",
            "ACCOUNT_GATEWAY_OAUTH_READ",
            "AccountGatewayOAuthRead",
        ),
        ("HTTPStatus", "http_status", "HTTP_STATUS", "HTTPStatus"),
        ("sha256Hex", "sha256_hex", "SHA256_HEX", "Sha256Hex"),
    ],
)
def test_names_read_like_python(wire, attribute, constant, class_name):
    assert (names.attribute(wire), names.constant(wire), names.class_name(wire)) == (attribute, constant, class_name)


@given(st.from_regex(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*|_[a-z0-9]+){0,3}", fullmatch=True))
def test_a_wire_name_is_left_out_only_where_msgspec_finds_it(wire):
    name = names.attribute(wire)
    if names.camel(name) == wire:
        made = msgspec.defstruct("Made", [(name, str)], rename="camel")
        assert made.__struct_encode_fields__ == (wire,)
