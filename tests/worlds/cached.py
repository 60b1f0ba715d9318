"""What takes long to make is kept in the cache."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from sdk_artifacts.exclusive import exclusive
from sdk_artifacts.files import atomic_directory
from sdk_artifacts.paths import cache_directory

Say = Callable[[str], None]


def made_once(name: str, recipe: object, make: Callable[[Path], None], *, say: Say) -> Path:
    """The directory that `make` filled once, whoever asks at the same time; another `recipe` is another directory."""
    digest = hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]
    place = cache_directory() / "worlds" / f"{name}-{digest}"
    with exclusive(
        place.with_name(f".{name}.lock"), waiting=lambda: say(f"waiting for another process to make {place}")
    ):
        if not place.exists():
            say(f"making the {name} world in {place} (once)")
            with atomic_directory(place) as partial:
                make(partial)
    return place
