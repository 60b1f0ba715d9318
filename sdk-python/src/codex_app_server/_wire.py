"""What generated types are made of, and how they are read: exact content at full speed, all else kept as well."""

from __future__ import annotations

from threading import RLock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, defstruct, field
from msgspec.json import Decoder, Encoder
from msgspec.structs import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["UNSET", "Definitions", "Unknown", "UnsetType", "Wire", "decode", "encode", "field"]

T = TypeVar("T")

# What decoding raises: no JSON or no such type, no UTF-8, nested too deeply.
UNREADABLE = (DecodeError, UnicodeDecodeError, RecursionError)

_NOTHING: Mapping[str, Any] = MappingProxyType({})

HIDDEN = "[hidden]"
SECRET_FIELDS = frozenset(
    {
        "access_key_id",
        "access_token",
        "api_key",
        "auth_bearer_token",
        "auth_url",
        "authorization_url",
        "client_private_key",
        "secret_access_key",
        "session_token",
        "token",
        "user_code",
    }
)
"""Attributes that no repr shows: reprs end up in logs."""


class Wire(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, rename="camel", dict=True):
    """Base of every generated struct. What was not given is not sent."""

    @property
    def unknown_fields(self) -> Mapping[str, Any]:
        """Fields that the server sent and this version of the types does not have, by their wire names."""
        kept: Mapping[str, Any] = self.__dict__.get("unknown_fields", _NOTHING)
        return kept


class Unknown:
    """Content that no type of this version fits, kept whole.

    Attributes:
        type: the tag that tells the union's members apart, or the method; empty when there is none.
        raw: the content, decoded; the bytes themselves when they are no JSON.
    """

    __slots__ = ("raw", "type")
    __match_args__ = ("type", "raw")

    def __init__(self, type: str, raw: Any) -> None:  # noqa: A002, ANN401 - the wire's own word; JSON is anything
        self.type = type
        self.raw = raw

    def __repr__(self) -> str:
        return f"Unknown(type={self.type!r}, raw={self.raw!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and (self.type, self.raw) == (other.type, other.raw)

    __hash__ = None  # type: ignore[assignment] # mutable, like the structs


class Definitions:
    """The definitions of a generated module, each built when it is first asked for.

    Importing the module therefore costs next to nothing, and a session pays for the types that it uses.
    """

    def __init__(self, module: dict[str, Any], recipes: Mapping[str, Callable[[Any], Any]]) -> None:
        self._module = module
        self._recipes = recipes
        self._lock = RLock()  # a class must not be built twice: its instances would not be each other's

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a class, or what `typing` makes of a union
        recipe = self._recipes.get(name)
        if recipe is None:
            raise AttributeError(f"module {self._module['__name__']!r} has no attribute {name!r}")
        with self._lock:
            if name not in self._module:
                self._module[name] = recipe(self)
        return self._module[name]

    def __dir__(self) -> list[str]:
        return sorted({*self._module, *self._recipes})

    def struct(self, name: str, *rows: Any, tag: tuple[str, str, str] | None = None) -> type[Wire]:  # noqa: ANN401
        """A struct of `defstruct`'s rows.

        Args:
            tag: attribute, wire name and value of the constant property that names the struct in a union.
        """
        options: dict[str, Any] = {}
        namespace: dict[str, Any] = {}
        if tag is not None:
            attribute, wire, value = tag
            options, namespace = {"tag_field": wire, "tag": value}, {attribute: value}
        if any(row[0] in SECRET_FIELDS for row in rows):
            namespace |= {"__repr__": _discreet_repr, "__rich_repr__": _discreet_pairs}
        module = self._module["__name__"]
        made = defstruct(name, rows, bases=(Wire,), module=module, namespace=namespace, kw_only=True, **options)
        return cast("type[Wire]", made)

    def keywords(self, name: str, params: type[Wire]) -> Any:  # noqa: ANN401 - a TypedDict class
        """The attributes of `params` that may be left out, as a `TypedDict`."""
        optional = {row.name: row.type for row in fields(params) if not row.required}
        return TypedDict(name, optional, total=False)  # type: ignore[operator] # its functional form


def _discreet_repr(struct: Wire) -> str:
    shown = (f"{name}={value if value is HIDDEN else repr(value)}" for name, value in _discreet_pairs(struct))
    return f"{type(struct).__name__}({', '.join(shown)})"


def _discreet_pairs(struct: Wire) -> Iterator[tuple[str, object]]:
    """What rich asks for before it asks for the repr."""
    for name in struct.__struct_fields__:
        yield name, HIDDEN if name in SECRET_FIELDS else getattr(struct, name)


def _content(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    if isinstance(value, Unknown):
        return value.raw
    raise NotImplementedError(f"{type(value).__name__} is no JSON")


_encoder = Encoder(enc_hook=_content)
_decoders: dict[Any, Callable[[Any], Any]] = {}
_learning = RLock()


def encode(value: object) -> bytes:
    """A struct, or anything made of structs and plain values, as JSON."""
    return _encoder.encode(value)


def reader(kind: type[T], other: Callable[[Any, Any], Any] | None = None) -> Callable[[Any], T]:
    """What reads JSON as `kind`, strictly; `other` makes values of the types that msgspec does not know."""
    # Decoders share what msgspec learns of a struct, and one that another thread has half learned crashes the process.
    with _learning:
        return Decoder(kind, dec_hook=other).decode


def decode(kind: type[T], data: bytes | memoryview | Raw) -> T:
    """Read JSON as `kind`. It never fails: what does not fit is kept (see `_lenient`), all else is typed."""
    read = _decoders.get(kind)
    if read is None:
        read = _decoders[kind] = reader(kind)
    try:
        return cast("T", read(data))
    except UNREADABLE:
        from ._lenient import read_lenient  # noqa: PLC0415 - only a server of another version needs it

        return cast("T", read_lenient(kind, data))
