"""Output appears whole or not at all, whatever happens in between."""

import os
import signal
import subprocess
import sys

import pytest

from sdk_artifacts import files


def tree(root):
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def old(tmp_path):
    destination = tmp_path / "out"
    destination.mkdir()
    (destination / "file").write_text("old")
    return destination


def test_a_directory_is_replaced_when_the_block_ends(old):
    with files.atomic_directory(old) as new:
        (new / "file").write_text("new")
        assert tree(old) == {"file": "old"}, "until then the old one stays"
    assert tree(old.parent) == {"out/file": "new"}


def test_a_directory_stays_as_it_was_when_the_block_fails(old):
    with pytest.raises(RuntimeError), files.atomic_directory(old) as new:
        (new / "file").write_text("half")
        raise RuntimeError
    assert tree(old.parent) == {"out/file": "old"}


def test_parents_are_made(tmp_path):
    with files.atomic_directory(tmp_path / "a" / "b") as new:
        (new / "file").write_text("new")
    assert tree(tmp_path) == {"a/b/file": "new"}


def test_a_file_is_replaced_or_stays(tmp_path):
    path = tmp_path / "file"
    files.write_text(path, "old\n")
    with pytest.raises(RuntimeError), files.atomic_file(path) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert tree(tmp_path) == {"file": "old\n"}


def test_text_is_written_as_utf_8_with_plain_newlines(tmp_path):
    files.write_text(tmp_path / "file", "ä\n")
    assert (tmp_path / "file").read_bytes() == "ä\n".encode()


KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, sys.argv[2])
from sdk_artifacts import files
destination = pathlib.Path(sys.argv[1])
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
real = pathlib.Path.rename
renames = iter(range(9))
def rename(self, target):
    number = next(renames)
    if sys.argv[3] == f"before rename {number}":
        die()
    return real(self, target)
pathlib.Path.rename = rename
with files.atomic_directory(destination) as new:
    (new / "file").write_text("new")
    if sys.argv[3] == "in the block":
        die()
die()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
@pytest.mark.parametrize(
    ("moment", "content"),
    [("in the block", "old"), ("before rename 0", "old"), ("before rename 1", "old"), ("after", "new")],
)
def test_killed_at_any_moment_the_next_call_finds_one_whole_directory_and_clears_the_rest(old, moment, content):
    from sdk_artifacts import paths

    scripts = str(paths.REPOSITORY / "scripts")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(old), scripts, moment], check=False)
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(RuntimeError), files.atomic_directory(old):
        assert tree(old) == {"file": content}
        raise RuntimeError
    assert tree(old.parent) == {"out/file": content}


def test_output_of_a_process_that_is_alive_is_left_alone(old):
    with files.atomic_file(old / "a") as mine:
        mine.write_text("mine")
        files.write_text(old / "b", "other")
        files._sweep(old / "a")  # noqa: SLF001 - what a second process would do here
        assert mine.exists()
    assert tree(old) == {"file": "old", "a": "mine", "b": "other"}


def leave(killed_in, old, *, named):
    """What a killed process left behind, a directory of that name with something in it."""
    left = old.parent / named
    left.mkdir()
    (left / "file").write_text(killed_in)
    return left


def test_output_of_a_dead_process_that_had_our_number_is_in_nobody_s_way(old):
    leave("dead", old, named=f".out.partial-{os.getpid()}-0123abcd")
    with files.atomic_directory(old) as new:
        (new / "file").write_text("new")
    assert tree(old.parent) == {"out/file": "new"}


def test_an_old_directory_that_a_kill_left_beside_the_new_one_is_in_nobody_s_way(old):
    leave("older", old, named=".out.previous")
    with files.atomic_directory(old) as new:
        (new / "file").write_text("new")
    assert tree(old.parent) == {"out/file": "new"}


def test_a_name_with_the_signs_of_a_pattern_is_taken_as_it_is(tmp_path):
    leave("dead", tmp_path / "wheel [2]", named=f".wheel [2].partial-{os.getpid()}-0123abcd")
    leave("other", tmp_path / "wheel 2", named=f".wheel 2.partial-{os.getpid()}-0123abcd")
    files.write_text(tmp_path / "wheel [2]", "new")
    assert tree(tmp_path) == {"wheel [2]": "new", f".wheel 2.partial-{os.getpid()}-0123abcd/file": "other"}
