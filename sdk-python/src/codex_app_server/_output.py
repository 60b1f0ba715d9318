"""What a turn's last message is asked to be: the schema that is sent, and how the text becomes a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec.structs import replace

from ._wire import UNREADABLE, reader
from .errors import OutputMismatch, UsageError

if TYPE_CHECKING:
    from ._turns import TurnResult

T = TypeVar("T")

WRAPPED = "value"
"""The property that holds what is no object itself: the root of a strict schema has to be one."""


class Expected(Generic[T]):
    """What the last message is asked to be.

    Attributes:
        schema: its JSON schema, as it is sent.
    """

    __slots__ = ("_name", "_read", "schema")

    def __init__(self, schema: Mapping[str, Any], name: str, read: Callable[[str], T]) -> None:
        self.schema = schema
        self._name = name
        self._read = read

    def outcome(self, turn_id: str, message: str | None) -> T | OutputMismatch:
        """What the last message of the turn is, or in which way it is not what was asked for."""
        if message is None:
            return OutputMismatch(f"turn {turn_id} ended without a message; {self._name} was asked for")
        try:
            return self._read(message)
        except UNREADABLE as error:
            return OutputMismatch(f"the last message of turn {turn_id} is no {self._name}: {error}", raw=message)


def filled(result: TurnResult[Any], expected: Expected[T] | None) -> TurnResult[T]:
    """The result with its output, or with the reason that there is none; as it is when nothing was asked for."""
    if expected is None:
        return result
    return replace(result, _outcome=expected.outcome(result.id, result.final_response))


def expect(output_type: type[T] | None, output_schema: object) -> Expected[T] | None:
    """What a turn is asked for by these two arguments; None for a text of any kind.

    Raises:
        UsageError: both are given, or the type has no strict schema; the message names the field.
    """
    if output_type is None:
        return _of_schema(output_schema) if isinstance(output_schema, Mapping) else None
    if isinstance(output_schema, Mapping):
        raise UsageError("output_type and output_schema are both given; the type makes its own schema")
    if isinstance(output_type, Mapping):
        raise UsageError("output_type is a dict; write output_schema= for a schema of your own")
    kind: Any = output_type
    try:
        return _of_type(kind)
    except TypeError as error:  # `lru_cache` cannot hash it
        raise UsageError(f"output_type is {output_type!r}: {error}") from error


def _of_schema(schema: Mapping[str, Any]) -> Expected[Any]:
    return Expected(schema, "JSON", reader(object))


@lru_cache(maxsize=64)
def _of_type(kind: Any) -> Expected[Any]:  # noqa: ANN401 - what `typing` makes of a union is no class
    from . import _schema, _user_types  # noqa: PLC0415 - only for those who use it

    name = kind.__name__ if isinstance(kind, type) and not hasattr(kind, "__origin__") else str(kind)
    schema = _schema.strict(_user_types.schema_of(kind, "output_type"), name)
    if _schema.is_object(schema):
        return Expected(schema, name, _user_types.reader(kind, "output_type"))
    from msgspec import defstruct  # noqa: PLC0415 - only for those who use it

    wrapper: Any = defstruct("Output", [(WRAPPED, kind)], forbid_unknown_fields=True)
    read = _user_types.reader(wrapper, "output_type")
    return Expected(_schema.wrapped(schema, WRAPPED), name, lambda text: read(text).value)
