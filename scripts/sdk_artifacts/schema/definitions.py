"""Definitions of a JSON schema, read into those of a `Protocol`: every struct gets a name, every union a form. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import CheckFailed
from . import names
from .protocol import Alias, Array, Definition, Field, Map, OneOf, Plain, Ref, Struct, Tag, Type, Union, Values

Schema = Mapping[str, Any]

# Members of a union whose tags would give two of them one name.
NAMES = {
    ("McpServerElicitationRequestParams", "openai/form"): "OpenaiSlashFormMcpServerElicitationRequestParams",
}

_SCALARS: dict[str, Type] = {
    "string": Plain("str"),
    "integer": Plain("int"),
    "number": Plain("float"),
    "boolean": Plain("bool"),
    "null": Plain("None"),
}
_NULL = Plain("None")


class DefinitionReader:
    """Reads definitions; one that has no name of its own gets one from where it stands."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self.untagged: set[str] = set()
        self.renamed: set[tuple[str, str]] = set()
        self._schemas = schemas
        self._definitions: dict[str, Definition] = {}

    def read(self) -> tuple[Definition, ...]:
        """Every definition, by name; those that got their name here included."""
        for name, schema in self._schemas.items():
            self._define(name, schema)
        return tuple(self._definitions[name] for name in sorted(self._definitions))

    def _add(self, definition: Definition) -> Ref:
        name = definition.name
        if isinstance(definition, Struct):
            _check_attributes(definition)
        if self._definitions.setdefault(name, definition) != definition:
            raise CheckFailed(f"two different definitions are named {name}")
        return Ref(name)

    def _define(self, name: str, schema: Schema) -> Ref:
        variants = _variants(schema)
        objects = [variant for variant in variants if self._is_object(variant)]
        if variants and len(objects) == len(variants):
            if wire := _tag_of(variants):
                return self._define_union(name, schema, variants, wire)
            self.untagged.add(name)
            return self._add(Struct(name, self._fields(schema, name)))
        if objects and len(_without_null(variants)) > 1:
            return self._define_keyed(name, variants)
        if len(plain := _without_null(variants)) > 1 and not all("enum" in variant for variant in plain):
            self.untagged.add(name)
        if _is_struct(schema) or (schema.get("type") == "object" and "additionalProperties" not in schema):
            return self._add(Struct(name, self._fields(schema, name)))
        return self._add(Alias(name, self._type(schema, name)))

    def _define_union(self, name: str, schema: Schema, variants: Sequence[Schema], wire: str) -> Ref:
        shared = self._fields({key: value for key, value in schema.items() if key not in {"oneOf", "anyOf"}}, name)
        members = []
        for variant in variants:
            value = variant["properties"][wire]["enum"][0]
            member = self._member_name(name, value, variant.get("title", ""))
            fields = [field for field in self._fields(variant, member) if field.wire != wire]
            self._add(Struct(member, _sorted([*fields, *shared]), Tag(wire, value)))
            members.append(member)
        return self._add(Union(name, wire, tuple(members)))

    def _member_name(self, union: str, value: str, title: str) -> str:
        if (union, value) in NAMES:
            self.renamed.add((union, value))
            return NAMES[union, value]
        return title if title.isidentifier() and title not in self._schemas else names.class_name(value, union)

    def _define_keyed(self, name: str, variants: Sequence[Schema]) -> Ref:
        """A union of values and objects of one key each: no tag tells the objects apart, so they become one struct."""
        self.untagged.add(name)
        types: list[Type] = []
        fields: list[Field] = []
        for variant in variants:
            if _is_struct(variant):
                for wire, inner in variant["properties"].items():
                    type_ = self._type(inner, variant.get("title", names.class_name(wire, name)))
                    fields.append(Field(wire, names.attribute(wire), _one_of([type_, _NULL]), required=False))
            elif not isinstance(variant.get("type"), list):  # "a string or an object": every union is open here
                types.append(self._type(variant, name))
        if fields:
            types.append(self._add(Struct(f"{name}Object", _sorted(fields))))
        return self._add(Alias(name, _one_of(types)))

    def _fields(self, schema: Schema, where: str) -> tuple[Field, ...]:
        if "$ref" in schema:
            return self._fields(self._schemas[_name(schema)], _name(schema))
        required = schema.get("required", ())
        fields = []
        for wire, property_ in schema.get("properties", {}).items():
            inner = _schema(property_)
            type_ = self._type(inner, names.class_name(where, wire))
            fields.append(Field(wire, names.attribute(wire), type_, wire in required, inner.get("default")))
        if variants := _variants(schema):
            self.untagged.add(where)
            fields += self._merge([self._fields(variant, where) for variant in variants], where)
        return _sorted(fields)

    def _merge(self, forms: Sequence[Sequence[Field]], where: str) -> list[Field]:
        """The fields of a struct that stands for all `forms`: required are those that every form requires."""
        by_wire: dict[str, list[Field]] = {}
        for field in (field for form in forms for field in form):
            by_wire.setdefault(field.wire, []).append(field)
        merged = []
        for wire, fields in by_wire.items():
            required = len(fields) == len(forms) and all(field.required for field in fields)
            type_ = self._unify([field.type for field in fields], names.class_name(where, wire))
            merged.append(replace(fields[0], type=type_ if required else _one_of([type_, _NULL]), required=required))
        return merged

    def _type(self, schema: Schema, where: str) -> Type:
        if "$ref" in schema:
            return Ref(_name(schema))
        if "allOf" in schema and len(schema["allOf"]) == 1:
            return self._type(schema["allOf"][0], where)
        if _is_struct(schema):
            return self._define(where, schema)
        if variants := _variants(schema):
            return _one_of([self._type(variant, where) for variant in variants])
        if isinstance(schema.get("type"), list):
            return _one_of([self._type({**schema, "type": kind}, where) for kind in schema["type"]])
        return Values(tuple(schema["enum"])) if "enum" in schema else self._plain_type(schema, where)

    def _plain_type(self, schema: Schema, where: str) -> Type:
        match schema.get("type"):
            case None if not schema.keys() - {"default", "description", "title"}:
                return Plain("Any")
            case "array":
                return Array(self._type(_schema(schema["items"]), where))
            case "object":
                return Map(self._type(_schema(schema.get("additionalProperties", True)), where))
            case str(kind) if kind in _SCALARS:
                return _SCALARS[kind]
        raise CheckFailed(f"{where}: a schema of this shape is new: {schema}", fix="Teach it to schema/definitions.py.")

    def _is_object(self, schema: Schema) -> bool:
        if "$ref" in schema:
            target = self._schemas[_name(schema)]
            return _is_struct(target) or all(map(self._is_object, _variants(target) or [{}]))
        return _is_struct(schema)

    def _unify(self, types: Iterable[Type], where: str) -> Type:
        """One type for a field that several forms of a struct have."""
        known = list(dict.fromkeys(types))
        if len(known) == 1:
            return known[0]
        structs = [type_.name for type_ in known if isinstance(type_, Ref) and _is_struct(self._schemas[type_.name])]
        others = [
            self._type(self._schemas[type_.name], type_.name) if isinstance(type_, Ref) else type_
            for type_ in known
            if not (isinstance(type_, Ref) and type_.name in structs)
        ]
        if not structs:
            return _one_of(others)
        self.untagged.add(where)
        fields = self._merge([self._fields(self._schemas[name], name) for name in structs], where)
        return _one_of([*others, self._add(Struct(where, _sorted(fields)))])


