"""What a function takes, as a JSON schema for a model, and how a model's arguments become the function's."""

from __future__ import annotations

import inspect
import re
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, defstruct, field

from . import _user_types
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

_REFUSED = {
    inspect.Parameter.VAR_POSITIONAL: "takes any number of values; write a list",
    inspect.Parameter.VAR_KEYWORD: "takes any names; write each one, or a dict",
    inspect.Parameter.POSITIONAL_ONLY: "has no name for callers; remove the '/'",
}
_SECTION = re.compile(r"(?:Args|Arguments|Parameters):\s*\n((?:[ \t]+.*\n?|\s*\n)+)")
_ARGUMENT = re.compile(r"(\w+)(?: \(.*?\))?:\s+(.+)")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes.

    Attributes:
        schema: of its arguments, an object.
        context: the parameter that is no argument of the model's, None when there is none.
    """

    schema: dict[str, Any]
    context: str | None
    _read: Callable[[bytes], Any]

    def arguments(self, content: object) -> dict[str, Any]:
        """The keyword arguments that `content`, decoded JSON, stands for, each in its annotated type.

        Raises:
            ValueError: they do not fit.
        """
        try:
            given = self._read(_user_types.encode(content))
        except _user_types.MISFITS as error:
            raise ValueError(f"wrong arguments: {error}") from error
        return {name: getattr(given, name) for name in given.__struct_fields__ if getattr(given, name) is not UNSET}


def signature_of(function: Callable[..., Any], context: type) -> Signature:
    """What `function` takes; a parameter of the type `context` is not for the model.

    Raises:
        UsageError: a parameter cannot be described; the message names it.
    """
    what = f"tool {getattr(function, '__name__', function)!r}"
    kinds = _annotations(function, what)
    rows: list[Any] = []
    contexts = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in _REFUSED:
            raise UsageError(f"{what}: the parameter {name!r} {_REFUSED[parameter.kind]}")
        if name not in kinds:
            raise UsageError(f"{what}: the parameter {name!r} has no annotation{_advice(name)}")
        if context in (kinds[name], *typing.get_args(kinds[name])):
            contexts.append(name)
            continue
        _user_types.schema_of(kinds[name], f"{what}, parameter {name!r}")
        needed = parameter.default is inspect.Parameter.empty
        rows.append((name, kinds[name]) if needed else (name, kinds[name], field(default_factory=_not_given)))
    taken = defstruct("Arguments", rows, kw_only=True, forbid_unknown_fields=True)
    schema = _user_types.schema_of(taken, what)
    for name, text in _described(inspect.getdoc(function) or "").items():
        if name in schema["properties"]:
            schema["properties"][name].setdefault("description", text)
    return Signature(schema, contexts[0] if contexts else None, _user_types.reader(taken, what))


def summary_of(function: Callable[..., Any]) -> str:
    """The first paragraph of its docstring, as one line; empty when it has none."""
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def _annotations(function: Callable[..., Any], what: str) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise UsageError(f"{what}: {error}; define the types of its parameters at the top of their module") from error
    except TypeError as error:
        raise UsageError(f"{what}: {error}") from error


def _described(docstring: str) -> dict[str, str]:
    """The texts of its `Args:`; a line that is indented more than the first goes on with the one before."""
    section = _SECTION.search(docstring + "\n")
    if section is None:
        return {}
    texts: dict[str, str] = {}
    block = inspect.cleandoc("\n" + section[1])
    for line in re.sub(r"\n[ \t]+", " ", block).splitlines():
        if entry := _ARGUMENT.fullmatch(line.strip()):
            texts[entry[1]] = entry[2].strip()
    return texts


def _advice(name: str) -> str:
    return "; make a tool of the bound method, not of the class's" if name in {"self", "cls"} else ""


def _not_given() -> Any:  # noqa: ANN401 - stands for a value of any type
    return UNSET
