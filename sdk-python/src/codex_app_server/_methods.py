"""What one method of the wire is: its name and its types; `generated.methods` holds one constant for each."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

P = TypeVar("P")
R = TypeVar("R")


class Names:
    """Gives back each attribute's name: a constant can mention a type that is not built yet."""

    def __getattr__(self, name: str) -> str:
        return name


class _Described(Generic[P]):
    """A method; types that are given by name are looked up, and so built, when they are first read.

    Attributes:
        name: on the wire, such as "thread/start".
        experimental: the server knows it only after the opt-in to its experimental interface.
    """

    __slots__ = ("_params", "experimental", "name")

    def __init__(self, name: str, params: type[P] | str, *, experimental: bool = False) -> None:
        self.name = name
        self.experimental = experimental
        self._params: Any = params

    @property
    def params(self) -> type[P]:
        """The type of the params; NoneType when there are none."""
        if isinstance(self._params, str):
            self._params = _type(self._params)
        params: type[P] = self._params
        return params

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class _Answered(_Described[P], Generic[P, R]):
    __slots__ = ("_result",)

    def __init__(self, name: str, params: type[P] | str, result: type[R] | str, *, experimental: bool = False) -> None:
        super().__init__(name, params, experimental=experimental)
        self._result: Any = result

    @property
    def result(self) -> type[R]:
        """The type of the result."""
        if isinstance(self._result, str):
            self._result = _type(self._result)
        result: type[R] = self._result
        return result


class Method(_Answered[P, R]):
    """A request that the client makes of the server."""

    __slots__ = ()


class ServerRequest(_Answered[P, R]):
    """A request that the server makes of the client."""

    __slots__ = ()


class NotificationMethod(_Described[P]):
    """A notification of either side."""

    __slots__ = ()


def _type(name: str) -> Any:  # noqa: ANN401 - what `typing` makes of a union is no class
    from .generated import v2_all  # noqa: PLC0415 - not before a type is needed

    return getattr(v2_all, name)
