"""The most memory that a command and its children hold together, on the largest real payloads."""

from collections.abc import Iterator

from benchmarks import material
from benchmarks.measure import Effort, Figure, amount, peak_memory

GIB = 2**30


def figures(_effort: Effort) -> Iterator[Figure]:
    """The peak of each heavy command, as a part of 1 GiB."""
    with material.workplace() as work:
        stage, dist = work / "stage", work / "dist"
        commands = {
            "release, all targets": ("release", "--offline", "--out", dist),
            "stage-runtime, largest payload": (
                "stage-runtime",
                stage,
                "--offline",
                "--target",
                "x86_64-pc-windows-msvc",
            ),
            "build, largest payload": ("build", stage, "--out", work / "built"),
            "verify, all wheels": ("verify", dist),
        }
        for what, command in commands.items():
            peak = peak_memory((*material.TOOLKIT, *command, "--quiet")) / GIB
            name = f"memory.{command[0].replace('-', '_')}"
            yield amount(name, f"peak memory of {what}", "PSS of the whole process tree", [peak], " GiB", reach=1.0)
