"""Payloads of 10 MB to 1 GB, made of real code: time and memory to build their wheels."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import material
from benchmarks.measure import Effort, Figure, amount, interleaved, peak_memory, ratio, run
from sdk_artifacts.targets import host_target

SIZES_MB = (10, 30, 100, 300, 1000)
LARGE_MB = 100
MB = 10**6
PROGRAM = '#include <stdio.h>\nint main(void) { return puts("codex-cli 1.2.3") < 0; }\n'


def figures(effort: Effort) -> Iterator[Figure]:
    """CPU against plain hatchling, and the most memory that the build holds."""
    with material.workplace() as work:
        host = host_target()
        real = material.stage(host, work / "real") / "payload" / host.executable
        program = _program(work)
        for size in effort.points(*SIZES_MB):
            executable = _grown(program, real, size * MB)
            run(
                (
                    *material.TOOLKIT,
                    "stage-runtime",
                    work / "stage",
                    executable,
                    "--runtime-version",
                    "1.2.3",
                    "--quiet",
                )
            )
            plain = material.plain_project(work / "stage", work / "plain")
            ours, theirs = interleaved(
                lambda: run(material.build_command(work / "stage", work / "ours")).cpu,
                lambda: run(material.build_command(work / "plain", work / "theirs")).cpu,
                rounds=effort.rounds(3 if size < LARGE_MB else 1),
            )
            what = "CPU to build a wheel by MB of payload"
            yield ratio("growth_payload.cpu", what, "plain hatchling", ours, theirs, at=size)
            held = peak_memory(material.build_command(work / "stage", work / "ours")) / 2**20
            memory = amount(
                "growth_payload.memory", "memory to build a wheel by MB of payload", "PSS", [held], " MiB", at=size
            )
            yield memory
            shutil.rmtree(plain)


def _grown(program: Path, real: Path, size: int) -> Path:
    """An executable of that size: a small one, and behind it the real one's bytes, which no loader looks at."""
    grown = program.with_name("codex")
    shutil.copy(program, grown)
    with real.open("rb") as source, grown.open("ab") as file:
        while (left := size - file.tell()) > 0:
            block = source.read(min(left, 1 << 24))
            file.write(block)
            if not block:
                source.seek(0)
    return grown


def _program(work: Path) -> Path:
    (work / "program.c").write_text(PROGRAM)
    machine = host_target().triple.partition("-")[0]
    options = ("-target", f"{machine}-linux-musl", "-static", "-Os", "-s")
    run((sys.executable, "-m", "ziglang", "cc", *options, "-o", work / "program", work / "program.c"))
    return work / "program"
