"""The commands as a person or a CI job meets them: help, streams, exit codes, interruption."""

import json
import os
import signal
import subprocess
import sys
import zipfile

import pytest

from registry_server import hold, metadata_path
from sdk_artifacts import cli, paths
from sdk_artifacts.errors import (
    CheckFailed,
    DataProblem,
    IndexConflict,
    IntegrityFailed,
    NetworkFailed,
    PayloadRefused,
    UsageProblem,
)
from sdk_artifacts.lock import load_lock
from sdk_artifacts.targets import host_target, known_targets

DOOR = paths.REPOSITORY / "scripts" / "update_sdk_artifacts.py"
COMMANDS = sorted(cli.commands.commands)


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, DOOR, *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_command_in_a_whole_line():
    done = run("--help")
    assert done.returncode == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("  ") and line.split()}
    for name in COMMANDS:
        assert lines[name].endswith("."), "a summary that was cut ends in dots"
        assert not lines[name].endswith("...")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_for_itself_and_each_option_and_a_row_in_the_readme(name):
    command = cli.commands.commands[name]
    assert command.help
    for parameter in command.params:
        assert parameter.param_type_name == "argument" or parameter.help, f"{name} {parameter.name}"
    assert f"| `{name}` |" in (paths.REPOSITORY / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [[], ["dance"], ["fetch", "--colour"], ["pin"], ["matrix", "--target", "vax"]])
def test_wrong_usage_ends_with_2_and_says_why_on_stderr(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CheckFailed, 1),
        (UsageProblem, 2),
        (DataProblem, 2),
        (PayloadRefused, 2),
        (NetworkFailed, 3),
        (IntegrityFailed, 4),
        (IndexConflict, 5),
        (KeyboardInterrupt, 130),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(error, code, monkeypatch, capsys):
    def fail(*_, **__):
        raise error("what happened")

    monkeypatch.setattr(cli.ci, "select", fail)
    assert cli.main(["matrix"]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.lstrip().startswith("error: ")


def test_an_error_says_what_to_do_next():
    done = run("matrix", "--target", "vax")
    assert done.stderr.splitlines()[0] == "error: 'vax' is no target"
    assert done.stderr.splitlines()[1].startswith("  fix: Choose from: host, ")


def test_a_failure_of_the_system_is_told_without_a_traceback(tmp_path):
    (tmp_path / "file").touch()
    done = run("build", tmp_path / "file" / "stage", "--out", tmp_path / "dist")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


def test_a_place_that_cannot_be_written_is_told_with_the_next_step(tmp_path):
    (tmp_path / "file").touch()
    done = run("release", "--out", tmp_path / "file" / "dist", "--offline")
    assert done.returncode == 1
    error, fix = done.stderr.splitlines()
    assert str(tmp_path / "file") in error
    assert "see to that file or directory" in fix


def test_names_in_a_hostile_wheel_reach_the_terminal_spelled_out(tmp_path):
    with zipfile.ZipFile(tmp_path / "hostile-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("\x1b]0;owned\x07:x:", "")
    done = run("verify", tmp_path)
    assert "\\x1b]0;owned\\x07:x:" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_matrix_is_one_line_of_json_for_ci_and_a_document_with_json():
    line, document = run("matrix"), run("matrix", "--json")
    assert line.stdout.count("\n") == 1
    assert json.loads(line.stdout) == json.loads(document.stdout)
    rows = json.loads(line.stdout)["include"]
    assert {row["target"]: row["runner"] for row in rows} == {
        triple: target.runner for triple, target in known_targets().items()
    }
    assert {tuple(row["wheels"]) for row in rows} == {
        tuple(wheel.name for wheel in target.wheels) for target in known_targets().values()
    }


def test_json_goes_to_stdout_whole_and_everything_else_to_stderr(tmp_path):
    (tmp_path / "no.whl").write_bytes(b"garbage")
    done = run("verify", tmp_path / "no.whl", "--json")
    assert done.returncode == 1
    (verdict,) = json.loads(done.stdout)
    assert (verdict["name"], verdict["passed"]) == ("no.whl", False)


def test_a_reader_that_hangs_up_gets_no_traceback():
    with subprocess.Popen(
        [sys.executable, DOOR, "matrix", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the streams")
@pytest.mark.parametrize(("arguments", "code"), [(["matrix"], 0), (["matrix", "--target", "vax"], 2)])
def test_no_standard_streams_are_needed(arguments, code):
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, DOOR, *arguments]
    assert subprocess.run(closed, check=False).returncode == code


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_narrow_encoding_gets_escapes(encoding, tmp_path):
    done = run("verify", tmp_path / "日本.whl", PYTHONIOENCODING=encoding)
    told = "\\u65e5\\u672c.whl: FAILED\n  no wheel: it cannot be read: No such file or directory\n"
    assert (done.returncode, done.stdout) == (1, told)
    assert "Traceback" not in done.stderr


def test_without_a_release_nobody_asks_an_index(tmp_path):
    done = run("published", "--dist", tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path / 'release.json'} does not exist" in done.stderr


def test_no_color_and_pipes_give_plain_text(tmp_path):
    done = run("verify", tmp_path, NO_COLOR="1")
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_with_130_and_says_how_to_go_on(number, registry, cache):  # noqa: ARG001 - an empty cache
    locked = load_lock().target(host_target().triple)
    registry.publish(locked.package, locked.package_version, b"archive")
    registry.misbehave(metadata_path(locked.package, locked.package_version), hold(10))
    command = [sys.executable, DOOR, "fetch", "host", "--registry", registry.url]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert registry.held.wait(60)
        process.send_signal(number)
        assert process.wait(60) == 130
        assert "run the same command again" in process.stderr.read()
