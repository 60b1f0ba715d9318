"""How a struct is shown that holds what should not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msgspec import Struct


def shown(struct: Struct, *, but: tuple[str, ...]) -> str:
    """The repr of `struct` with all of its fields but those."""
    fields = (f"{name}={getattr(struct, name)!r}" for name in struct.__struct_fields__ if name not in but)
    return f"{type(struct).__name__}({', '.join(fields)})"
