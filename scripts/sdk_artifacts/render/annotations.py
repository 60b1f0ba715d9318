"""Types of a `Protocol` as Python annotations, each as the list of its alternatives. Pure."""

import json
from collections.abc import Callable

from ..schema.protocol import Array, Field, Map, OneOf, Plain, Ref, Struct, Type, Values


def exact(type_: Type) -> list[str]:
    """What this version of the protocol allows, which is what msgspec reads; a reference is an attribute of `t`."""
    return _alternatives(type_, lambda name: f"t.{name}", open_=False)


def open_ended(type_: Type) -> list[str]:
    """What may really come, which is what checkers see: a newer server has more values."""
    return _alternatives(type_, lambda name: name, open_=True)


def of_field(struct: Struct, field: Field, read: Callable[[Type], list[str]]) -> list[str]:
    """A field's alternatives. What is only sent tells null from absent; in what is read, None is both."""
    options = read(field.type)
    if field.required:
        return options
    if struct.role == "sent":
        null = [option for option in options if option == "None"]
        return [*(option for option in options if option != "None"), "UnsetType", *null]
    return [*options, "None"] if field.default is None and not {"None", "Any"}.intersection(options) else options


def quoted(text: str) -> str:
    """A string literal."""
    return json.dumps(text, ensure_ascii=False)


def _alternatives(type_: Type, ref: Callable[[str], str], *, open_: bool) -> list[str]:
    match type_:
        case Plain(name):
            return [name]
        case Values(values):
            return [f"Literal[{', '.join(map(quoted, values))}]", *(["str"] if open_ else [])]
        case Ref(name):
            return [ref(name)]
        case Array(item):
            return [f"list[{' | '.join(_alternatives(item, ref, open_=open_))}]"]
        case Map(value):
            return [f"dict[str, {' | '.join(_alternatives(value, ref, open_=open_))}]"]
        case OneOf(options):
            return [text for option in options for text in _alternatives(option, ref, open_=open_)]
