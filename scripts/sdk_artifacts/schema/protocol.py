"""The app-server's protocol as values: definitions, their fields and types, and the methods that carry them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Scalar = Literal["str", "int", "float", "bool", "None", "Any"]


@dataclass(frozen=True, slots=True)
class Plain:
    """A JSON scalar, or anything at all."""

    name: Scalar


@dataclass(frozen=True, slots=True)
class Values:
    """One of these strings; a newer server may send others."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """The definition of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Array:
    """A JSON array."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class Map:
    """A JSON object whose keys are data."""

    value: "Type"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several types, none of them a `OneOf`."""

    options: tuple["Type", ...]


Type = Plain | Values | Ref | Array | Map | OneOf

Role = Literal["sent", "received"]


@dataclass(frozen=True, slots=True)
class Field:
    """A key of an object.

    Attributes:
        wire: the key.
        name: the Python attribute.
        default: what the server takes an absent key for, as JSON; None also when the schema does not say.
        experimental: only there for clients that opted in.
    """

    wire: str
    name: str
    type: Type
    required: bool
    default: object = None
    experimental: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """The constant property that tells a union's members apart."""

    wire: str
    value: str


@dataclass(frozen=True, slots=True)
class Struct:
    """A JSON object with known keys. `role` is `sent` when only a client ever writes it."""

    name: str
    fields: tuple[Field, ...]
    tag: Tag | None = None
    role: Role = "received"


@dataclass(frozen=True, slots=True)
class Union:
    """A union whose members, all structs, differ in one constant property, `tag`."""

    name: str
    tag: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for any other type."""

    name: str
    type: Type


Definition = Struct | Union | Alias


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its name in Python and on the wire, the definitions of its params and its result (None: nothing)."""

    constant: str
    name: str
    params: str | None
    result: str | None = None
    experimental: bool = False


@dataclass(frozen=True, slots=True)
class Protocol:
    """Everything the schema says.

    Attributes:
        definitions: every type, by name.
        requests: client to server.
        server_requests: server to client.
        notifications: server to client.
        client_notifications: client to server.
        untagged: names of the definitions that are, or hold, a union that no constant property tells apart.
    """

    definitions: tuple[Definition, ...]
    requests: tuple[Method, ...]
    server_requests: tuple[Method, ...]
    notifications: tuple[Method, ...]
    client_notifications: tuple[Method, ...]
    untagged: tuple[str, ...]


def types_in(type_: Type) -> Iterator[Type]:
    """The type and every type inside it."""
    yield type_
    match type_:
        case Array(inner) | Map(inner):
            yield from types_in(inner)
        case OneOf(options):
            for option in options:
                yield from types_in(option)


def references(definition: Definition) -> list[str]:
    """The names of the definitions that this one mentions, in its order."""
    match definition:
        case Union():
            return list(definition.members)
        case Alias():
            types = [definition.type]
        case Struct():
            types = [field.type for field in definition.fields]
    return [inner.name for type_ in types for inner in types_in(type_) if isinstance(inner, Ref)]
