"""Which turn was begun and what came of it, in bounded memory; for threads and tasks alike."""

import threading
from collections import Counter

KEPT_MISTAKES = 50

# What may come of a turn of each kind; of one whose server is killed a ConnectionClosedError as well.
ALLOWED = {
    "plain": {"completed"},
    "stream": {"completed"},
    "leave": {"completed"},
    "approve": {"completed"},
    "tool": {"completed"},
    "steer": {"completed"},
    "interrupt": {"interrupted", "completed"},
    "give up": {"TurnTimeoutError", "completed"},
    "cancel": {"CancelledError", "completed"},
}
LOST = "ConnectionClosedError"


class Ledger:
    """Counts what was begun and how it ended, and keeps what should not have happened.

    Attributes:
        outcomes: how often, by twin, kind and outcome.
        mistakes: the first of what should not have happened.
        begun: how many turns were.
        ended: how many of them have an outcome.
    """

    def __init__(self):
        self.outcomes = Counter()
        self.mistakes = []
        self.begun = 0
        self.ended = 0
        self.kills = Counter()
        self._lock = threading.Lock()

    def begin(self):
        with self._lock:
            self.begun += 1

    def end(self, twin, kind, outcome, *, doomed):
        """A turn has come to `outcome`; its server may be `doomed` to be killed."""
        allowed = ALLOWED[kind] | ({LOST} if doomed else set())
        with self._lock:
            self.ended += 1
            self.outcomes[twin, kind, outcome if outcome in allowed else "MISTAKE"] += 1
            if outcome not in allowed:
                self.note(f"{twin}: a turn of the kind {kind!r} came to {outcome}")

    def note(self, mistake):
        if len(self.mistakes) < KEPT_MISTAKES:
            self.mistakes.append(mistake)

    def kill(self, twin):
        with self._lock:
            self.kills[twin] += 1


def told(result, words):
    """How a turn ended, when it said what it had to."""
    right = result.final_response is not None and result.final_response.endswith(f"echo: {words}")
    return result.status if right or result.status != "completed" else f"the words {result.final_response!r}"
