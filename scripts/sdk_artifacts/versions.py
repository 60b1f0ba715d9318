"""One runtime version in its two spellings: the upstream one (`0.116.0-alpha.1`) and PEP 440's (`0.116.0a1`)."""

import re
from dataclasses import dataclass
from typing import Self

from .errors import UsageProblem

_PHASES = {"alpha": "a", "beta": "b", "rc": "rc"}
_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_RELEASE = rf"(?P<release>{_NUMBER}\.{_NUMBER}\.{_NUMBER})"
_SPELLINGS = (
    re.compile(rf"(?:rust-v)?{_RELEASE}(?:-(?P<phase>alpha|beta|rc)\.(?P<number>{_NUMBER}))?"),
    re.compile(rf"{_RELEASE}(?P<phase>a|b|rc)(?P<number>{_NUMBER})"),
)


@dataclass(frozen=True, slots=True)
class RuntimeVersion:
    """A version of the runtime.

    Attributes:
        upstream: as the runtime and its registry spell it, `0.116.0-alpha.1`.
        pep440: as Python packages spell it, `0.116.0a1`.
    """

    upstream: str
    pep440: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read any of `rust-v0.116.0-alpha.1`, `0.116.0-alpha.1`, `0.116.0a1`.

        Raises:
            UsageProblem: the text is none of these.
        """
        for spelling in _SPELLINGS:
            if match := spelling.fullmatch(text):
                release, phase, number = match["release"], match["phase"], match["number"]
                if phase is None:
                    return cls(release, release)
                short = _PHASES.get(phase, phase)
                long = next(name for name, letter in _PHASES.items() if letter == short)
                return cls(f"{release}-{long}.{number}", f"{release}{short}{number}")
        raise UsageProblem(
            f"{text!r} is not a runtime version",
            fix="Write it like 0.116.0, 0.116.0-alpha.1, rust-v0.116.0-alpha.1 or 0.116.0a1.",
        )

    def __str__(self) -> str:
        return self.pep440
