"""When to let bytes gather before the next read. The time now is given, never asked for.

A fast stream comes in small pieces, and waking up for each of them, twice, costs far more than reading it. Two reads in
quick succession are therefore followed by a short pause, after which there is a batch. A model's text is too slow to be
held up by that, a flood too fast; and nothing is while an answer is expected. The same pause lets a reader catch up
that has only just fallen behind; one that stays behind is not waited for.
"""

from __future__ import annotations

PAUSE_SECONDS = 0.001
QUICK_SECONDS = 0.003
SMALL_BYTES = 16 * 1024


class Pace:
    """Remembers the last read."""

    def __init__(self) -> None:
        self._last = 0.0

    def pause_seconds(self, size: int, now: float, *, hurried: bool, pressed: bool) -> float:
        """How long to pause after a read; often not at all.

        Args:
            size: how many bytes were read.
            now: when.
            hurried: whether an answer is expected.
            pressed: whether a reader of what came has just fallen behind.
        """
        quick = now - self._last < QUICK_SECONDS
        self._last = now
        return PAUSE_SECONDS if not hurried and (pressed or (quick and size < SMALL_BYTES)) else 0.0
