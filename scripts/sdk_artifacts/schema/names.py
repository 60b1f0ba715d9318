"""Python names for what the wire calls otherwise. Pure."""

import keyword
import re

_WORD = re.compile(r"OAuth|[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")

# Words that an attribute must not hide: the annotations below it use them.
_TAKEN = {"bool", "dict", "float", "int", "list", "str", "unknown_fields"}


def attribute(wire: str) -> str:
    """`threadId` as an attribute: `thread_id`; a keyword, or a taken word, gets an underscore behind it."""
    name = "_".join(_WORD.findall(wire)).lower()
    return f"{name}_" if keyword.iskeyword(name) or name in _TAKEN else name


def camel(name: str) -> str | None:
    """What msgspec's own renaming makes of an attribute; None where its rule is not obvious."""
    first, *rest = name.split("_")
    return None if name.endswith("_") else first + "".join(map(str.title, rest))


def constant(wire: str) -> str:
    """`thread/start` as a constant: `THREAD_START`."""
    return "_".join(_WORD.findall(wire)).upper()


def class_name(*wires: str) -> str:
    """`mcp_tool` and `HookMetadata` as a class: `McpToolHookMetadata`."""
    return "".join(word[0].upper() + word[1:] for wire in wires for word in _WORD.findall(wire))
