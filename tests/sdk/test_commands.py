"""The model's command lines: what runs one program and nothing else, held against real shells."""

import shlex
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_app_server._commands import plain_words, program_of

# As the real server shows them, and what would run.
SHOWN = {
    "/bin/bash -lc 'touch a'": ["touch", "a"],
    "/bin/bash -lc cat": ["cat"],
    "/bin/sh -c 'git log -3'": ["git", "log", "-3"],
    "/usr/bin/zsh -lc \"echo 'hi there'\"": ["echo", "hi there"],
    r"""/bin/bash -lc "git commit -m \"it's\""'""" + "'": ["git", "commit", "-m", "it's"],
    """/bin/bash -lc 'grep "a b"  x=y --color=never' """: ["grep", "a b", "x=y", "--color=never"],
    "git status": ["git", "status"],
    "/usr/bin/git 'a'\"b\"c ''": ["/usr/bin/git", "abc", ""],
    "git 'é'": ["git", "é"],
}

SCRIPTS = [
    "git status; rm a",
    "git status & rm a",
    "git status && rm a",
    "git status || rm a",
    "git status | sh",
    "git status > a",
    "git status >> a",
    "git status < a",
    "git status 2>a",
    "git status <(rm a)",
    "git $(rm a)",
    "git `rm a`",
    'git "$(rm a)"',
    'git "`rm a`"',
    "git $HOME",
    'git "$HOME"',
    "git ${HOME}",
    "git $'\\n'",
    "git *",
    "git ?",
    "git [ab]",
    "git {a,b}",
    "git ~",
    "git !!",
    'git "!!"',
    "git # a",
    "git \\a",
    "git 'a",
    'git "a',
    'git "a\\',
    "git 'a'\\''b'",
    "git status\nrm a",
    "git 'a\nb'",
    "git status\rrm a",
    "git\tstatus",
    "git \x1b[2K",
    "git 'a\x00b'",
    "git 'a\u2028b'",
    "git\u00a0status",
    "gіt status",  # noqa: RUF001 - that is the point
    "A=1 git status",
    "A+=1 git status",
    "PATH=/tmp git status",
    "A='x y' git status",
    "(git status)",
    "{ git status; }",
    "git ^a",
    "git =ls",
    "",
    " ",
]


@pytest.mark.parametrize("shown", SHOWN)
def test_one_program_and_its_arguments_are_known(shown):
    assert program_of(shown) == SHOWN[shown]


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_a_shell_may_read_otherwise_is_not_known(script):
    assert plain_words(script) is None
    assert program_of(f"/bin/bash -lc {shlex.quote(script)}") is None


@pytest.mark.parametrize(
    "shown",
    [
        "/tmp/bash -lc 'git status'",
        "./bash -lc 'git status'",
        "bash -lc 'git status'",
        "/bin/../tmp/bash -lc 'git status'",
        "/usr/bin/env bash -lc 'git status'",
        "powershell.exe -Command 'git status'",
    ],
)
def test_a_shell_that_may_be_any_program_is_a_program_like_others(shown):
    assert program_of(shown)[0] not in {"git", "/bin/bash"}


@pytest.mark.parametrize(
    "shown",
    [
        "/bin/bash 'git status'",
        "/bin/bash",
        "/bin/bash -lc",
        "/bin/bash -i 'git status'",
        "/bin/bash -c 'git status' a",
        "/bin/bash -l -c 'git status'",
        "/bin/bash --rcfile x -c 'git status'",
        "/bin/bash -lc \"/bin/bash -lc 'git status'\" x",
    ],
)
def test_a_shell_with_other_arguments_is_not_known(shown):
    assert program_of(shown) is None


def test_a_shell_in_a_shell_is_a_program():
    assert program_of("/bin/bash -lc \"/bin/bash -lc 'git status'\"") == ["/bin/bash", "-lc", "git status"]


@pytest.fixture(scope="module")
def in_shell(tmp_path_factory):
    """Runs a line in a shell, in a directory with files for globs; the arguments that a program named `p` gets."""
    directory = tmp_path_factory.mktemp("shell")
    for name in ("a", "b", "a b"):
        (directory / name).touch()
    program = directory / "p"
    program.write_text('#!/bin/sh\nprintf "%s\\0" p "$@"\n', encoding="utf-8")
    program.chmod(0o755)

    def in_shell(shell, line):
        env = {"PATH": str(directory), "HOME": "/nowhere", "LC_ALL": "C.UTF-8"}
        ran = subprocess.run([shell, "-c", line], cwd=directory, env=env, capture_output=True, check=False, timeout=60)
        return ran.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]

    return in_shell


TRICKY = st.text(st.sampled_from("ab =/-.:'\"\\$`!*?[]{}()<>|&;#~^%@+,\n\té\x7f"), max_size=12)
HARMLESS = st.lists(st.text(st.sampled_from("ab =/-.:'\"\\$`!*?[]{}()<>|&;#~^%@+, é"), max_size=6), max_size=4)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such shell")
@pytest.mark.parametrize("shell", ["sh", "bash"])
@settings(max_examples=150)
@given(line=TRICKY)
def test_a_shell_reads_what_is_known_in_the_same_way(in_shell, shell, line):
    line = f"p {line}"
    words = plain_words(line)
    assert words is None or in_shell(shutil.which(shell), line) == words


@settings(max_examples=150)
@given(arguments=HARMLESS)
def test_what_is_quoted_well_is_known_word_for_word(arguments):
    line = " ".join(["p", *("'" + each.replace("'", "'\"'\"'") + "'" for each in arguments)])
    assert plain_words(line) == ["p", *arguments]


def test_a_long_line_takes_no_long_time():
    assert plain_words("p " + "'a'" * 100_000) == ["p", "a" * 100_000]
    assert plain_words('p "' + "\\" * 100_001) is None
