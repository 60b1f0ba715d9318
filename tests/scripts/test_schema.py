"""A JSON schema read into a protocol: what each shape becomes, and what is refused."""

import copy

import pytest

from sdk_artifacts import schema
from sdk_artifacts.errors import CheckFailed
from sdk_artifacts.schema import definitions, methods, read_protocol
from sdk_artifacts.schema.protocol import (
    Alias,
    Array,
    Field,
    Map,
    Method,
    OneOf,
    Plain,
    Ref,
    Struct,
    Tag,
    Union,
    Values,
)

TEXT = {"type": "string"}
NONE = Plain("None")


@pytest.fixture(autouse=True)
def no_exceptions(monkeypatch):
    """The exceptions of the real protocol fit nothing here."""
    monkeypatch.setattr(schema, "RESULTS", {})
    monkeypatch.setattr(schema, "NAMES", {})


def envelope(*members):
    return {"oneOf": [{"properties": properties} for properties in members]}


def method(name, params=None):
    properties = {"method": {"enum": [name]}}
    return properties if params is None else {**properties, "params": params}


def ref(name):
    return {"$ref": f"#/definitions/v2/{name}"}


def struct(*required, **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


def constant(value):
    return {"type": "string", "enum": [value]}


def bundle(definitions, *, requests=(), server_requests=(), notifications=()):
    envelopes = {name: envelope() for name in schema.ENVELOPES}
    envelopes["ClientRequest"] = envelope(*requests)
    envelopes["ServerRequest"] = envelope(*server_requests)
    envelopes["ServerNotification"] = envelope(*notifications)
    return {"definitions": {**envelopes, "v2": definitions}}


def read(**definitions):
    both = bundle(definitions)
    return read_protocol(both, both)


def read_one(name, written, **others):
    return {found.name: found for found in read(**{name: written}, **others).definitions}[name]


def type_of(written, **others):
    return read_one("Thing", struct("field", field=written), **others).fields[0].type


@pytest.mark.parametrize(
    ("written", "type_"),
    [
        (TEXT, Plain("str")),
        ({"type": "integer", "format": "uint16", "minimum": 0.0}, Plain("int")),
        ({"type": "number"}, Plain("float")),
        ({"type": "boolean"}, Plain("bool")),
        (True, Plain("Any")),
        ({"description": "anything"}, Plain("Any")),
        ({"type": ["string", "null"]}, OneOf((Plain("str"), NONE))),
        ({"type": "array", "items": TEXT}, Array(Plain("str"))),
        ({"type": "array", "items": True}, Array(Plain("Any"))),
        ({"type": "object", "additionalProperties": TEXT}, Map(Plain("str"))),
        ({"type": "object"}, Map(Plain("Any"))),
        ({"type": ["array", "null"], "items": TEXT}, OneOf((Array(Plain("str")), NONE))),
        ({"anyOf": [ref("Other"), {"type": "null"}]}, OneOf((Ref("Other"), NONE))),
        ({"allOf": [ref("Other")], "default": "x"}, Ref("Other")),
        ({"type": "string", "enum": ["a", "b"]}, Values(("a", "b"))),
        ({"oneOf": [constant("a"), {"type": "string", "enum": ["b", "c"]}]}, Values(("a", "b", "c"))),
    ],
    ids=repr,
)
def test_a_schema_becomes_a_type(written, type_):
    assert type_of(written, Other=struct("name", name=TEXT)) == type_


def test_an_object_becomes_a_struct_with_its_required_fields_first():
    found = read_one("Thing", struct("threadId", async_=TEXT, threadId=TEXT, _meta={**TEXT, "default": "x"}))
    assert found == Struct(
        "Thing",
        (
            Field("threadId", "thread_id", Plain("str"), required=True),
            Field("async_", "async_", Plain("str"), required=False),
            Field("_meta", "meta", Plain("str"), required=False, default="x"),
        ),
    )


def test_an_object_without_keys_is_an_empty_struct_and_one_of_data_a_map():
    assert read_one("Thing", {"type": "object"}) == Struct("Thing", ())
    assert read_one("Thing", {"type": "object", "additionalProperties": TEXT}) == Alias("Thing", Map(Plain("str")))


def test_a_union_with_a_constant_property_is_tagged_by_it():
    protocol = read(
        Item={
            "properties": {"id": TEXT},
            "required": ["id"],
            "oneOf": [
                {"title": "TextItem", **struct("kind", "text", kind=constant("text"), text=TEXT)},
                {"title": "No::name", **struct("kind", kind=constant("some_tool"))},
            ],
        }
    )
    identity = Field("id", "id", Plain("str"), required=True)
    assert protocol.definitions == (
        Union("Item", "kind", ("TextItem", "SomeToolItem")),
        Struct("SomeToolItem", (identity,), Tag("kind", "some_tool")),
        Struct("TextItem", (identity, Field("text", "text", Plain("str"), required=True)), Tag("kind", "text")),
    )
    assert protocol.untagged == ()


@pytest.mark.parametrize(
    "members",
    [
        [struct("kind", kind=constant("a")), struct("kind", kind=constant("a"))],
        [struct("kind", kind=constant("a")), struct(kind=constant("b"))],
        [struct("kind", kind=constant("a")), struct("kind", kind={"type": "string", "enum": ["b", "c"]})],
    ],
    ids=["one value twice", "a tag that may be absent", "a tag of two values"],
)
def test_a_union_that_no_constant_tells_apart_is_one_struct(members):
    protocol = read(Item={"oneOf": members})
    assert isinstance(protocol.definitions[0], Struct)
    assert protocol.untagged == ("Item",)


def test_objects_without_a_tag_become_one_struct_with_what_all_have_required():
    content = {
        "anyOf": [struct("uri", "text", uri=TEXT, text=TEXT), struct("uri", "size", uri=TEXT, size={"type": "integer"})]
    }
    assert read_one("Content", content) == Struct(
        "Content",
        (
            Field("uri", "uri", Plain("str"), required=True),
            Field("size", "size", OneOf((Plain("int"), NONE)), required=False),
            Field("text", "text", OneOf((Plain("str"), NONE)), required=False),
        ),
    )


def test_values_and_objects_of_one_key_become_a_value_or_one_struct():
    protocol = read(
        Reason={
            "anyOf": [
                {"type": "string", "enum": ["bad", "worse"]},
                {"title": "HttpReason", **struct("http", http=struct(status={"type": "integer"}))},
                struct("other_thing", other_thing=TEXT),
                {"type": ["string", "object"]},
            ]
        }
    )
    assert protocol.definitions == (
        Struct("HttpReason", (Field("status", "status", Plain("int"), required=False),)),
        Alias("Reason", OneOf((Values(("bad", "worse")), Ref("ReasonObject")))),
        Struct(
            "ReasonObject",
            (
                Field("http", "http", OneOf((Ref("HttpReason"), NONE)), required=False),
                Field("other_thing", "other_thing", OneOf((Plain("str"), NONE)), required=False),
            ),
        ),
    )
    assert protocol.untagged == ("Reason",)


def test_methods_have_their_params_and_the_result_that_their_names_tell():
    answer, params = struct(ok=TEXT), struct("name", name=TEXT)
    found = bundle(
        {"ThingStartParams": params, "ThingStartResponse": answer, "ThingStopResponse": answer, "Told": params},
        requests=[method("thing/begin", ref("ThingStartParams")), method("thing/stop", {"type": "null"})],
        notifications=[method("thing/told", {"anyOf": [ref("Told"), {"type": "null"}]})],
    )
    protocol = read_protocol(found, found)
    assert protocol.requests == (
        Method("THING_BEGIN", "thing/begin", "ThingStartParams", "ThingStartResponse"),
        Method("THING_STOP", "thing/stop", None, "ThingStopResponse"),
    )
    assert protocol.notifications == (Method("THING_TOLD", "thing/told", "Told"),)


def test_only_what_a_client_alone_writes_is_sent():
    found = bundle(
        {
            "StartParams": struct("both", both=ref("Both"), own=ref("Own")),
            "Both": struct(),
            "Own": struct(x=TEXT),
            "StartResponse": struct("both", both=ref("Both")),
            "AskParams": struct(x=TEXT),
            "AskResponse": struct(x=TEXT),
        },
        requests=[method("start", ref("StartParams"))],
        server_requests=[method("ask", ref("AskParams"))],
    )
    roles = {found.name: found.role for found in read_protocol(found, found).definitions}
    assert {name for name, role in roles.items() if role == "sent"} == {"StartParams", "Own", "AskResponse"}


def test_what_the_stable_schema_lacks_is_experimental():
    definitions = {"StartParams": struct(old=TEXT, new=TEXT), "StartResponse": struct(), "NewResponse": struct(x=TEXT)}
    everything = bundle(definitions, requests=[method("start", ref("StartParams")), method("new")])
    stable = copy.deepcopy(bundle(definitions, requests=[method("start", ref("StartParams"))]))
    del stable["definitions"]["v2"]["NewResponse"], stable["definitions"]["v2"]["StartParams"]["properties"]["new"]
    protocol = read_protocol(everything, stable)
    assert {found.name: found.experimental for found in protocol.requests} == {"start": False, "new": True}
    marked = {
        (found.name, field.name) for found in protocol.definitions for field in found.fields if field.experimental
    }
    assert marked == {("StartParams", "new")}


def test_a_method_without_a_known_result_is_refused():
    found = bundle({"XParams": struct()}, requests=[method("thing/do", ref("XParams"))])
    with pytest.raises(CheckFailed, match="thing/do: no definition is named XResponse or ThingDoResponse") as caught:
        read_protocol(found, found)
    assert "RESULTS" in caught.value.fix


def test_a_response_that_no_method_gives_is_refused():
    with pytest.raises(CheckFailed, match="no method gives LostResponse"):
        read(LostResponse=struct())


def test_an_exception_that_fits_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(schema, "RESULTS", {"no/such": "NothingResponse"})
    with pytest.raises(CheckFailed, match="fit nothing: no/such"):
        read()
    monkeypatch.setattr(schema, "RESULTS", {})
    monkeypatch.setattr(schema, "NAMES", {("NoUnion", "x"): "XNoUnion"})
    with pytest.raises(CheckFailed, match="NoUnion"):
        read()
    assert methods.RESULTS
    assert definitions.NAMES


def test_an_envelope_that_is_gone_is_refused():
    found = bundle({})
    del found["definitions"]["JSONRPCError"]
    with pytest.raises(CheckFailed, match="JSONRPCError"):
        read_protocol(found, found)


def test_two_keys_that_would_be_one_attribute_are_refused():
    with pytest.raises(CheckFailed, match="Thing: two of its keys would be one attribute: foo_bar"):
        read(Thing=struct(fooBar=TEXT, foo_bar=TEXT))
    tagged = {"oneOf": [struct("handlerType", handlerType=constant("a"), handler_type=TEXT)]}
    with pytest.raises(CheckFailed, match="handler_type"):
        read(Thing=tagged)


def test_two_different_definitions_of_one_name_are_refused():
    members = [struct("kind", kind=constant("a b")), struct("kind", kind=constant("a_b"), x=TEXT)]
    with pytest.raises(CheckFailed, match="two different definitions are named ABThing"):
        read(Thing={"oneOf": members})
    found = bundle({"Thing": struct(x=TEXT)})
    found["definitions"]["Thing"] = struct(y=TEXT)
    with pytest.raises(CheckFailed, match="named Thing"):
        read_protocol(found, found)


@pytest.mark.parametrize("written", [{"type": "tuple"}, {"not": TEXT}, {"type": "object", "minProperties": 1, "x": {}}])
def test_a_shape_that_is_new_is_refused_or_plain_data(written):
    if written.get("type") == "object":
        assert type_of(written) == Map(Plain("Any"))
    else:
        with pytest.raises(CheckFailed, match="a schema of this shape is new"):
            type_of(written)
