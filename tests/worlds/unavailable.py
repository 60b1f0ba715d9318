"""The one error of this package."""


class Unavailable(Exception):
    """A world cannot be had on this machine.

    Args:
        reason: what is missing here.
        fix: what would make it available, ideally a command.
    """

    def __init__(self, reason: str, *, fix: str) -> None:
        super().__init__(f"{reason.rstrip('.')}. {fix}")
