"""The wheels of other projects that an installation without an index needs, kept in the cache.

They come from wherever the user's own pip takes them: its configuration and its environment variables decide.
"""

import hashlib
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import Requirement

from .errors import NetworkFailed, UsageProblem
from .exclusive import exclusive
from .files import atomic_directory
from .paths import cache_directory
from .reporting import Reporter
from .sdk_stage import RUNTIME_PROJECT

_TIMEOUT_SECONDS = 300


def wheelhouse(requirements: Sequence[str], *, offline: bool, reporter: Reporter) -> Path:
    """A directory with wheels for this Python of all of `requirements`, and of what those need.

    It is filled once; later calls with the same requirements take what is there.

    Raises:
        UsageProblem: offline, and the cache has none.
        NetworkFailed: pip cannot get them.
    """
    python = f"{sys.version_info.major}.{sys.version_info.minor} {sysconfig.get_platform()}"
    key = hashlib.sha256(repr((sorted(requirements), python)).encode()).hexdigest()[:16]
    directory = cache_directory() / "wheelhouse" / key
    waiting = "another process downloads the SDK's dependencies; waiting for it"
    with exclusive(directory.with_suffix(".lock"), waiting=lambda: reporter.note(waiting)):
        if not directory.is_dir():
            needed = ", ".join(requirements)
            if offline:
                raise UsageProblem(
                    f"the cache has no wheels of the SDK's dependencies ({needed})",
                    fix="Run it once without --offline.",
                )
            with reporter.task("download the SDK's dependencies"), atomic_directory(directory) as partial:
                _download(requirements, partial)
    return directory


def needed_beside_the_runtime(requires: Sequence[str]) -> list[str]:
    """The SDK's other requirements on this machine; those of extras and of other Pythons are not among them."""
    needed = [Requirement(text) for text in requires]
    return [
        str(each)
        for each in needed
        if each.name != RUNTIME_PROJECT and (each.marker is None or each.marker.evaluate({"extra": ""}))
    ]


def _download(requirements: Sequence[str], into: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    try:
        done = subprocess.run(
            [*pip, "--only-binary", ":all:", "--dest", str(into), *requirements],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NetworkFailed(f"pip did not get {', '.join(requirements)} within {_TIMEOUT_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["pip says nothing"]
        raise NetworkFailed(
            f"pip cannot get the SDK's dependencies ({', '.join(requirements)}): {said[-1]}",
            fix="Check pip's settings (`pip config list`) and run it again.",
        )
