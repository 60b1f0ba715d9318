"""Parts: the works of others that payload files are made of, as `platforms/parts.toml` lists them."""

import re
from functools import cache
from pathlib import Path

import msgspec
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from . import paths
from .errors import DataProblem


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One work with a license of its own.

    Attributes:
        license: SPDX expression.
        texts: its license texts, by name under `sdk-python-runtime/licenses/`.
        evidence: patterns of bytes that a file with it holds, the best first; a group is the part's version.
    """

    license: str
    texts: tuple[str, ...]
    evidence: tuple[str, ...] = ()


def load_parts(path: Path | None = None) -> dict[str, Part]:
    """All parts by name.

    Raises:
        DataProblem: names the file and the part that is wrong.
    """
    path = path or paths.PARTS
    try:
        parts = msgspec.toml.decode(path.read_bytes(), type=dict[str, Part])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataProblem(f"{path.name}: {error}", fix="The keys are explained in platforms/README.md.") from None
    return {name: _checked(f"{path.name}: [{name}]", part) for name, part in parts.items()}


@cache
def known_parts() -> dict[str, Part]:
    """The parts of this repository."""
    return load_parts()


def _checked(where: str, part: Part) -> Part:
    expression = " ".join(part.license.split())
    try:
        canonical = canonicalize_license_expression(expression)
    except InvalidLicenseExpression as error:
        raise DataProblem(f"{where}: key `license`: {error}") from None
    if canonical != expression:
        raise DataProblem(f"{where}: key `license`: {expression!r} is spelled {canonical!r}")
    if not part.texts:
        raise DataProblem(f"{where}: key `texts`: at least one text")
    for pattern in part.evidence:
        try:
            groups = re.compile(pattern.encode()).groups
        except re.error as error:
            raise DataProblem(f"{where}: key `evidence`: {pattern!r} is no pattern: {error}") from None
        if groups > 1:
            raise DataProblem(f"{where}: key `evidence`: {pattern!r} has more than one group")
    return msgspec.structs.replace(part, license=expression)
