"""The fenced blocks of the documentation, with all that a block continues.

A block begins anew, unless this comment stands above it: `<!-- continues -->`. It then belongs to the block before it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from sdk_artifacts.paths import REPOSITORY

DOCS = REPOSITORY / "docs"
BLOCK = re.compile(
    r"(?m)^(?P<continues><!-- continues -->\n+)?(?P<fence>`{3,})(?P<language>[^\n]*)\n(?P<text>(?s:.*?))^(?P=fence)$"
)
FENCE = re.compile(r"(?m)^\s*`{3,}")


@dataclass(frozen=True, slots=True)
class Snippet:
    """One block.

    Attributes:
        place: page and line, as an editor takes it.
        language: what is written after the fence.
        text: the block itself.
        program: the block after all those that it continues.
    """

    place: str
    language: str
    text: str
    program: str


def pages() -> list[Path]:
    """Every page of the documentation."""
    return sorted(DOCS.rglob("*.md"))


def snippets_of(page: Path) -> list[Snippet]:
    """The blocks of one page, in order."""
    text, found, program = page.read_text(encoding="utf-8"), [], ""
    name = page.relative_to(DOCS).as_posix()
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("fence")) + 2
        if match["language"] == "python":
            program = program + match["text"] if match["continues"] else match["text"]
        found.append(Snippet(f"{name}:{line}", match["language"], match["text"], program))
    assert 2 * len(found) == len(FENCE.findall(text)), f"{name}: a fence is indented, or not closed"
    return found


def snippets(*languages: str) -> list[Snippet]:
    """All blocks in these languages; in all of them when none is named."""
    return [each for page in pages() for each in snippets_of(page) if each.language in languages or not languages]
