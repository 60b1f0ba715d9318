"""How a struct is shown that holds what should not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from msgspec import Struct


def hide(*names: str) -> Any:  # noqa: ANN401 - a method, which no `Callable` is
    """A `__repr__` that shows all fields but those."""

    def shown(self: Struct) -> str:
        fields = (f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name not in names)
        return f"{type(self).__name__}({', '.join(fields)})"

    return shown
