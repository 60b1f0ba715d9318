"""The `codex` command and `python -m codex_cli_bin`: the executable takes over the process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

DOORS = ("script", "module")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="on Windows the executable is a child, with other promises")


@pytest.fixture(scope="session", params=["pip", "uv"])
def environment(request, wheel, uv, tmp_path_factory):
    """A fresh virtual environment that pip or uv installed the wheel into."""
    directory = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", directory], check=True)
    python = directory / "bin" / "python"
    installers = {"pip": [python, "-m", "pip", "install", "-q"], "uv": [uv, "pip", "install", "-q", "--python", python]}
    # Without an index, and without their settings: nothing but this wheel is to be installed.
    subprocess.run([*installers[request.param], "--no-index", "--no-deps", wheel], check=True)
    return directory


@pytest.fixture(params=DOORS)
def codex(request, environment):
    """The command that runs the executable."""
    doors = {"script": [environment / "bin/codex"], "module": [environment / "bin/python", "-m", "codex_cli_bin"]}
    return doors[request.param]


def output(codex, *arguments, **options):
    done = subprocess.run([*codex, *arguments], capture_output=True, text=True, check=False, **options)
    assert done.stderr == ""
    return done.stdout


def test_the_executable_answers(codex):
    assert output(codex, "--version") == "codex-cli 1.2.3\n"


def test_arguments_arrive_as_they_were_given(codex):
    assert output(codex, "a b", "", "--doctor", "--", "ü*") == "a b\n\n--doctor\n--\nü*\n"


def test_the_doctor_is_ours_only_as_the_first_argument_of_the_module(environment):
    assert output([environment / "bin/codex"], "--doctor") == "--doctor\n"
    module = [environment / "bin/python", "-m", "codex_cli_bin"]
    assert "ok: nothing wrong was found" in output(module, "--doctor")
    assert output(module, "--", "--doctor") == "--doctor\n"
    assert output(module, "--", "other") == "--\nother\n"


@pytest.mark.parametrize("status", [0, 1, 42, 255])
def test_the_exit_status_is_the_executables(codex, status):
    assert subprocess.run([*codex, "exit", str(status)], check=False).returncode == status


def test_standard_input_passes_through(codex):
    assert output(codex, "cat", input="line\n" * 100_000) == "line\n" * 100_000


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 42), (signal.SIGINT, 43)])
def test_signals_reach_the_executable_because_it_is_the_same_process(codex, number, status):
    with subprocess.Popen([*codex, "wait"], stdout=subprocess.PIPE, text=True) as process:
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(number)
        assert process.wait(timeout=20) == status


def test_no_signal_stays_ignored_that_python_ignores_for_itself(codex):
    mask = int(output(codex, "ignored").split()[1], 16)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        assert not mask >> (number - 1) & 1, number


def test_the_path_directory_comes_first_on_the_executables_path(codex):
    env = {**os.environ, "PATH": "/usr/bin:/bin"}
    first, *rest = output(codex, "path", env=env).strip().split(":")
    assert rest == ["/usr/bin", "/bin"]
    assert first.endswith("/codex_cli_bin/codex-path")
    assert Path(first, "rg").is_file()


@pytest.mark.parametrize("path", [{}, {"PATH": ""}], ids=["missing", "empty"])
def test_without_a_path_the_systems_default_is_behind_ours(codex, path):
    env = {name: value for name, value in os.environ.items() if name != "PATH"} | path
    assert output(codex, "path", env=env).strip().split(":")[1:] == os.defpath.split(":")


def test_the_executable_is_called_by_its_own_path(codex):
    assert output(codex, "self").strip().endswith("/codex_cli_bin/bin/codex")


def test_a_wheel_installs_where_other_people_install_it(wheel, tmp_path):
    target = tmp_path / "target"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", target, wheel]
    subprocess.run(command, check=True)
    env = {**os.environ, "PYTHONPATH": str(target)}
    assert output([target / "bin" / "codex"], "--version", env=env) == "codex-cli 1.2.3\n"
