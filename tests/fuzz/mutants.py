"""What hypothesis makes of honest bytes and documents: the same with a few things wrong; and small finds, if it can."""

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

Mutants = st.SearchStrategy[bytes]

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
DEPTHS = (500, 1100, 100_000)
_DEEP = "\ue000deep"  # stands for brackets within brackets, which no Python value could be

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["", "t", "h", "i", "x" * 5000, _DEEP, 10**400, "9999-12-31T23:59:59Z", "0" * 64])
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)


@st.composite
def changed_bytes(
    draw: st.DrawFn, seeds: Sequence[bytes], tokens: Sequence[bytes] = (), *, changes_max: int = 5
) -> bytes:
    """One of `seeds` with up to `changes_max` changes; `tokens` are bytes that mean something to the reader."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, changes_max))):
        place = draw(st.integers(0, len(data)))
        size = draw(st.sampled_from([0, 1, 2, 4, 8, 64, 512]))
        data = data[:place] + _replacement(draw, data, place, size, [*seeds, *tokens]) + data[place + size :]
    return data


def _replacement(draw: st.DrawFn, data: bytes, place: int, size: int, others: Sequence[bytes]) -> bytes:
    match draw(st.sampled_from(["cut", "noise", "flip", "number", "repeat", "other"])):
        case "cut":
            return b""
        case "noise":
            return draw(st.binary(max_size=16))
        case "flip":
            mask = draw(st.integers(1, 255))
            return bytes(byte ^ mask for byte in data[place : place + size])
        case "number":
            number = draw(st.sampled_from([*EXTREMES, len(data), place])) % 256 ** (size or 1)
            return number.to_bytes(size or 1, draw(st.sampled_from(["little", "big"])))
        case "repeat":
            return data[place : place + size] * draw(st.sampled_from([2, 3, 200]))
        case _:
            other = draw(st.sampled_from(others))
            start = draw(st.integers(0, len(other)))
            return other[start : start + draw(st.sampled_from([8, 64, 512]))]


@st.composite
def changed_json(draw: st.DrawFn, documents: Sequence[Any], *, changes_max: int = 3) -> bytes:
    """One of `documents` with up to `changes_max` values gone, added or replaced, as JSON text that may be broken."""
    document = copy.deepcopy(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(0, changes_max))):
        document = _changed(draw, document)
    depth = draw(st.sampled_from(DEPTHS))
    text = json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    for spelled in (_DEEP, "\\ue000deep"):
        text = text.replace(f'"{spelled}"'.encode(), b"[" * depth + b"]" * depth)
    return draw(changed_bytes([text], changes_max=2)) if draw(st.integers(0, 9)) == 0 else text


def changed_lines(documents: Sequence[Any], *, lines_max: int = 4) -> Mutants:
    """Several of `changed_json`, a line each."""
    return st.lists(changed_json(documents), max_size=lines_max).map(b"\n".join)


def _changed(draw: st.DrawFn, document: Any) -> Any:
    places = list(_places(document))
    if not places:
        return draw(_VALUES)
    container, key = draw(st.sampled_from(places))
    match draw(st.sampled_from(["value", "value", "gone", "moved", "new"])):
        case "gone":
            del container[key]
        case "moved":
            other, place = draw(st.sampled_from(places))
            container[key] = copy.deepcopy(other[place])
        case "new" if isinstance(container, dict):
            container[draw(st.text(max_size=6))] = draw(_VALUES)
        case _:
            container[key] = draw(_VALUES)
    return document


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value inside, as what holds it and the key or index there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)
