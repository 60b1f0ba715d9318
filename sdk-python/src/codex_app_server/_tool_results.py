"""What a tool gave back, or how it failed, in the wire's form."""

from __future__ import annotations

from typing import Any

from . import _user_types
from .inputs import ImageInput, TextInput

_SHOWN_CHARACTERS = 1000


def success(value: object) -> dict[str, Any]:
    """The answer to a call that gave `value`: a text, images, a list of both, or what JSON can say.

    Raises:
        TypeError: it is of a type that has no JSON.
        ValueError: an image is not in the URL itself.
    """
    given: Any = value
    items = given if _is_content(given) else ["" if given is None else given]
    return {"contentItems": [_item(each) for each in items], "success": True}


def failure(error: Exception) -> dict[str, Any]:
    """The answer to a call that failed, for the model to read: what it was, without where."""
    return {"contentItems": [_text(f"{type(error).__name__}: {error}"[:_SHOWN_CHARACTERS])], "success": False}


def _is_content(value: object) -> bool:
    """Whether a list is one of content: a list of mere texts is JSON like any other."""
    return isinstance(value, (list, tuple)) and any(isinstance(each, (TextInput, ImageInput)) for each in value)


def _item(value: object) -> dict[str, Any]:
    match value:
        case ImageInput() if not value.url.startswith("data:"):
            raise ValueError("an image that a tool returns must be a data: URL; the server fetches none")
        case ImageInput():
            return {"type": "inputImage", "imageUrl": value.url}
        case TextInput():
            return _text(value.text)
        case str():
            return _text(value)
    return _text(_user_types.encode(value).decode())


def _text(text: str) -> dict[str, Any]:
    return {"type": "inputText", "text": text}
