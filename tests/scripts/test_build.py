"""`build`: several directories at once, each whole or not at all, with a failure that speaks."""

import os
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from sdk_artifacts.commands.build import BuildFailed, build
from sdk_artifacts.errors import UsageProblem
from sdk_artifacts.reporting import Silent

PYPROJECT = """
[build-system]
requires = [{requires}]
build-backend = "backend"
backend-path = ["."]
"""

BACKEND = """
import os, sys, tempfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    print("building in", os.getcwd())
    tempfile.mkstemp()
    {body}
    name = "{name}-1-py3-none-any.whl"
    with open(os.path.join(wheel_directory, name), "w") as file:
        file.write(config_settings["compression"])
    return name
"""


class Recorder(Silent):
    """Keeps the notes."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


@pytest.fixture
def project(tmp_path):
    """Makes a project whose backend runs `body` before it writes a wheel."""

    def make(name, body="pass", requires=""):
        directory = tmp_path / name
        directory.mkdir()
        (directory / "pyproject.toml").write_text(PYPROJECT.format(requires=requires))
        (directory / "backend.py").write_text(BACKEND.format(name=name, body=body))
        return directory

    return make


def test_each_directory_gives_its_wheel_in_order(project, tmp_path):
    built = build([project("b"), project("a")], out=tmp_path / "out", compression="small", reporter=Silent())
    assert [wheel.path for wheel in built] == [tmp_path / "out" / f"{name}-1-py3-none-any.whl" for name in "ba"]
    assert all(wheel.path.read_text() == "small" for wheel in built)
    assert all(wheel.seconds > 0 for wheel in built)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a-1-py3-none-any.whl", "b-1-py3-none-any.whl"}


def test_what_a_backend_needs_for_a_moment_lies_in_the_output_also_where_that_is_named_from_here(
    project, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    inside = f"assert tempfile.gettempdir().startswith({str(tmp_path / 'out')!r}), tempfile.gettempdir()"
    build([project("a", inside)], out=Path("out"), reporter=Silent())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a-1-py3-none-any.whl"]


def test_what_the_backend_says_is_not_heard_when_it_succeeds(project, tmp_path, capfd):
    build([project("a")], out=tmp_path / "out", reporter=Silent())
    assert capfd.readouterr() == ("", "")


def test_a_failure_names_the_directory_and_ends_with_what_the_backend_said_last(project, tmp_path, capfd):
    bad = project("bad", "[print(n, flush=True) for n in range(99)]; sys.exit('the reason')")
    with pytest.raises(BuildFailed) as caught:
        build([bad], out=tmp_path / "out", reporter=Silent())
    assert str(bad) in caught.value.message
    assert caught.value.message.endswith("97\n98\nthe reason")
    assert "\n9\n" not in caught.value.message
    assert capfd.readouterr() == ("", "")


def test_the_others_are_built_when_one_fails_and_every_failure_is_told(project, tmp_path):
    recorder = Recorder()
    directories = [project("bad", "sys.exit('first')"), project("good"), project("worse", "sys.exit('second')")]
    with pytest.raises(BuildFailed, match="first"):
        build(directories, out=tmp_path / "out", jobs=1, reporter=recorder)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good-1-py3-none-any.whl"]
    (note,) = recorder.notes
    assert "worse" in note
    assert "second" in note


def test_a_wheel_that_was_there_stays_when_the_new_one_fails(project, tmp_path):
    directory = project("a")
    (built,) = build([directory], out=tmp_path / "out", reporter=Silent())
    (directory / "backend.py").write_text(BACKEND.format(name="a", body="raise ValueError('broken now')"))
    with pytest.raises(BuildFailed, match="ValueError: broken now"):
        build([directory], out=tmp_path / "out", reporter=Silent())
    assert built.path.read_text() == "fast"


@pytest.mark.parametrize("content", [None, "[build-system]\nrequires = 1\n"])
def test_a_directory_that_is_no_project_is_a_usage_problem(content, tmp_path):
    directory = tmp_path / "nothing"
    directory.mkdir()
    if content:
        (directory / "pyproject.toml").write_text(content)
    with pytest.raises(UsageProblem, match="nothing cannot be built"):
        build([directory], out=tmp_path / "out", reporter=Silent())
    assert not list((tmp_path / "out").iterdir())


def test_two_builds_run_at_once(project, tmp_path):
    # Opening a pipe waits for its other end: one after another the builds would never meet.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    directories = [project(name, f"open({str(pipe)!r}, {mode!r}).close()") for name, mode in (("a", "r"), ("b", "w"))]
    assert len(build(directories, out=tmp_path / "out", jobs=2, reporter=Silent())) == 2


def test_an_interruption_ends_the_backends_and_leaves_nothing(project, tmp_path):
    started = tmp_path / "started"
    os.mkfifo(started)
    body = f"open({str(started)!r}, 'w').write(str(os.getpid())); import signal; signal.pause()"
    directory = project("endless", body)
    interrupted = {}

    def interrupt():
        interrupted["pid"] = int(started.read_text())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        build([directory], out=tmp_path / "out", reporter=Silent())
    thread.join()
    with pytest.raises(ProcessLookupError):
        os.kill(interrupted["pid"], 0)
    assert not list((tmp_path / "out").iterdir())


def test_what_a_killed_build_left_is_cleared_by_the_next(project, tmp_path):
    started, out = tmp_path / "started", tmp_path / "out"
    os.mkfifo(started)
    directory = project("a", f"open({str(started)!r}, 'w').close(); import signal; signal.pause()")
    code = (
        "import sys; from pathlib import Path; from sdk_artifacts.commands.build import build;"
        "from sdk_artifacts.reporting import Silent;"
        "build([Path(sys.argv[1])], out=Path(sys.argv[2]), reporter=Silent())"
    )
    with subprocess.Popen([sys.executable, "-c", code, directory, out], start_new_session=True) as process:
        started.read_bytes()
        os.killpg(process.pid, signal.SIGKILL)
    assert list(out.iterdir())
    (directory / "backend.py").write_text(BACKEND.format(name="a", body="pass"))
    build([directory], out=out, reporter=Silent())
    assert [path.name for path in out.iterdir()] == ["a-1-py3-none-any.whl"]


def test_an_environment_that_lacks_a_requirement_is_replaced_by_an_isolated_one(project, tmp_path, monkeypatch):
    links = tmp_path / "links"
    links.mkdir()
    with zipfile.ZipFile(links / "only_here-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("only_here.py", "")
        wheel.writestr("only_here-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: only-here\nVersion: 1\n")
        wheel.writestr("only_here-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("only_here-1.dist-info/RECORD", "")
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(links)}.items():
        monkeypatch.setenv(name, value)
    (built,) = build([project("a", "import only_here", "'only-here==1'")], out=tmp_path / "out", reporter=Silent())
    assert built.path.name == "a-1-py3-none-any.whl"
    with pytest.raises(BuildFailed, match="No matching distribution found for nowhere==1"):
        build([project("b", requires="'nowhere==1'")], out=tmp_path / "out", reporter=Silent())
