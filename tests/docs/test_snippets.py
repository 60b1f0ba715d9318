"""Every block of the documentation, run as it stands there on the real server."""

import re
import shlex
import subprocess
import sys

import pytest
import tomllib

from docs.conftest import environment
from docs.snippets import snippets
from e2e.sdk.listening import ListeningServer
from sdk_artifacts.paths import REPOSITORY

pytestmark = pytest.mark.timeout(90)

COLUMNS = 79  # more does not fit beside the two columns of the site
LANGUAGES = {"python", "sh"}
PACKAGE = tomllib.loads((REPOSITORY / "sdk-python" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# A block that shows what is logged says so here, with a piece of it.
LOGGED = {"how-to/approvals.md": "without a handler nothing is approved"}


def named(found):
    return [pytest.param(each, id=each.place) for each in found]


@pytest.mark.real
@pytest.mark.parametrize("snippet", named(snippets("python")))
def test_a_program_runs(snippet, run_program):
    logged = run_program(snippet.program, snippet.place)
    allowed = LOGGED.get(snippet.place.partition(":")[0])
    assert [message for message in logged if allowed is None or allowed not in message] == []


@pytest.mark.real
@pytest.mark.parametrize("snippet", named(snippets("sh")))
def test_a_command_line_runs(snippet, machine, runtime, tmp_path):
    for line in filter(None, snippet.text.splitlines()):
        words = shlex.split(line, comments=True)
        match words:
            case ["pip", "install", what]:
                name, _, extras = what.rstrip("]").partition("[")
                assert name == PACKAGE["name"]
                assert set(filter(None, extras.split(","))) <= set(PACKAGE["optional-dependencies"])
            case ["python", "-m", "codex_app_server", *_]:
                command = [sys.executable, *words[1:]]
                done = subprocess.run(
                    command, env=environment(machine), capture_output=True, text=True, timeout=60, check=False
                )
                assert (done.returncode, done.stdout == "") == (0, False), done.stderr
            case ["codex", "app-server", "--listen", url]:
                with ListeningServer(runtime, machine, url.replace("/tmp", str(tmp_path))):
                    pass  # it has been reached
            case _:
                pytest.fail(f"nothing here can run {line!r}")


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Every program as a file, in a directory of its own."""
    directory = tmp_path_factory.mktemp("programs")
    for each in snippets("python"):
        (directory / f"{re.sub(r'[^a-z0-9]', '_', each.place)}.py").write_text(each.program, encoding="utf-8")
    return directory


@pytest.mark.parametrize("command", ["format --check", "check --select F,B,E7,E9"])
def test_programs_are_as_ruff_likes_them(programs, command):
    run_tool("ruff", *command.split(), "--isolated", "--line-length", str(COLUMNS), str(programs))


def test_programs_have_right_types(programs, tmp_path):
    files = [*map(str, programs.iterdir())]
    options = ["--config-file=", "--check-untyped-defs", "--scripts-are-modules", f"--cache-dir={tmp_path}"]
    run_tool("mypy", *options, *files)


def run_tool(*words):
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout


def test_every_block_names_a_language_that_is_held_to_something():
    assert [each.place for each in snippets() if each.language not in LANGUAGES] == []
