"""JSON schemas as plain dicts: what the server passes on to the model, and the strict dialect that answers are held to.

Libraries write more than either takes: definitions in odd places, references beside descriptions, defaults. What only
restricts is left out where it is not taken, for reading the answer checks it again; what cannot be said is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from .errors import UsageError

Schema: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Any, str], Any]

_REFERENCE = "#/$defs/"
_LISTED = ("anyOf", "oneOf", "allOf")
_KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}

# The strict dialect; the formats that it knows stand beside it.
_STRICT = frozenset(
    {"$ref", "additionalProperties", "anyOf", "const", "description", "enum", "exclusiveMaximum", "exclusiveMinimum"}
    | {"format", "items", "maxItems", "maximum", "minItems", "minimum", "multipleOf", "pattern", "properties"}
    | {"required", "type"}
)
_FORMATS = frozenset({"date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_UNSAYABLE = frozenset(
    {"not", "if", "then", "else", "patternProperties", "propertyNames", "unevaluatedProperties", "contains"}
    | {"dependentRequired", "dependentSchemas", "minProperties", "maxProperties", "$dynamicRef"}
)


def gathered(schema: Schema, what: str) -> Schema:
    """The same schema with an object at its root where there is one, and all definitions in the root's `$defs`.

    Raises:
        UsageError: it has tuples, which reach no model, or two definitions of one name; it begins with `what`.
    """
    definitions: dict[str, Schema] = {}

    def gather(node: Any, path: str) -> Any:  # noqa: ANN401 - a schema may be a mere true
        if not isinstance(node, dict):
            return node
        if "prefixItems" in node:
            raise UsageError(f"{path}: a tuple of fixed items cannot be described; write an object with named fields")
        for name, definition in node.get("$defs", {}).items():
            if name not in definitions:
                definitions[name] = {}  # it may mention itself
                definitions[name] = gather(definition, name)
            elif definitions[name] and definitions[name] != gather(definition, name):
                raise UsageError(f"{what}: two types are named {name!r}; rename one of them")
        made = _mapped(node, path, gather)
        return _with_kind({keyword: value for keyword, value in made.items() if keyword not in {"$defs", "title"}})

    root = gather(schema, what)
    while "$ref" in root and definitions:
        root = {**definitions[_target(root)], **_without(root, "$ref")}
    return _with_used(root, definitions)


def strict(schema: Schema, what: str) -> Schema:
    """A gathered schema in the strict dialect: every property is required, and no other may be there.

    Raises:
        UsageError: it has what the dialect cannot say; the message begins with the path of the field.
    """
    definitions = schema.get("$defs", {})

    def restrict(node: Any, path: str) -> Any:  # noqa: ANN401 - a schema may be a mere true
        node = _flat(node, definitions) if isinstance(node, dict) else {}
        _refuse_unsayable(node, path)
        made = _mapped({keyword: node[keyword] for keyword in node if keyword in _STRICT}, path, restrict)
        if made.get("format", "date") not in _FORMATS:
            del made["format"]
        if "(?" in made.get("pattern", ""):  # look-around is refused
            del made["pattern"]
        if "properties" in made:
            made |= {"required": list(made["properties"]), "additionalProperties": False}
        return made

    root = restrict(_without(schema, "$defs"), what)
    return _with_used(root, {name: restrict(definition, name) for name, definition in definitions.items()})


def wrapped(schema: Schema, name: str) -> Schema:
    """A strict schema of an object that holds what `schema` describes as its one property."""
    properties = {name: _without(schema, "$defs")}
    root = {"type": "object", "properties": properties, "required": [name], "additionalProperties": False}
    return _with_used(root, schema.get("$defs", {}))


def is_object(schema: Schema) -> bool:
    """Whether it describes an object with named properties."""
    return schema.get("type") == "object" and "properties" in schema


def _refuse_unsayable(node: Schema, path: str) -> None:
    for keyword in node.keys() & _UNSAYABLE:
        raise UsageError(f"{path}: a strict schema cannot say {keyword!r}")
    if not node.keys() & {"type", "anyOf", "enum", "const", "$ref"}:
        raise UsageError(f"{path}: a strict schema cannot allow anything at all; give it a type")
    if node.get("type") == "object" and "properties" not in node:
        advice = "write an object with named fields, or a list of objects that hold the key and the value"
        raise UsageError(f"{path}: a strict schema cannot have an object with any keys; {advice}")
    if node.get("type") == "array" and not isinstance(node.get("items"), dict):
        raise UsageError(f"{path}: a strict schema cannot have a list of anything; give its items a type")


def _flat(node: Schema, definitions: dict[str, Schema]) -> Schema:
    """Without what stands beside a reference, without a union of which exactly one may fit, without a lone `allOf`."""
    if "oneOf" in node:
        node = {**_without(node, "oneOf", "discriminator"), "anyOf": node["oneOf"]}
    if len(node.get("allOf", ())) == 1:
        node = {**node["allOf"][0], **_without(node, "allOf")}
    if "$ref" in node and node.keys() & (_STRICT - {"$ref"}):
        node = _flat({**definitions[_target(node)], **_without(node, "$ref")}, definitions)
    return node


def _with_kind(node: Schema) -> Schema:
    """A type for bare values: the server takes those that have none for texts."""
    values = node["enum"] if "enum" in node else [node["const"]] if "const" in node else []
    if "type" in node or not values:
        return node
    kinds = sorted({_KINDS[type(value)] for value in values})
    return {"type": kinds[0] if len(kinds) == 1 else kinds, **node}


def _with_used(root: Schema, definitions: dict[str, Schema]) -> Schema:
    used: dict[str, Schema] = {}
    pending = list(_references(root))
    while pending:
        name = pending.pop()
        if name not in used:
            used[name] = definitions[name]
            pending += _references(definitions[name])
    return {**root, "$defs": dict(sorted(used.items()))} if used else root


def _references(node: Any) -> Iterator[str]:  # noqa: ANN401 - a schema may be a mere true
    found: list[str] = []

    def look(each: Any, _path: str) -> Any:  # noqa: ANN401
        found.extend(_references(each))

    if isinstance(node, dict):
        _mapped(node, "", look)
        yield from found
        if "$ref" in node:
            yield _target(node)


def _mapped(node: Schema, path: str, change: Change) -> Schema:
    """The same with each schema in it changed; `path` grows by the way to it."""
    made = dict(node)
    for keyword, value in node.items():
        if keyword == "properties":
            made[keyword] = {name: change(each, f"{path}.{name}") for name, each in value.items()}
        elif keyword in _LISTED:
            made[keyword] = [change(each, path) for each in value]
        elif keyword == "items":
            made[keyword] = change(value, f"{path}[]")
        elif keyword == "additionalProperties" and isinstance(value, dict):
            made[keyword] = change(value, f"{path}{{}}")
    return made


def _target(node: Schema) -> str:
    return str(node["$ref"]).removeprefix(_REFERENCE)


def _without(node: Schema, *keywords: str) -> Schema:
    return {keyword: value for keyword, value in node.items() if keyword not in keywords}
