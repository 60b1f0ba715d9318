"""Reading what a server of another version sent. What is new is kept where it stands, and logged once at DEBUG.

An unknown member of a union becomes an `Unknown`, an unknown field goes to `unknown_fields` of its struct, a value of
another kind than expected stays as it came, and a required field that is missing is `UNSET`.
"""

from __future__ import annotations

import logging
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from msgspec import UNSET
from msgspec.json import decode
from msgspec.structs import fields

from ._wire import UNREADABLE, Unknown, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[Any], Any]

_log = logging.getLogger("codex_app_server")

# What was logged; bounded, since a server could go on inventing names.
noted: set[str] = set()
NOTES_MAX = 1000
_SHOWN_CHARACTERS = 80

_SCALARS: dict[Any, set[type]] = {str: {str}, int: {int}, float: {float, int}, bool: {bool}, NoneType: {NoneType}}


def read_lenient(kind: Any, data: bytes | memoryview) -> Any:  # noqa: ANN401 - any type in, any value out
    """Read JSON as `kind` as far as it fits."""
    try:
        return _reader(kind, getattr(kind, "__name__", "message"))(decode(data))
    except UNREADABLE:
        return Unknown("", bytes(data))


def _note(what: str) -> None:
    if what not in noted and len(noted) < NOTES_MAX:
        noted.add(what)
        _log.debug("The server is of another version: %s", what)


@cache
def _reader(kind: Any, where: str) -> Read:  # noqa: ANN401 - what `typing` makes of a union is no class
    if kind is Any:
        return lambda content: content
    if isinstance(kind, type) and issubclass(kind, Wire) and kind.__struct_config__.tag is None:
        return _struct_reader(kind)
    options = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return _union_reader(options, where)


@cache
def _struct_reader(kind: type[Wire]) -> Read:
    name = kind.__name__
    rows = [
        (row.encode_name, row.name, _reader(row.type, f"{name}.{row.encode_name}"), row.required)
        for row in fields(kind)
    ]
    known = {row[0] for row in rows} | {kind.__struct_config__.tag_field}

    def read(content: Any) -> Any:  # noqa: ANN401
        if type(content) is not dict:
            _note(f"{name} came as {type(content).__name__}")
            return Unknown("", content)
        given = {}
        for wire, attribute, read_field, required in rows:
            if wire in content:
                given[attribute] = read_field(content[wire])
            elif required:
                _note(f"{name} has no {wire}")
                given[attribute] = UNSET
        value = kind(**given)
        unknown = {wire: value for wire, value in content.items() if wire not in known}
        if unknown:
            for wire in unknown:
                _note(f"{name} has the new field {wire[:_SHOWN_CHARACTERS]!r}")
            vars(value)["unknown_fields"] = unknown
        return value

    return read


def _union_reader(options: tuple[Any, ...], where: str) -> Read:
    """A reader that picks the option by the content's own kind, and among structs by their tag."""
    structs = [option for option in options if isinstance(option, type) and issubclass(option, Wire)]
    by_tag = {struct.__struct_config__.tag: _struct_reader(struct) for struct in structs}
    tag_field = structs[0].__struct_config__.tag_field if structs else None
    origins = {get_origin(option): get_args(option) for option in options}
    items = _reader(origins[list][0], f"{where}[]") if list in origins else None
    values = _reader(origins[dict][1], f"{where}{{}}") if dict in origins else None
    literals = {value for option in options if get_origin(option) is Literal for value in get_args(option)}
    scalars = {scalar for option in options for scalar in _SCALARS.get(option, ())}

    def read(content: Any) -> Any:  # noqa: ANN401
        kind = type(content)
        if kind is dict and structs:
            tag = content.get(tag_field) if tag_field else None
            member = by_tag.get(tag) if isinstance(tag, (str, NoneType)) else None
            if member is not None:
                return member(content)
            _note(f"{where} has the new member {str(tag)[:_SHOWN_CHARACTERS]!r}")
            return Unknown(tag if isinstance(tag, str) else "", content)
        if kind is dict and values is not None:
            return {key: values(value) for key, value in content.items()}
        if kind is list and items is not None:
            return list(map(items, content))
        if (kind is str and content in literals) or kind in scalars:
            return content
        if kind is str and literals:
            _note(f"{where} has the new value {content[:_SHOWN_CHARACTERS]!r}")
        else:
            _note(f"{where} came as {kind.__name__}")
        return content

    return read
