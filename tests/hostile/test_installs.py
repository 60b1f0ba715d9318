"""Every way to install that pip has, and archives: each runs, or says what has to be elsewhere."""

import shutil
import subprocess
import sys
import zipapp
from collections.abc import Iterator
from pathlib import Path

import pytest

from .places import ANSWERED, TURNS, Installation, pip

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

BASE = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
LIBRARY = f"lib/python3.{sys.version_info.minor}/site-packages"


@pytest.fixture
def room(spacious: Path) -> Iterator[Path]:
    """A directory for one more installation, of 400 MB."""
    directory = spacious / "room"
    directory.mkdir()
    yield directory
    shutil.rmtree(directory)


def runs(installation: Installation, script: Path) -> None:
    assert installation.turns() == ANSWERED
    assert installation.run("-m", "codex_cli_bin", "--doctor", "--deep").returncode == 0
    # The script names its interpreter and finds the package as the installation does.
    done = installation.run(str(script), "--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "codex-cli")


def test_a_virtual_environment_behind_a_link(environment, at_home, tmp_path):
    link = tmp_path / "linked"
    link.symlink_to(environment)
    installation = Installation(link / "bin/python", at_home)
    assert installation.package().is_relative_to(link)
    runs(installation, link / "bin/codex")


def test_an_interpreter_behind_a_link_of_its_own(environment, at_home, tmp_path):
    link = tmp_path / "python"
    link.symlink_to(environment / "bin/python")
    done = Installation(link, at_home).run("-c", "import codex_cli_bin")
    # Python itself looks for its environment beside the link, and there is none: what it says is its own.
    assert done.stderr.strip().endswith("ModuleNotFoundError: No module named 'codex_cli_bin'")


def test_target(room, links, at_home):
    pip(BASE, *links, "--target", room)
    runs(Installation(BASE, {**at_home, "PYTHONPATH": str(room)}), room / "bin/codex")


def test_prefix(room, links, at_home):
    pip(BASE, *links, "--prefix", room, "--ignore-installed")
    runs(Installation(BASE, {**at_home, "PYTHONPATH": str(room / LIBRARY)}), room / "bin/codex")


def test_user_scheme(room, links, at_home):
    pip(BASE, *links, "--user", "--ignore-installed", PYTHONUSERBASE=str(room))
    installation = Installation(BASE, {**at_home, "PYTHONUSERBASE": str(room)})
    runs(installation, room / "bin/codex")
    assert "installed in user site-packages\n" in installation.run("-m", "codex_cli_bin", "--doctor").stdout


@pytest.fixture
def beside(environment, tmp_path):
    """A directory with links to these packages of the installation."""

    def beside(*names: str) -> Path:
        directory = tmp_path / "beside"
        directory.mkdir()
        for name in names:
            (directory / name).symlink_to(environment / LIBRARY / name)
        return directory

    return beside


@pytest.fixture
def archive(environment, room):
    """Makes a zipapp of the program that runs turns and of these packages."""

    def archive(*names: str) -> Path:
        source = room / "application"
        source.mkdir()
        shutil.copy(TURNS, source / "__main__.py")
        for name in names:
            subprocess.run(["cp", "-R", environment / LIBRARY / name, source], check=True)
        zipapp.create_archive(source, room / "application.pyz")
        return room / "application.pyz"

    return archive


def test_the_sdk_runs_out_of_a_zipapp_when_what_is_native_is_beside_it(archive, beside, at_home):
    application = archive("codex_app_server", "typing_extensions.py")
    installation = Installation(BASE, {**at_home, "PYTHONPATH": str(beside("codex_cli_bin", "msgspec"))})
    done = installation.run(str(application))
    assert done.stdout.count('"answer"') == 2, done.stderr


def test_a_runtime_in_a_zipapp_is_told_to_be_left_out(archive, beside, at_home):
    application = archive("codex_app_server", "codex_cli_bin", "typing_extensions.py")
    done = Installation(BASE, {**at_home, "PYTHONPATH": str(beside("msgspec"))}).run(str(application))
    assert done.stdout.count("BinaryNotFoundError") == 2, done.stderr
    assert "inside an archive, and no executable can be run from there; fix: leave the package out" in done.stdout


def test_a_msgspec_in_a_zipapp_is_told_to_be_left_out(archive, at_home):
    application = archive("codex_app_server", "msgspec", "typing_extensions.py")
    done = Installation(BASE, at_home).run(str(application))
    assert done.returncode == 1
    assert done.stderr.strip().endswith("as out of an archive; install it outside: pip install msgspec")
