"""`scripts/check_api.py` in small repositories, made for one test each."""

import re
import subprocess
import sys

import pytest

from sdk_artifacts.paths import REPOSITORY

BEFORE = '''
class Codex:
    """A server."""

    def close(self, *, timeout_seconds: float = 1.0) -> None:
        """End it."""
'''
LAZY = """
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._codex import Codex

__all__ = ["Codex"]
"""
GIT = ["git", "-c", "user.name=n", "-c", "user.email=e@example.invalid", "-c", "commit.gpgsign=false"]


@pytest.fixture
def repository(tmp_path):
    """A repository with one commit of a package like ours: lazy names, a private home."""
    package = tmp_path / "sdk-python" / "src" / "codex_app_server"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(LAZY)
    (package / "_codex.py").write_text(BEFORE)
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "first"]):
        subprocess.run([*GIT, *command], cwd=tmp_path, check=True)
    return tmp_path


def tag(repository, name):
    subprocess.run([*GIT, "tag", name], cwd=repository, check=True)


def change(repository, old, new):
    package = repository / "sdk-python" / "src" / "codex_app_server"
    for path in package.iterdir():
        path.write_text(path.read_text().replace(old, new))
    assert subprocess.run([*GIT, "diff", "--quiet"], cwd=repository, check=False).returncode == 1


def check(repository):
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "check_api.py"), str(repository)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_without_a_release_it_says_that_there_is_nothing_to_compare_with(repository):
    tag(repository, "something-else")
    status, told = check(repository)
    assert status == 0
    assert "NOT COMPARED: no tag v* leads to this commit\n" in told


def test_a_shallow_clone_says_that_nothing_was_compared_and_how_to_get_the_tags(repository, tmp_path_factory):
    subprocess.run([*GIT, "commit", "--quiet", "--allow-empty", "-m", "second"], cwd=repository, check=True)
    clone = tmp_path_factory.mktemp("clone")
    subprocess.run([*GIT, "clone", "--quiet", "--depth=1", f"file://{repository}", str(clone)], check=True)
    status, told = check(clone)
    assert status == 0
    assert "git fetch --unshallow --tags" in told


def test_the_same_names_and_more_are_fine(repository):
    tag(repository, "v1.0.0")
    change(repository, "timeout_seconds: float = 1.0", "timeout_seconds: float = 1.0, kindly: bool = True")
    status, told = check(repository)
    assert status == 0, told
    assert "comparing codex_app_server with v1.0.0" in told


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("def close", "def shut", "close"),
        ("*, timeout_seconds: float = 1.0", "", "timeout_seconds"),
        ("Codex", "Other", "Codex"),
    ],
    ids=["method gone", "argument gone", "name gone"],
)
def test_what_breaks_programs_is_named(repository, old, new, word):
    tag(repository, "v1.0.0")
    change(repository, old, new)
    status, told = check(repository)
    assert status == 1, told
    assert word in told
    assert "break programs that work with v1.0.0" in told


def test_ci_has_the_whole_history_for_it():
    [job] = re.findall(r"(?ms)^  check:\n.*?(?=^  \w)", (REPOSITORY / ".github/workflows/ci.yml").read_text())
    assert "fetch-depth: 0" in job
