"""The SDK and the runtime on trial together: installed as a user installs them, and asked for one turn."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from .cleanroom import CleanRoom, clean_room
from .errors import CheckFailed
from .loopback_model import loopback_model
from .reporting import Reporter
from .sdk_stage import PROJECT
from .versions import RuntimeVersion

ANSWER = "one turn, from end to end"

# What a user would write. The sources are not there: it can only import what was installed.
_PROGRAM = """\
import json
import codex_app_server, codex_cli_bin

with codex_app_server.Codex() as codex:
    result = codex.thread_start().run("Say it.")
    told = {
        "modules": [codex_app_server.__file__, codex_cli_bin.__file__],
        "sdk": codex_app_server.__version__,
        "runtime": codex.metadata.version,
        "status": result.status,
        "answer": result.final_response,
    }
print(json.dumps(told))
"""


class TurnTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What ran together, by name and digest, and what came of it, per command as a user would type it."""

    sdk: str
    sdk_sha256: str
    wheel: str
    wheel_sha256: str
    printed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file of the directory that is installed from."""

    name: str
    sha256: str


def try_turn(
    sdk: Distribution,
    wheel: Distribution,
    *,
    directory: Path,
    wheelhouse: Path,
    sdk_version: str,
    runtime_version: RuntimeVersion,
    reporter: Reporter,
) -> TurnTrial:
    """Install the SDK from `directory`, which gives it its runtime, and run a turn on a model on loopback.

    Args:
        sdk: the SDK's wheel, which pip is to choose.
        wheel: the runtime's wheel, which the SDK's pin is to lead to.
        directory: where both lie.
        wheelhouse: where everything else lies that the SDK needs.
        sdk_version: of the SDK.
        runtime_version: of the runtime.
        reporter: sees that it takes a while.

    Raises:
        CheckFailed: it cannot be installed, or the turn is not what it should be.
    """
    with clean_room() as room, reporter.task(f"run a turn of {sdk.name}"):
        links = ["--find-links", str(directory), "--find-links", str(wheelhouse)]
        _require_chosen({sdk.name, wheel.name}, _installed(room, *links, f"{PROJECT}=={sdk_version}"))
        told = run_turn(room)
    expected = {"sdk": sdk_version, "runtime": runtime_version.upstream, "status": "completed", "answer": ANSWER}
    for key, value in expected.items():
        if told[key] != value:
            raise CheckFailed(f"{sdk.name}: the turn's {key} is {told[key]!r}, not {value!r}")
    if outside := [module for module in told["modules"] if not Path(module).is_relative_to(room.directory)]:
        raise CheckFailed(f"{sdk.name}: not the installed modules ran, but {', '.join(outside)}")
    printed = {f"pip install --no-index --find-links dist {PROJECT}": wheel.name, "one turn": ANSWER}
    return TurnTrial(sdk=sdk.name, sdk_sha256=sdk.sha256, wheel=wheel.name, wheel_sha256=wheel.sha256, printed=printed)


def _installed(room: CleanRoom, *arguments: str) -> set[str]:
    """The names of the files that pip chose and installed."""
    report = room.directory / "installed.json"
    room.install(*arguments, "--report", str(report))
    chosen = json.loads(report.read_bytes())["install"]
    return {unquote(each["download_info"]["url"].rpartition("/")[2]) for each in chosen}


def _require_chosen(expected: set[str], installed: set[str]) -> None:
    if missing := expected - installed:
        raise CheckFailed(f"pip did not install {', '.join(sorted(missing))}, but {', '.join(sorted(installed))}")


def run_turn(room: CleanRoom) -> dict[str, Any]:
    """Run one turn of the SDK that is installed in the room, on a model of ours; what its program tells of it.

    That is: `modules` (where they were imported from), `sdk` and `runtime` (versions), `status` and `answer`.

    Raises:
        CheckFailed: it does not end well, or asks no model.
    """
    codex_home = room.directory / "codex-home"
    codex_home.mkdir()
    program = room.directory / "turn.py"
    program.write_text(_PROGRAM, encoding="utf-8")
    with loopback_model(ANSWER) as model:
        (codex_home / "config.toml").write_text(model.settings, encoding="utf-8")
        printed = room.run(
            [room.program("python"), str(program)],
            CODEX_HOME=str(codex_home),
            CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG="1",
            NO_PROXY="127.0.0.1",
            no_proxy="127.0.0.1",
        )
        if not model.asked:
            raise CheckFailed("the server ran a turn without asking its model")
    told: dict[str, Any] = json.loads(printed)
    return told
