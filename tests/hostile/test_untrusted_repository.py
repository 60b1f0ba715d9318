"""Somebody else's directory as the one that a program and its threads work in: what of it is run, and what is not."""

import os
import subprocess

import pytest

from .places import ANSWERED, Installation

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

PROGRAMS = ("codex", "rg", "git", "bwrap", "python3", "bash", "sh")
MODULES = ("sitecustomize", "usercustomize", "json", "asyncio", "msgspec", "codex_cli_bin", "codex_app_server")
SETTINGS = """\
model_provider = "theirs"
notify = ["{trap}", "notify"]

[model_providers.theirs]
name = "theirs"
base_url = "http://127.0.0.1:9/v1"

[mcp_servers.theirs]
command = "{trap}"
args = ["mcp"]
"""


class Repository:
    """Somebody's directory, full of traps; what was sprung is in `log`."""

    def __init__(self, directory, log):
        self.directory, self._log = directory, log
        trap = f"#!/bin/sh\necho \"$0 $*\" >> '{log}'\nexit 1\n"
        for name in (*PROGRAMS, "trap"):
            (directory / name).write_text(trap)
            (directory / name).chmod(0o755)
        for name in MODULES:
            (directory / f"{name}.py").write_text(f"open({str(log)!r}, 'a').write('imported {name}\\n')\n")
        (directory / ".codex").mkdir()
        (directory / ".codex/config.toml").write_text(SETTINGS.format(trap=directory / "trap"))
        (directory / ".env").write_text(f"CODEX_BIN={directory}/trap\n")
        for command in (["init", "-q"], ["config", "core.fsmonitor", str(directory / "trap")]):
            subprocess.run(["git", *command], cwd=directory, check=True, env={"PATH": os.defpath})

    @property
    def sprung(self):
        return self._log.read_text().splitlines() if self._log.exists() else []


@pytest.fixture
def repository(tmp_path):
    directory = tmp_path / "theirs"
    directory.mkdir()
    return Repository(directory, tmp_path / "log")


def in_it(repository, **thread):
    return {"thread": {"cwd": str(repository.directory), **thread}}


def test_nothing_in_it_is_run_or_imported_by_a_program_that_works_there(installation, repository):
    assert installation.turns(in_it(repository), cwd=repository.directory) == ANSWERED
    assert repository.sprung == []


def test_a_path_that_ends_in_nothing_does_not_bring_its_programs(installation, repository):
    assert installation.turns(in_it(repository), cwd=repository.directory, PATH="") == ANSWERED
    done = installation.run("-m", "codex_cli_bin", "--version", cwd=repository.directory.parent, PATH="")
    assert done.returncode == 0
    assert repository.sprung == []


def test_without_a_runtime_path_is_not_searched(installation, repository):
    env = {"PATH": f"{repository.directory}:/usr/bin:/bin"}
    [outcome, _] = installation.turns({"config": {"codex_bin": "codex"}}, **env)
    assert outcome["error"] == "BinaryNotFoundError"
    assert "codex: it does not exist" in outcome["text"]
    assert repository.sprung == []


def test_codex_bin_from_the_environment_is_trusted(installation, repository):
    """Whoever sets a program's environment decides what it runs: nothing to defend."""
    [outcome, _] = installation.turns(CODEX_BIN=str(repository.directory / "trap"))
    assert outcome["error"] == "ConnectionClosedError"
    assert repository.sprung


def test_the_server_starts_its_settings_programs_once_a_thread_may_write_there(installation, repository, home):
    """No promise of ours but a fact of the server's, which SECURITY.md warns of: when this fails, so must that text."""
    installation.turns(in_it(repository, sandbox="workspace-write"))
    assert f"{repository.directory}/trap mcp" in repository.sprung
    assert 'trust_level = "trusted"' in (home / ".codex/config.toml").read_text()


def test_a_directory_that_is_called_untrusted_stays_so(installation, repository, home):
    distrust = {"projects": {str(repository.directory): {"trust_level": "untrusted"}}}
    options = in_it(repository, sandbox="workspace-write") | {"config": {"config_overrides": distrust}}
    assert installation.turns(options) == ANSWERED
    assert repository.sprung == []
    assert "trust_level" not in (home / ".codex/config.toml").read_text()


def test_the_command_line_in_it_needs_pythons_safe_path(installation, repository):
    """`python -m` itself looks into the current directory first; `-P` (Python 3.11), or `-I`, keeps it from that."""
    safe = Installation(installation.python, {**installation.env, "PYTHONSAFEPATH": "1"})
    done = safe.run("-m", "codex_app_server", "doctor", cwd=repository.directory)
    assert done.returncode == 0, done.stderr
    assert repository.sprung == []
