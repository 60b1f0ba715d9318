"""What a turn can be given: text, images, skills, mentions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from .errors import UsageError


class TextInput(msgspec.Struct, frozen=True):
    """A text; a plain `str` means the same."""

    text: str


class ImageInput(msgspec.Struct, frozen=True):
    """An image at a URL, which may be a `data:` URL; `detail` is such as "low" or "high"."""

    url: str
    detail: str | None = None


class LocalImageInput(msgspec.Struct, frozen=True):
    """An image in a file; `detail` is such as "low" or "high"."""

    path: str | os.PathLike[str]
    detail: str | None = None


class SkillInput(msgspec.Struct, frozen=True):
    """A skill, by its name and the path of its file."""

    name: str
    path: str | os.PathLike[str]


class MentionInput(msgspec.Struct, frozen=True):
    """A mention of a file, an app or a plugin, by name and path."""

    name: str
    path: str | os.PathLike[str]


InputItem: TypeAlias = str | TextInput | ImageInput | LocalImageInput | SkillInput | MentionInput | Mapping[str, Any]
TurnInput: TypeAlias = InputItem | Sequence[InputItem]


def to_wire(given: TurnInput) -> list[dict[str, Any]]:
    """The input in the wire's form.

    Raises:
        UsageError: it cannot be meant so; the message says what to write instead.
    """
    items = list(given) if isinstance(given, (list, tuple)) else [given]
    if not items:
        raise UsageError("the input is an empty list; give at least one item")
    return [_item(each) for each in items]


def _item(item: object) -> dict[str, Any]:
    match item:
        case str() | TextInput():
            return {"type": "text", "text": item if isinstance(item, str) else item.text}
        case ImageInput():
            return _without_none(type="image", url=_checked_url(item.url), detail=item.detail)
        case LocalImageInput():
            return _without_none(type="localImage", path=_checked_path(item.path), detail=item.detail)
        case SkillInput():
            return {"type": "skill", "name": item.name, "path": os.fspath(item.path)}
        case MentionInput():
            return {"type": "mention", "name": item.name, "path": os.fspath(item.path)}
        case Mapping() if isinstance(item.get("type"), str):
            return dict(item)
    raise UsageError(_advice(item))


def _checked_url(url: str) -> str:
    if ":" not in url:
        raise UsageError(f"ImageInput({url!r}) is no URL; write LocalImageInput({url!r}) for a file")
    return url


def _checked_path(path: str | os.PathLike[str]) -> str:
    text = os.fspath(path)
    if text.startswith(("http:", "https:", "data:")):
        raise UsageError(f"LocalImageInput({text[:80]!r}) is a URL; write ImageInput(...)")
    return os.path.abspath(text)  # noqa: PTH100 - the server may run in another directory; pathlib is not imported for it


def _advice(item: object) -> str:
    match item:
        case Mapping():
            return f"a dict with the keys {sorted(item)} is no input; write {{'type': 'text', 'text': ...}}"
        case os.PathLike():
            return f"a path is no input; write LocalImageInput({os.fspath(item)!r}) for an image"
        case list() | tuple():
            return "the input is a list within a list; write one flat list"
    return f"{type(item).__name__} is no input; write a str, TextInput, ImageInput, ..., or a list of them"


def _without_none(**fields: str | None) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
