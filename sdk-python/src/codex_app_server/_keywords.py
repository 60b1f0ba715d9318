"""Keyword arguments -> the params of a method, with a helpful refusal of a wrong name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._methods import Method

P = TypeVar("P")


def params_of(method: Method[P, Any], keywords: Mapping[str, Any], **required: object) -> P:
    """The params of `method` with these fields.

    Raises:
        TypeError: the method has no such field; the message names the nearest one.
    """
    kind: Any = method.params
    known = kind.__struct_fields__
    for name in keywords:
        if name not in known:
            raise TypeError(f"{method.name} has no {name!r}{_suggestion(name, known)}")
    params: P = kind(**keywords, **required)
    return params


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    nearest = get_close_matches(name, known, n=1, cutoff=0.0)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""
