"""Which files of a payload a wheel ships, and under which licenses. Pure."""

from collections.abc import Iterable

from ..targets import Target, Wheel


def ships(target: Target, wheel: Wheel, path: str) -> bool:
    """Whether the wheel holds the file at `path` of the payload."""
    return target.component_of(path) in wheel.components


def required(target: Target, wheel: Wheel) -> list[str]:
    """Every path that the wheel cannot do without."""
    return [path for name in wheel.components for path in target.components[name].required]


def license_expression(expressions: Iterable[str]) -> str:
    """One SPDX expression that holds for all of `expressions` together, each operand once."""
    operands = [operand for expression in expressions for operand in _conjuncts(expression)]
    return " AND ".join(dict.fromkeys(operands))


def _conjuncts(expression: str) -> list[str]:
    """What AND joins at the top of `expression`; an OR there makes it one operand, in parentheses."""
    operands, depth = [""], 0
    for word in expression.replace("(", " ( ").replace(")", " ) ").split():
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word == "OR":
            return [f"({expression})"]
        if depth == 0 and word == "AND":
            operands.append("")
        else:
            operands[-1] += f" {word}"
    return [operand.strip().replace("( ", "(").replace(" )", ")") for operand in operands]
