"""Types of the caller's own, msgspec's kinds and pydantic's: their JSON schema, and how JSON is read as one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from . import _schema, _wire
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MISFITS = _wire.UNREADABLE
"""What reading raises when the JSON does not fit the type."""


def schema_of(kind: Any, what: str) -> dict[str, Any]:  # noqa: ANN401 - what `typing` makes of a union is no class
    """The JSON schema of `kind`; its definitions, if it needs any, are in `$defs` at the root.

    Raises:
        UsageError: it has none; the message begins with `what`.
    """
    try:
        return _schema.gathered(msgspec.json.schema(kind, schema_hook=_model_schema), what)
    except KeyError as error:  # on Python 3.10 `Box[list[int]]` and `Box[list[str]]` have one name
        raise UsageError(f"{what}: two types in it have one name; give each a class of its own") from error
    except (TypeError, NameError, AttributeError, ValueError) as error:
        raise UsageError(f"{what}: {_first_line(error)}") from error


def reader(kind: type[T], what: str) -> Callable[[Any], T]:
    """What reads JSON as `kind`, strictly; it raises one of `MISFITS`.

    Raises:
        UsageError: nothing can be read as that; the message begins with `what`.
    """
    try:
        return _wire.reader(kind, _model)
    except (TypeError, NameError, AttributeError, ValueError) as error:
        raise UsageError(f"{what}: {_first_line(error)}") from error


def encode(value: object) -> bytes:
    """The caller's value as JSON.

    Raises:
        TypeError: it is of a type that has no JSON.
    """
    return _encoder.encode(value)


# pydantic is known by its methods alone: who has no model of it need not have it.
def _model_schema(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - any class
    if not hasattr(kind, "model_json_schema"):
        raise TypeError(
            f"{getattr(kind, '__name__', kind)} has no JSON schema; use a Struct, a dataclass or a TypedDict"
        )
    return cast("dict[str, Any]", kind.model_json_schema())


def _model(kind: Any, content: object) -> Any:  # noqa: ANN401 - any class, an instance of it
    return kind.model_validate_json(_encoder.encode(content))  # JSON's own rules, as at the top level


def _content(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, _wire.Unknown):
        return value.raw
    raise TypeError(f"{type(value).__name__} is no JSON")


def _first_line(error: Exception) -> str:
    """What a library says of a type; the lines below are about its own options."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0]


_encoder = msgspec.json.Encoder(enc_hook=_content)