def _schema(written: object) -> Schema:
    """A schema that may be written as `true`: anything goes."""
    return written if isinstance(written, dict) else {}


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _variants(schema: Schema) -> Sequence[Schema]:
    return schema.get("oneOf") or schema.get("anyOf") or ()


def _without_null(variants: Sequence[Schema]) -> list[Schema]:
    return [variant for variant in variants if variant.get("type") != "null"]


def _is_struct(schema: Schema) -> bool:
    return bool(schema.get("properties"))


def _tag_of(variants: Sequence[Schema]) -> str | None:
    """The property that every variant requires and gives another constant value."""
    constants = [_constants(variant) for variant in variants]
    for wire in constants[0]:
        values = {found.get(wire) for found in constants}
        if None not in values and len(values) == len(variants):
            return wire
    return None


def _constants(variant: Schema) -> dict[str, str]:
    return {
        wire: property_["enum"][0]
        for wire, property_ in variant.get("properties", {}).items()
        if wire in variant.get("required", ()) and isinstance(property_, dict) and len(property_.get("enum", ())) == 1
    }


def _one_of(types: Iterable[Type]) -> Type:
    """The union of `types`: flat, each once, values joined, null last."""
    flat = [inner for type_ in types for inner in (type_.options if isinstance(type_, OneOf) else (type_,))]
    values = tuple(dict.fromkeys(value for type_ in flat if isinstance(type_, Values) for value in type_.values))
    options: list[Type] = [type_ for type_ in dict.fromkeys(flat) if not isinstance(type_, Values) and type_ != _NULL]
    if values and Plain("str") not in options:
        options.insert(0, Values(values))
    if _NULL in flat:
        options.append(_NULL)
    if Plain("Any") in options:
        return Plain("Any")
    return options[0] if len(options) == 1 else OneOf(tuple(options))


def _sorted(fields: Iterable[Field]) -> tuple[Field, ...]:
    return tuple(sorted(fields, key=lambda field: (not field.required, field.name)))


def _check_attributes(struct: Struct) -> None:
    attributes = [field.name for field in struct.fields]
    if struct.tag is not None:
        attributes.append(names.attribute(struct.tag.wire))
    if twice := sorted({name for name in attributes if attributes.count(name) > 1}):
        raise CheckFailed(f"{struct.name}: two of its keys would be one attribute: {', '.join(twice)}")
