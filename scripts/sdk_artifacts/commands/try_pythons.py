"""`try-pythons`: a staged runtime built, verified and run on each Python of a container, by cibuildwheel."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import tomllib

from .. import paths
from ..errors import CheckFailed, UsageProblem
from ..files import sha256_of
from ..released import intact, load_released
from ..reporting import Reporter
from ..stage import STAGE_FILE

_RUNTIME = "runtime"
_SDK_PLACE = "/project/sdk"  # cibuildwheel copies its working directory to /project
_SDK_HANDSHAKE = "from codex_app_server import Codex; codex = Codex(); print(codex.metadata); codex.close()"


class TriedPythons(msgspec.Struct, frozen=True):
    """The wheel that came out of the container, which every Python there has run."""

    wheel: Path
    sha256: str


def try_pythons(staged: Path, *, builds: str | None, dist: Path | None, out: Path, reporter: Reporter) -> TriedPythons:
    """Run cibuildwheel on a staged runtime as its pyproject.toml configures it; the wheel is left in `out`.

    Args:
        staged: what `stage-runtime` made.
        builds: cibuildwheel's identifiers, as patterns; None for all that the configuration has.
        dist: a release whose SDK is installed beside the runtime and starts its server; its wheel must come out again.
        out: where the wheel goes.
        reporter: sees that it takes a while.

    Raises:
        CheckFailed: the wheel cannot be built, is not what it says, does not run, or is not the release's own.
        UsageProblem: `staged` is no staged runtime.
    """
    if not (staged / STAGE_FILE).is_file():
        raise UsageProblem(f"{staged} is no staged runtime", fix="Make one: update_sdk_artifacts.py stage-runtime DIR")
    with tempfile.TemporaryDirectory(prefix="try-pythons-") as directory, reporter.task("run cibuildwheel"):
        project = Path(directory)  # all of it is copied into the container
        shutil.copytree(staged, project / _RUNTIME)
        more = _with_sdk(dist, project) if dist else {}
        selected = {"CIBW_BUILD": builds} if builds else {}
        made = project / "made"
        _cibuildwheel(project, made, _toolkit() | selected | more)
        wheels = sorted(made.glob("*.whl"))
        if len(wheels) != 1:
            raise CheckFailed(f"cibuildwheel made {len(wheels)} wheels of {staged}, not one")
        out.mkdir(parents=True, exist_ok=True)
        wheel = Path(shutil.move(wheels[0], out / wheels[0].name))
    sha256 = sha256_of(wheel)
    if dist:
        _require_same(wheel.name, sha256, dist)
    return TriedPythons(wheel, sha256)


def _toolkit() -> dict[str, str]:
    """How the configuration's audit command calls this toolkit."""
    door = paths.REPOSITORY / "scripts" / "update_sdk_artifacts.py"
    return {"CODEX_ARTIFACTS_PYTHON": sys.executable, "CODEX_ARTIFACTS_DOOR": str(door)}


def _with_sdk(dist: Path, project: Path) -> dict[str, str]:
    """Put the release's SDK where the container finds it; the settings that have it installed and run."""
    wheels = [file for file in load_released(dist).sdk if file.name.endswith(".whl")]
    (project / "sdk").mkdir()
    for file in wheels:
        shutil.copy(intact(dist, file), project / "sdk")
    configured = tomllib.loads((project / _RUNTIME / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        "CIBW_TEST_REQUIRES": " ".join(f"{_SDK_PLACE}/{file.name}" for file in wheels),
        "CIBW_TEST_COMMAND": f"{configured['tool']['cibuildwheel']['test-command']} && python -c '{_SDK_HANDSHAKE}'",
    }


def _cibuildwheel(project: Path, made: Path, settings: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "cibuildwheel", "--platform", "linux", "--output-dir", str(made), _RUNTIME]
    done = subprocess.run(
        command, cwd=project, env=os.environ | settings, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    )
    if done.returncode:
        raise CheckFailed(f"cibuildwheel ended with exit status {done.returncode}; what it printed says why")


def _require_same(name: str, sha256: str, dist: Path) -> None:
    expected = {file.name: file.sha256 for file in load_released(dist).wheels}.get(name)
    if sha256 != expected:
        raise CheckFailed(f"{name}: the container's SHA-256 is {sha256}, the release's {expected or 'none'}")
