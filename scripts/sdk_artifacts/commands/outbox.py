"""`outbox`: the files that one publishing job uploads, by themselves."""

import shutil
from pathlib import Path

from ..errors import UsageProblem
from ..files import atomic_directory
from ..released import intact, load_released


def outbox(dist: Path, *, target: str | None, out: Path) -> list[Path]:
    """Copy the wheels of a target, or for None the SDK's files, from the release in `dist` into a new directory.

    Raises:
        IntegrityFailed: a file is not the one that the release records.
        UsageProblem: the release has none, or `out` is there already.
    """
    released = load_released(dist)
    files = [file for file in released.wheels if file.target == target] if target else list(released.sdk)
    if not files:
        raise UsageProblem(f"the release in {dist} has no file of {target or 'the SDK'}")
    if out.exists():
        raise UsageProblem(f"{out} exists already", fix="Name a new directory: --out DIR.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_directory(out) as partial:
        for file in files:
            shutil.copyfile(intact(dist, file), partial / file.name)
            intact(partial, file)  # what is uploaded is the copy
    return [out / file.name for file in files]
