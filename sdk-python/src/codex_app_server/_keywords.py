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
        UsageError: it cannot have such a sandbox.
    """
    kind: Any = method.params
    known = kind.__struct_fields__
    for name in keywords:
        if name not in known:
            raise TypeError(f"{method.name} has no {name!r}{_suggestion(name, known)}")
    params: P = kind(**_in_the_wires_form(keywords), **required)
    return params


def _in_the_wires_form(keywords: Mapping[str, Any]) -> Mapping[str, Any]:
    """Threads take a sandbox as a mode and more settings, turns as a policy."""
    sandbox, policy = keywords.get("sandbox"), keywords.get("sandbox_policy")
    if not (sandbox is None or isinstance(sandbox, str)) or policy is not None:
        from .sandbox import Sandbox  # noqa: PLC0415 - only who has one needs it

        if isinstance(sandbox, Sandbox):
            keywords = {**keywords, **sandbox.start_options(keywords.get("config"))}
        if isinstance(policy, Sandbox):
            keywords = {**keywords, "sandbox_policy": policy.policy}
    return keywords


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    nearest = get_close_matches(name, known, n=1, cutoff=0.0)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""
