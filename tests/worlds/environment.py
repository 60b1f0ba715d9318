"""A wheel installed by a room's own pip into an environment of its own, and its two doors."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .rooms import Done, Room

HERE = "/mnt/environment"


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment of a Linux room; `directory` is where this machine sees it."""

    room: Room
    directory: Path

    def run(self, program: str, *arguments: str, stdin: str = "", timeout_seconds: float = 120) -> Done:
        """Run a program of the environment."""
        command = [f"{HERE}/bin/{program}", *arguments]
        binds = {"environment": self.directory}
        return self.room.run(command, binds=binds, stdin=stdin, timeout_seconds=timeout_seconds)

    def doctor(self) -> dict[str, Any]:
        """What the package's doctor reports after comparing every byte."""
        report: dict[str, Any] = json.loads(
            self.run("python", "-m", "codex_cli_bin", "--doctor", "--deep", "--json").stdout
        )
        return report

    @property
    def package(self) -> Path:
        """The installed package, as this machine sees it."""
        return next(self.directory.glob("lib/python3*/site-packages/codex_cli_bin"))

    @property
    def platforms(self) -> list[str]:
        """The platform tags of the wheel that was installed."""
        lines = (
            next(self.package.parent.glob("codex_cli_bin-*.dist-info/WHEEL")).read_text(encoding="utf-8").splitlines()
        )
        return sorted(line.rpartition("-")[2] for line in lines if line.startswith("Tag: "))

    def run_file(self, path: str, *arguments: str, stdin: str = "") -> Done:
        """Run an installed file of the payload by itself."""
        inside = self.package.relative_to(self.directory) / path
        return self.room.run([f"{HERE}/{inside}", *arguments], binds={"environment": self.directory}, stdin=stdin)


def install(
    room: Room,
    distributions: Path,
    directory: Path,
    *,
    options: Sequence[str] = (),
    requirement: str = "codex-cli-bin",
    others: Path | None = None,
) -> Environment:
    """Have the room's own pip install `requirement` out of `distributions` and, with `others`, out of that directory.

    pip runs from the wheel that Debian keeps for new environments: installing it first would take longer than the rest.
    """
    binds = {"environment": directory, "dist": distributions, "others": others or distributions}
    made = room.run(["/usr/bin/python3", "-m", "venv", "--without-pip", HERE], binds=binds)
    assert made.returncode == 0, made.stderr
    pip = next((room.root / "usr/share/python-wheels").glob("pip-*.whl")).name
    command = [f"{HERE}/bin/python", f"/usr/share/python-wheels/{pip}/pip", "install", "--no-index", "--no-cache-dir"]
    links = ["--find-links", "/mnt/dist", "--find-links", "/mnt/others"]
    installed = room.run([*command, *links, *options, requirement], binds=binds, timeout_seconds=280)
    assert installed.returncode == 0, installed.stderr
    return Environment(room, directory)


def install_for(platform: str, distributions: Path, target: Path) -> Path:
    """Have this machine's pip install what it would choose on `platform`; the package, below `target`."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--only-binary=:all:"]
    choice = [f"--platform={platform}", f"--target={target}", f"--find-links={distributions}"]
    subprocess.run([*pip, *choice, "codex-cli-bin"], check=True)
    return target / "codex_cli_bin"
