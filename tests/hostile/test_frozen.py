"""Applications that PyInstaller made with the packages' own hooks: one folder, one file, and one that is stripped."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdk_artifacts.versions import RuntimeVersion

from .places import ANSWER, Installation

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]

PROGRAM = Path(__file__).with_name("frozen_program.py")
README = Path(__file__).parents[2] / "sdk-python-runtime/README.md"
BEFORE_EXE = "pyz = PYZ("


@pytest.fixture(scope="module")
def freeze(environment: Path, spacious: Path):
    """Makes an application; it sees the installed packages, and PyInstaller finds their hooks by itself."""
    [packages] = environment.glob("lib/python3*/site-packages")
    env = {**os.environ, "PYTHONPATH": str(packages), "PYINSTALLER_CONFIG_DIR": str(spacious / "cache")}

    def run(module: str, *arguments: object) -> None:
        command = [sys.executable, "-P", "-m", module, *map(str, arguments)]
        done = subprocess.run(command, cwd=spacious, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4000:]

    return run


@pytest.fixture
def start(at_home, tmp_path):
    """Runs an application and gives what it printed."""

    def start(application: Path) -> dict[str, object]:
        with tempfile.TemporaryDirectory(prefix="codex-frozen-") as unpacked:  # by the one file
            env = {**at_home, "TMPDIR": unpacked, "LD_LIBRARY_PATH": "/of/the/user"}
            done = Installation(application, env).run(cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    return start


@pytest.fixture(scope="module")
def folder(freeze, spacious: Path) -> Path:
    freeze("PyInstaller", "--noconfirm", "--log-level=WARN", "--name=folder", PROGRAM)
    return spacious / "dist/folder/folder"


@pytest.fixture(scope="module")
def one_file(freeze, spacious: Path) -> Iterator[Path]:
    freeze("PyInstaller", "--noconfirm", "--log-level=WARN", "--onefile", "--name=one", PROGRAM)
    return spacious / "dist/one"


@pytest.fixture(scope="module")
def stripped(freeze, spacious: Path) -> Path:
    """What PyInstaller makes of a spec with the README's lines in it, when it is to strip executables."""
    freeze("PyInstaller.utils.cliutils.makespec", "--strip", "--name=stripped", PROGRAM)
    spec = spacious / "stripped.spec"
    lines = [line[4:] for line in README.read_text().splitlines() if line.startswith("    ") and "a.binaries" in line]
    last = next(line[4:] for line in README.read_text().splitlines() if line.startswith("    a.datas += "))
    before, exe, after = spec.read_text().partition(BEFORE_EXE)
    spec.write_text("\n".join([before, *lines, last, exe + after]))
    freeze("PyInstaller", "--noconfirm", "--log-level=WARN", spec)
    return spacious / "dist/stripped/stripped"


@pytest.mark.parametrize("kind", ["folder", "one_file", "stripped"])
def test_a_frozen_application_runs_turns_on_untouched_files(
    kind: str, request: pytest.FixtureRequest, start, version: RuntimeVersion
) -> None:
    told = start(request.getfixturevalue(kind))
    assert told["answer"] == ANSWER
    assert str(told["executable"]).startswith(f"{told['inside']}/codex_cli_bin/")
    assert (told["findings"], told["tools"]) == ([], ["rg"])  # every byte and every execute bit
    assert told["runtime"] == [version.pep440, version.pep440]


@pytest.mark.usefixtures("folder", "stripped")
def test_the_readmes_lines_make_plain_data_of_the_executables(spacious: Path) -> None:
    assert kinds(spacious / "build/folder") == {"BINARY", "DATA"}  # what strip, UPX or a signature would change
    assert kinds(spacious / "build/stripped") == {"DATA"}


def kinds(build: Path) -> set[str]:
    """What PyInstaller took the runtime's files for."""
    collected = (build / "COLLECT-00.toc").read_text()
    return set(re.findall(r"\('codex_cli_bin/[^']+',\s*'[^']+',\s*'(\w+)'\)", collected))


def test_the_server_does_not_inherit_the_applications_libraries(folder: Path, start) -> None:
    told = start(folder)
    assert told["own_library_path"] != "/of/the/user"
    assert told["library_path"] == "/of/the/user"


def test_an_application_without_the_payload_says_how_to_get_it(spacious: Path, at_home, folder: Path) -> None:
    bare = spacious / "bare"
    subprocess.run(["cp", "-al", folder.parent, bare], check=True)
    subprocess.run(["rm", "-r", bare / "_internal/codex_cli_bin"], check=True)
    done = Installation(bare / "folder", at_home).run()
    assert done.returncode == 1
    assert "frozen: the frozen application" in done.stderr
    assert "pyinstaller --collect-data codex_cli_bin" in done.stderr
