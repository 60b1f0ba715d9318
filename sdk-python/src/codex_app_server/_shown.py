"""How a struct is shown that holds what should not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgspec import Struct


def hide(*names: str) -> tuple[Any, Any]:
    """`__repr__` and `__rich_repr__`, showing all fields but those: rich asks for the second, and Structs have it."""

    def pairs(self: Struct) -> Iterator[tuple[str, object]]:
        return ((name, getattr(self, name)) for name in self.__struct_fields__ if name not in names)

    def shown(self: Struct) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs(self))})"

    return shown, pairs
