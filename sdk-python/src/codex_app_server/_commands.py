"""The command lines of approvals -> the arguments of the one program that would run, when that can be known. Pure.

A command line is the model's, so it is hostile until each character of it is known to mean itself: what is quoted, and
outside of quotes a few. A shell sees anything else (operators, redirections, expansions, globs, escapes, comments,
assignments, line ends) as something to do, and then there is no answer.
"""

from __future__ import annotations

import re
from itertools import product

# A shell that the model chose could be any program; one in a directory of the system's is what it is called.
_DIRECTORIES = ("/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
_SHELLS = frozenset("/".join(path) for path in product(_DIRECTORIES, ("sh", "bash", "dash", "zsh")))
_SCRIPT_FLAGS = (["-c"], ["-lc"])

_PIECE = re.compile(
    r"""
      (?P<blank>\ +)
    | (?P<bare>[A-Za-z0-9_@%+=:,./-]+)
    | '(?P<single>[^']*)'
    | "(?P<double>(?:[^"\\$`!]|\\["\\$`])*)"
    """,
    re.VERBOSE,
)
_ESCAPED = re.compile(r"""\\(["\\$`])""")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")


def program_of(command: str) -> list[str] | None:
    """The arguments of the one program that `command` runs, None when it might do anything else.

    Args:
        command: as the server shows it: a program with its arguments, or a shell whose script is such a one.
    """
    words = plain_words(command)
    if words is None or words[0] not in _SHELLS:
        return words
    *flags, script = words[1:] or [""]
    return plain_words(script) if flags in _SCRIPT_FLAGS else None


def plain_words(line: str) -> list[str] | None:
    """The words of a command line that does nothing but run a program, None for any other line."""
    if not line.isprintable():  # line ends and other controls
        return None
    words: list[str] = []
    inside = False
    position = 0
    while position < len(line):
        piece = _PIECE.match(line, position)
        if piece is None:
            return None
        position = piece.end()
        kind = str(piece.lastgroup)
        if kind == "blank":
            inside = False
            continue
        if kind == "bare" and not inside and _is_more_than_text(piece["bare"], first=not words):
            return None
        text = _ESCAPED.sub(r"\1", piece[kind]) if kind == "double" else piece[kind]
        words[-1:] = [words[-1] + text] if inside else [*words[-1:], text]
        inside = True
    return words or None


def _is_more_than_text(bare: str, *, first: bool) -> bool:
    """Whether a word that begins so sets a variable for the program, or in zsh names the path of a program."""
    return bare.startswith("=") or (first and _ASSIGNMENT.match(bare) is not None)
