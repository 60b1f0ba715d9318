"""The end of what a server wrote to stderr, in bounded memory."""

from __future__ import annotations

import re

KEPT_BYTES = 16 * 1024
TOLD_LINES = 20

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Tail:
    """Keeps the newest bytes."""

    def __init__(self) -> None:
        self._bytes = b""

    def add(self, data: bytes) -> None:
        """Take what was read."""
        self._bytes = (self._bytes + data)[-KEPT_BYTES:]

    def __str__(self) -> str:
        """The newest lines, without colours; a line that has lost its beginning is left out."""
        text = self._bytes.decode("utf-8", "replace")
        if len(self._bytes) == KEPT_BYTES:
            text = text.partition("\n")[2] or text
        return "\n".join(_COLOURS.sub("", text).splitlines()[-TOLD_LINES:])
