r"""The Windows x64 wheel under Wine: real Windows files, and CPython's own Windows build to install and start them.

Wine is not Windows: what runs here is known to load and work on its reading of the Windows interfaces. The machine's
directory X is Z:\mnt\x in there.
"""

import json
import shutil
from pathlib import Path

import pytest

from sdk_artifacts.versions import RuntimeVersion
from worlds.environment import install_for
from worlds.rooms import Done, Room

pytestmark = [pytest.mark.all_targets, pytest.mark.wine, pytest.mark.timeout(1800)]

PACKAGE = r"Lib\site-packages\codex_cli_bin"


class Installation:
    """A Windows Python, and in it the wheel that its own pip chose among all."""

    def __init__(self, room: Room, python: Path, distributions: Path) -> None:
        self.room = room
        self.binds = {"python": python, "dist": distributions}

    def run(self, program: str, *arguments: str, stdin: str = "") -> Done:
        """Run a program by its path below the Python's directory."""
        command = [rf"Z:\mnt\python\{program}", *arguments]
        return self.room.run(command, binds=self.binds, stdin=stdin, timeout_seconds=280)


@pytest.fixture(scope="module")
def installation(
    windows_room: Room, windows_python_directory: Path, release_dist: Path, spacious: Path
) -> Installation:
    shutil.copytree(windows_python_directory, spacious / "python")
    made = Installation(windows_room, spacious / "python", release_dist)
    options = ["--no-index", "--no-cache-dir", "--no-warn-script-location", "--find-links", r"Z:\mnt\dist"]
    done = made.run("python.exe", "-m", "pip", "install", *options, "codex-cli-bin")
    assert done.returncode == 0, done.stderr
    return made


def test_the_wheels_executables_run_without_any_python(
    windows_room: Room, release_dist: Path, spacious: Path, version: RuntimeVersion
) -> None:
    binds = {"package": install_for("win_amd64", release_dist, spacious / "target")}
    codex = windows_room.run([r"Z:\mnt\package\bin\codex.exe", "--version"], binds=binds)
    assert (codex.returncode, codex.stdout) == (0, f"codex-cli {version.upstream}\n"), codex.stderr
    rg = windows_room.run([r"Z:\mnt\package\codex-path\rg.exe", "--version"], binds=binds)
    assert rg.stdout.startswith("ripgrep "), rg.stderr


def test_pip_on_windows_chooses_the_windows_wheel(installation: Installation) -> None:
    python = installation.binds["python"]
    (metadata,) = python.glob("Lib/site-packages/codex_cli_bin-*.dist-info/WHEEL")
    assert [line for line in metadata.read_text().splitlines() if line.startswith("Tag: ")] == [
        "Tag: py3-none-win_amd64"
    ]


@pytest.mark.parametrize(
    "door", [(r"Scripts\codex.exe",), ("python.exe", "-m", "codex_cli_bin")], ids=["script", "module"]
)
def test_codex_runs_through_both_doors(
    installation: Installation, version: RuntimeVersion, door: tuple[str, ...]
) -> None:
    done = installation.run(*door, "--version")
    assert (done.returncode, done.stdout) == (0, f"codex-cli {version.upstream}\n"), done.stderr


def test_stdin_and_exit_status_are_codexs_own(installation: Installation) -> None:
    login = ["login", "--with-api-key"]  # it takes any key from its stdin, and none for a failure
    statuses = [installation.run(r"Scripts\codex.exe", *login, stdin=key).returncode for key in ("sk-made-up", "")]
    assert statuses == [0, 1]
    assert installation.run(r"Scripts\codex.exe", "--no-such-option").returncode == 2


def test_the_protocol_schema_comes_out(installation: Installation, spacious: Path) -> None:
    out = r"Z:\mnt\python\schema"
    done = installation.run(r"Scripts\codex.exe", "app-server", "generate-json-schema", "--out", out)
    assert done.returncode == 0, done.stderr
    assert any((spacious / "python/schema").glob("*.json"))


def test_the_doctor_finds_nothing_wrong(installation: Installation, version: RuntimeVersion) -> None:
    done = installation.run("python.exe", "-m", "codex_cli_bin", "--doctor", "--deep", "--json")
    report = json.loads(done.stdout)
    assert (report["ok"], report["findings"], report["machine"]) == (True, [], "windows x86_64")
    assert report["executable"] == rf"Z:\mnt\python\{PACKAGE}\bin\codex.exe"
    assert report["version"] == version.pep440


def test_the_doctor_names_a_helper_that_is_gone(installation: Installation) -> None:
    helper = installation.binds["python"] / "Lib/site-packages/codex_cli_bin/bin/codex-code-mode-host.exe"
    away = helper.rename(helper.with_name("away"))
    done = installation.run("python.exe", "-m", "codex_cli_bin", "--doctor", "--json")
    away.rename(helper)
    assert done.returncode == 1
    assert [finding["cause"] for finding in json.loads(done.stdout)["findings"]] == ["helper-missing"]
