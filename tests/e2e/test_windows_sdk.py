r"""The released SDK under Wine: the real codex.exe serves it, in CPython's own Windows build; see `test_windows.py`.

The tests of the SDK are run there as they are, on the installed SDK and not on the sources; the model on loopback is in
there too. X of the machine's directories is Z:\mnt\x.
"""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from e2e.test_sdk_install import PROGRAM, of_others
from e2e.windows_programs import KILLED, PRESSED
from sdk_artifacts.loopback_model import loopback_model
from sdk_artifacts.paths import REPOSITORY
from sdk_artifacts.versions import RuntimeVersion
from worlds.cached import Say
from worlds.others import WINDOWS, wheels_of_others
from worlds.rooms import Done, Room

pytestmark = [pytest.mark.all_targets, pytest.mark.wine, pytest.mark.timeout(1000)]

# What there is of processes, pipes, sockets, paths and signals: the pure modules are the same everywhere.
FAKE = [
    *("test_client.py", "test_client_end.py", "test_codex.py", "test_handlers.py", "test_lifetime.py"),
    *("test_async_client.py", "test_async_client_end.py", "test_async_codex.py", "test_async_handlers.py"),
    *("test_sockets.py", "test_async_sockets.py", "test_reconnect.py", "test_async_reconnect.py", "test_endpoint.py"),
    *("test_launch.py", "test_machine.py", "test_inputs.py", "test_loops.py", "test_stderr.py", "test_waiting.py"),
    *("test_commands.py", "test_doctor.py", "test_lazy_start.py", "test_main.py", "test_pipe.py"),
]
TOOLS = ["hypothesis", "opentelemetry-sdk", "pydantic", "pytest", "pytest-timeout", "rich", "websockets"]
EXECUTABLE = r"Z:\mnt\python\Lib\site-packages\codex_cli_bin\bin\codex.exe"
OWN = {"CODEX_HOME": r"Z:\mnt\home", "CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG": "1"}
REAL = [
    "test_approvals.py::test_a_declined_command_does_not_run_and_the_turn_goes_on",
    "test_approvals.py::test_file_changes_are_declined_one_by_one",
    "test_async_approvals.py::test_a_declined_command_does_not_run_and_the_turn_goes_on",
    "test_async_approvals.py::test_file_changes_are_declined_one_by_one",
    "test_async_turns.py",
    "test_killed.py",
    "test_turns.py",
]


class Installation:
    """A Windows Python, and in it the SDK with the runtime that its own pip chose among all."""

    def __init__(self, room: Room, directory: Path) -> None:
        self.room = room
        self.directory = directory
        self.binds = {"python": directory / "python", "home": directory / "home", "tests": REPOSITORY / "tests"}

    def python(self, *arguments: str, timeout_seconds: float = 280, **binds: Path) -> Done:
        """Run the Python, which reaches servers of this machine's on loopback."""
        command = [r"Z:\mnt\python\python.exe", "-B", *arguments]
        return self.room.run(command, binds=self.binds | binds, timeout_seconds=timeout_seconds, hears_us=True)

    def tests(self, directory: str, *names: str, timeout_seconds: float) -> Done:
        """Run a directory's tests with the project's settings for pytest, but on what is installed."""
        shutil.copy(REPOSITORY / "pyproject.toml", self.directory / "home")
        settings = ["-c", r"Z:\mnt\home\pyproject.toml", "--rootdir", r"Z:\mnt", "-o", "pythonpath=Z:/mnt/tests"]
        place = rf"Z:\mnt\tests\{directory}"
        # The conftests above need the toolkit; the profile "ci" has no deadlines and writes nothing.
        plain = ["-q", "-p", "no:cacheprovider", f"--confcutdir={place}", "--hypothesis-profile=ci"]
        paths = [rf"{place}\{name}" for name in names] or [place]
        read = {name: REPOSITORY / name for name in ("docs", "platforms", "sdk-python")}
        return self.python("-m", "pytest", *settings, *plain, *paths, timeout_seconds=timeout_seconds, **read)


@pytest.fixture(scope="module")
def others(release_dist: Path, say: Say) -> Path:
    return wheels_of_others([*of_others(release_dist), *TOOLS, "colorama"], WINDOWS, say=say)


@pytest.fixture(scope="module")
def installation(
    windows_room: Room, windows_python_directory: Path, release_dist: Path, others: Path, spacious: Path
) -> Installation:
    shutil.copytree(windows_python_directory, spacious / "python")
    (spacious / "home").mkdir()
    # Wine refuses what the server does when it has none: to write to a file that it has locked.
    (spacious / "home/installation_id").write_text("6f1c2f0e-6a0c-4f5e-9a5b-0a2f6c1d9e11")
    room = dataclasses.replace(windows_room, environment={**windows_room.environment, **OWN})
    made = Installation(room, spacious)
    options = ["--no-index", "--no-cache-dir", "--no-compile", "--no-warn-script-location"]
    links = ["--find-links", r"Z:\mnt\dist", "--find-links", r"Z:\mnt\others"]
    wanted = ["codex-app-server-sdk", *TOOLS]
    done = made.python("-m", "pip", "install", *options, *links, *wanted, dist=release_dist, others=others)
    assert done.returncode == 0, done.stderr
    return made


def test_it_brings_its_runtime_and_both_twins_run_a_turn(installation: Installation, version: RuntimeVersion) -> None:
    with loopback_model("hello") as model:
        (installation.directory / "home/config.toml").write_text(model.settings)
        done = installation.python("-c", PROGRAM)
    assert done.returncode == 0, done.stderr
    sdk, *modules, server, answer, asynchronous = json.loads(done.stdout)
    assert all(module.startswith(r"Z:\mnt\python\Lib\site-packages") for module in modules)
    assert (sdk, server, answer, asynchronous) == (version.pep440, version.upstream, "hello", "hello")


def test_it_passes_its_tests_on_the_real_server(installation: Installation) -> None:
    room = installation.room
    installation = Installation(
        dataclasses.replace(room, environment={**room.environment, "CODEX_BIN": EXECUTABLE}), installation.directory
    )
    done = installation.tests(r"e2e\sdk", *REAL, timeout_seconds=900)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    assert "skipped" not in done.stdout.splitlines()[-1]


def test_it_passes_its_tests_on_the_fake_server(installation: Installation) -> None:
    done = installation.tests("sdk", *FAKE, timeout_seconds=900)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]


def test_codex_ends_with_the_python_that_started_it(installation: Installation) -> None:
    done = installation.python("-c", KILLED)
    assert (done.returncode, done.stdout) == (0, "[1, true]\n"), done.stderr


def test_what_ctrl_c_means_is_the_childs_to_say(installation: Installation) -> None:
    done = installation.python("-c", PRESSED)
    assert (done.returncode, done.stdout) == (0, "37\n"), done.stderr
