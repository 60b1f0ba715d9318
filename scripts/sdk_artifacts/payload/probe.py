"""What an executable says of itself, where it can be run at all."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import PayloadRefused, UsageProblem
from ..targets import Target, host_target
from ..versions import RuntimeVersion

TIMEOUT_SECONDS = 30

_OUTPUT_SIZE_MAX = 1024
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "QEMU_LD_PREFIX")  # the rest is none of its business


@dataclass(frozen=True, slots=True)
class Answer:
    """The version that `--version` printed, or why it was not asked."""

    version: RuntimeVersion | None
    unasked: str = ""


def ask_version(executable: Path, target: Target) -> Answer:
    """Run `executable --version` with an empty home, on this machine or through the target's emulator.

    Raises:
        PayloadRefused: it runs here and fails, hangs, or prints no version; in an emulator only the last is held
            against it.
    """
    launcher = launcher_of(target)
    if launcher is None:
        needs = f"neither {target.triple} nor has {target.emulator}" if target.emulator else f"not {target.triple}"
        return Answer(None, f"this machine is {needs}")
    try:
        output = _output([*launcher, str(executable), "--version"])
    except OSError as error:
        return Answer(None, f"it cannot be started here: {error.strerror}")
    except PayloadRefused as refused:
        if not launcher:
            raise
        return Answer(None, refused.message)  # as likely the emulator's fault: it may miss the loader or libraries
    try:
        return Answer(RuntimeVersion.parse(output.splitlines()[0].split()[-1]))
    except (IndexError, UsageProblem):
        raise PayloadRefused(f"`{executable.name} --version` prints {output[:200]!r}, no version") from None


def launcher_of(target: Target) -> list[str] | None:
    """What stands in front of the command to run the target's executables here; None when they do not run."""
    try:
        if host_target().triple == target.triple:
            return []
    except UsageProblem:  # this machine is no target at all; an emulator may still be there
        pass
    emulator = shutil.which(target.emulator) if target.emulator else None
    return [emulator] if emulator else None


def _output(command: list[str]) -> str:
    with (
        tempfile.TemporaryDirectory(prefix="codex-probe-") as home,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
    ):
        kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        environment = {**kept, "HOME": home, "USERPROFILE": home, "CODEX_HOME": home}
        try:
            # Into files and not pipes: a child that it leaves behind cannot keep us waiting.
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                cwd=home,
                env=environment,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PayloadRefused(f"`{' '.join(command)}` did not end within {TIMEOUT_SECONDS} s") from None
        if done.returncode:
            said = _text(errors) or _text(output)
            raise PayloadRefused(f"`{' '.join(command)}` ended with exit status {done.returncode}: {said}")
        return _text(output)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(_OUTPUT_SIZE_MAX).decode(errors="replace").strip()
