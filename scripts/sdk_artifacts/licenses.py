"""The licenses of a set of payload files, and which files look like license texts. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .parts import Part
from .targets import Target

# The build hook of the runtime package has the same pattern; a test holds them equal.
LICENSE_LIKE = re.compile(
    r"(?:.*/)?licen[cs]es?/.*"  # a directory of them
    r"|(?:.*[-_. /])?(?:licen[cs]es?|copying|copyright|notices?|unlicen[cs]e|patents)(?:[-_. ][^/]*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the files of one wheel are licensed under.

    Attributes:
        expression: one SPDX expression for all of them together.
        texts: names under `sdk-python-runtime/licenses/`.
        own_texts: paths of those files that are license texts themselves.
    """

    expression: str
    texts: tuple[str, ...]
    own_texts: tuple[str, ...]


def terms_of(target: Target, files: Iterable[str], parts: Mapping[str, Part]) -> Terms:
    """The terms of the files at these paths of the target's payload."""
    files = sorted(files)
    found = [parts[name] for name in dict.fromkeys(name for path in files for name in target.parts_of(path))]
    return Terms(
        expression=license_expression(part.license for part in found),
        texts=tuple(sorted({text for part in found for text in part.texts})),
        own_texts=tuple(path for path in files if path in target.own_texts),
    )


def unlisted(target: Target, files: Iterable[str]) -> list[str]:
    """The files that look like license texts and that the target's data does not list as such."""
    return sorted(path for path in files if looks_like_license(path) and path not in target.own_texts)


def missing(target: Target, components: Iterable[str], files: Iterable[str]) -> list[str]:
    """The license texts that the components should bring along and that are not among the files."""
    listed = {path for name in components for path in target.components[name].license_files}
    return sorted(listed - {*files})


def looks_like_license(path: str) -> bool:
    """Whether the file at this path has the name of a license text, or lies in a directory of such."""
    return LICENSE_LIKE.fullmatch(path) is not None


def license_expression(expressions: Iterable[str]) -> str:
    """One SPDX expression that holds for all of `expressions` together, each operand once."""
    operands = [operand for expression in expressions for operand in _conjuncts(expression)]
    return " AND ".join(dict.fromkeys(operands))


def _conjuncts(expression: str) -> Iterator[str]:
    """What AND joins at the top of `expression`; an OR there makes it one operand, in parentheses."""
    operands, depth = [""], 0
    for word in expression.replace("(", " ( ").replace(")", " ) ").split():
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth == 0 and word == "OR":
            yield f"({expression})"
            return
        if depth == 0 and word == "AND":
            operands.append("")
        else:
            operands[-1] += f" {word}"
    for operand in operands:
        yield operand.strip().replace("( ", "(").replace(" )", ")")
