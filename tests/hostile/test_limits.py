"""Few file descriptors, a disk that fills up under a running server, and a clock that jumps."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from loopback_model import LoopbackModel
from model_replies import Gate, says
from sdk_artifacts.loopback_model import SETTINGS

from .places import ANSWERED, after

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

MANY = """\
from codex_app_server import Codex
for _ in range(20):
    with Codex() as codex:
        assert codex.thread_start().run("Say it.").final_response
"""
ONE = """\
import sys
from codex_app_server import AppServerError, Codex
try:
    with Codex() as codex:
        codex.thread_start().run("Say it.")
except AppServerError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""
FILLING = """\
import contextlib, os, sys
from codex_app_server import AppServerConfig, AppServerError, Codex
config = AppServerConfig(turn_timeout_seconds=60)
with Codex(config) as codex:
    thread = codex.thread_start()
    with contextlib.suppress(OSError), open(os.environ["CODEX_HOME"] + "/full", "wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))
    try:
        print("answered", thread.run("Say it.").final_response.isprintable())
    except AppServerError as error:
        print("refused", type(error).__name__)
"""
JUMPING = """\
import json, time
from codex_app_server import AppServerConfig, Codex, TurnTimeoutError
told = []
with Codex(AppServerConfig(turn_timeout_seconds=60, idle_timeout_seconds=60, request_timeout_seconds=60)) as codex:
    thread = codex.thread_start()
    for _ in range(2):
        before = time.time()
        thread.run("Say it.")
        told.append(round((time.time() - before) / 86400))
    try:
        thread.run("Say it.", turn_timeout_seconds=3)
    except TurnTimeoutError:
        told.append("timed out")
print(json.dumps(told))
"""


def limited(descriptors):
    return ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh"]


def test_64_file_descriptors_are_enough_for_a_turn_with_each_client(installation):
    assert installation.turns(around=limited(64)) == ANSWERED


def test_64_file_descriptors_are_enough_for_any_number_of_clients_in_turn(installation):
    done = installation.run("-c", MANY, around=limited(64))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("descriptors", [8, 10, 12, 16])
def test_too_few_file_descriptors_are_an_error_of_the_sdks(installation, descriptors):
    done = installation.run("-c", ONE, around=limited(descriptors))
    assert done.returncode == 1
    name, _, text = done.stderr.partition(": ")
    assert name in {"UsageError", "ConnectionClosedError"}, done.stderr
    assert "Too many open files" in text or "unable to open database file" in text


@pytest.mark.usefixtures("namespaces")
def test_a_disk_that_fills_up_under_a_running_server_leaves_no_turn_hanging(installation, home, settings):
    small = after(
        f"mount -t tmpfs -o size=16m tmpfs '{home}'",
        f"printf '%s' '{settings}' > '{home}/config.toml'",
    )
    done = installation.run("-c", FILLING, around=small, CODEX_HOME=str(home))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[0] in {"answered", "refused"}


@pytest.fixture
def clock(tmp_path):
    """The variables of a program whose wall clock jumps by the seconds in the file `jump`."""
    source, library = Path(__file__).with_name("jumping_clock.c"), tmp_path / "jumping_clock.so"
    zig = [sys.executable, "-m", "ziglang", "cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source]
    subprocess.run(zig, check=True, env={**os.environ, "ZIG_GLOBAL_CACHE_DIR": str(tmp_path / "zig")})
    return {"LD_PRELOAD": str(library), "JUMP_FILE": str(tmp_path / "jump")}


def test_deadlines_do_not_care_about_a_clock_that_jumps_by_a_year(installation, clock, home):
    forward, back, further_back = Gate(), Gate(), Gate()
    with LoopbackModel() as model, ThreadPoolExecutor() as executor:
        (home / ".codex/config.toml").write_text(SETTINGS.format(url=model.url))
        model.replies(says("one ", forward), says("two ", back), says("three ", further_back))
        running = executor.submit(installation.run, "-c", JUMPING, **clock)
        for gate, days in ((forward, 400), (back, 0), (further_back, -400)):
            gate.wait_until_reached()  # the client waits for the turn's end
            Path(clock["JUMP_FILE"]).write_text(str(days * 86400))
            if gate is not further_back:
                gate.open()
        done = running.result()
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [400, -400, "timed out"]
