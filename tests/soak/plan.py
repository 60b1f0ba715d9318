"""What a soak does next: random, but the same for the same seed. No I/O."""

from dataclasses import dataclass

WORKERS = 2
"""How many run turns on one server at once."""
KILLED_SHARE = 0.3
WEIGHTS = {
    "plain": 5,
    "stream": 2,
    "leave": 1,
    "approve": 2,
    "tool": 2,
    "steer": 1,
    "interrupt": 2,
    "give up": 1,
    "cancel": 2,
}
GIVEN_UP = {"give up", "cancel"}
"""Kinds whose turn may go on for a while: nothing more is asked for in its thread."""
DECISIONS = ("accept", "decline", "defer", "raise")
# Settings of threads that ask before they run something outside of the sandbox.
CAREFUL = {"approval_policy": "on-request", "sandbox": "read-only"}


@dataclass(frozen=True, slots=True)
class Life:
    """The life of one server: how long it works, and whether it is killed then."""

    seconds: float
    killed: bool


def choose_life(random):
    return Life(random.uniform(1.5, 4.0), random.random() < KILLED_SHARE)


def choose_kind(random, *, tasks):
    """The kind of a turn; only tasks can be cancelled."""
    weights = {kind: weight for kind, weight in WEIGHTS.items() if tasks or kind != "cancel"}
    return random.choices(list(weights), list(weights.values()))[0]


def choose_words(random, kind, number):
    """What the user says; `soak/model.py` does what it asks for."""
    match kind:
        case "stream":
            return f"stream {random.choice((10, 300, 2000))} {number}"
        case "interrupt" | "give up" | "steer" | "cancel":
            return f"stall {number}"
        case _:
            return f"{kind} {number}"


def starts_anew(random):
    """Whether the next turn is in a new thread: a long one has much to tell the model each time."""
    return random.random() < 0.3


def moment(random):
    """Seconds: mostly a few milliseconds, now and then many."""
    return random.expovariate(50)
