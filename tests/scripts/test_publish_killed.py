"""`publish` killed after every single step and run again: the index converges, and is consistent at each moment."""

import itertools
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from index_faults import accepted_and_held
from index_server import Exchange, running_index
from publishing import stub_release
from sdk_artifacts import paths
from sdk_artifacts.publication.state import STATE_NAME

TESTS = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and fork are POSIX's")


@pytest.fixture
def dist(tmp_path):
    return stub_release(tmp_path / "dist")


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        yield running


class Program:
    """The program that publishes in children of its own."""

    def __init__(self, process):
        self._process = process

    def start(self, kill_at=-1):
        self._process.stdin.write(f"{kill_at}\n")

    def ended(self):
        return int(self._process.stdout.readline())

    def publish(self, kill_at=-1):
        """Publish in a child that is killed at a step; gives how it ended."""
        self.start(kill_at)
        return self.ended()

    def kill(self):
        """Kill the child."""
        pid = self._process.pid
        os.kill(int(Path(f"/proc/{pid}/task/{pid}/children").read_text()), signal.SIGKILL)


@contextmanager
def running_program(dist, index):
    command = [sys.executable, TESTS / "publish_program.py", dist, index.url]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(paths.REPOSITORY / "scripts"), str(TESTS)])}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        yield Program(process)
        process.stdin.close()


@pytest.fixture
def publish(dist, index):
    with running_program(dist, index) as program:
        yield program.publish


def begin_anew(dist, index):
    """As if nothing had ever been published."""
    (dist / STATE_NAME).unlink(missing_ok=True)
    index.files.clear()
    index.log.clear()
    index.held.clear()
    index.released.clear()


def is_consistent(dist, index):
    """Whether each file was taken at most once, and the SDK only after every runtime wheel."""
    record = json.loads((dist / "release.json").read_text())
    uploads = index.uploads()
    runtime = {file["name"] for file in record["wheels"]}
    first_sdk = next((place for place, name in enumerate(uploads) if name not in runtime), None)
    return len(set(uploads)) == len(uploads) and (first_sdk is None or set(uploads[:first_sdk]) == runtime)


def is_whole(dist, index):
    record = json.loads((dist / "release.json").read_text())
    digests = {file["name"]: file["sha256"] for file in (*record["wheels"], *record["sdk"])}
    return {name: held.sha256 for name, held in index.files.items()} == digests


def test_killed_at_every_step_and_run_again_it_converges(publish, dist, index):
    for step in itertools.count():
        begin_anew(dist, index)
        ended = publish(step)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert is_consistent(dist, index), step
        assert publish() == 0
        assert is_whole(dist, index), step
        assert is_consistent(dist, index), step
    assert step > 100


def test_killed_again_and_again_it_converges(publish, dist, index):
    for step in itertools.count():
        ended = publish(step)
        assert is_consistent(dist, index), step
        if ended == 0:
            break
    assert step > 20
    assert is_whole(dist, index)


def test_killed_between_the_indexs_taking_a_file_and_its_answer_it_sends_nothing_twice(dist, index):
    for place in range(9):
        begin_anew(dist, index)
        index.misbehave("upload", *[Exchange.honest_upload] * place, accepted_and_held)
        with running_program(dist, index) as program:
            program.start()
            assert index.held.wait(60)
            program.kill()
            assert program.ended() == -signal.SIGKILL
            index.released.set()
            assert program.publish() == 0
        assert is_whole(dist, index)
        assert is_consistent(dist, index)
