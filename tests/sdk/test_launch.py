import os
import subprocess
import sys
from pathlib import Path

import pytest

from codex_app_server import AppServerConfig, BinaryNotFoundError, UsageError
from codex_app_server._launch import child_environment, find_candidates, find_launch, render_overrides
from sdk.posix import NOWHERE, WINDOWS

RG = "rg.exe" if WINDOWS else "rg"


@pytest.fixture
def program(tmp_path):
    """Makes an executable file: by default a program for this machine."""

    def make(name="codex", content=None, mode=0o755):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Path(sys.executable).resolve().read_bytes()[:4096] if content is None else content)
        path.chmod(mode)
        return path

    return make


def test_the_given_executable_runs_the_app_server(program):
    path = program()
    launch = find_launch(AppServerConfig(codex_bin=path, cwd=path.parent), {"A": "1"})
    assert launch.argv == (str(path), "app-server")
    assert (launch.origin, launch.cwd, launch.env) == ("codex_bin", str(path.parent), {"A": "1"})


def test_the_environment_names_one_when_no_argument_does(program):
    environ = {"CODEX_BIN": str(program("from-environment"))}
    assert find_launch(AppServerConfig(), environ).origin == "CODEX_BIN"
    assert find_launch(AppServerConfig(codex_bin=program()), environ).origin == "codex_bin"


def test_a_whole_command_line_is_taken_as_it_is():
    launch = find_launch(AppServerConfig(launch_args_override=["x", "y"], codex_bin="/nowhere"), {})
    assert (launch.argv, launch.origin) == (("x", "y"), "launch_args_override")


def test_path_is_never_searched(program):
    path = program()
    candidates = list(find_candidates(AppServerConfig(), {"PATH": str(path.parent)}))
    assert [candidate.origin for candidate in candidates] == ["codex_bin", "CODEX_BIN", "codex-cli-bin"]
    assert str(path) not in [candidate.path for candidate in candidates]


def test_an_explicit_choice_is_never_replaced_by_another(program):
    with pytest.raises(BinaryNotFoundError) as caught:
        find_launch(AppServerConfig(codex_bin="/nowhere/codex"), {"CODEX_BIN": str(program())})
    lines = str(caught.value).splitlines()
    assert lines[0] == "no codex executable can be used:"
    assert lines[1] == f"  codex_bin: {Path(NOWHERE, 'codex')}: it does not exist"
    assert lines[2].endswith(": usable, but an earlier place decides")
    assert lines[3].startswith("  codex-cli-bin")
    assert lines[-1].startswith("fix: `pip install codex-cli-bin`")


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"", 0o755, "it is no program"),
        (b"text", 0o755, "it is no program"),
        (None, 0o644, "it is not executable; `chmod [+]x .*` makes it so"),
        (
            b"\x7fELF\x02\x01" + bytes(12) + b"\x14\x00" + bytes(50),
            0o755,
            "it is a program for ELF machine 20, and this",
        ),
        (b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0\x64\x86", 0o755, "it is a program for Windows, and this is Linux"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the reasons are told for Linux")
def test_a_file_that_cannot_run_is_refused_with_the_reason(program, content, mode, reason):
    with pytest.raises(BinaryNotFoundError, match=reason):
        find_launch(AppServerConfig(codex_bin=program(content=content, mode=mode)), {})


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(BinaryNotFoundError, match="it is no file"):
        find_launch(AppServerConfig(codex_bin=tmp_path), {})


@pytest.mark.parametrize(("executable", "tool"), [("bin/codex", f"codex-path/{RG}"), ("codex", RG)])
def test_the_directory_of_the_tools_comes_first_on_path(program, executable, tool):
    tools = program(tool).parent
    launch = find_launch(AppServerConfig(codex_bin=program(executable)), {"PATH": "/usr/bin"})
    assert launch.env["PATH"] == os.pathsep.join([str(tools), "/usr/bin"])
    assert find_launch(AppServerConfig(codex_bin=program(executable)), {}).env["PATH"] == str(tools)


def test_the_installed_runtime_is_used_and_its_problems_are_told(tmp_path, program):
    package = tmp_path / "site" / "codex_cli_bin"
    package.mkdir(parents=True)
    code = f"""
class RuntimeUnavailable(RuntimeError): pass
def bundled_codex_path(): return {str(program())!r}
def bundled_path_dir(): return "/tools"
"""
    (package / "__init__.py").write_text(code)
    ask = (
        "from codex_app_server import *; from codex_app_server._launch import find_launch\n"
        "launch = find_launch(AppServerConfig(), {'PATH': 'p'})\n"
        "print(launch.origin, launch.argv[0], launch.env['PATH'])"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(package.parent), *filter(None, sys.path)])}
    told = subprocess.run([sys.executable, "-c", ask], env=environ, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["codex-cli-bin", str(program()), f"/tools{os.pathsep}p"]
    (package / "__init__.py").write_text(code + "\ndef bundled_codex_path(): raise RuntimeUnavailable('frozen: why')")
    told = subprocess.run([sys.executable, "-c", ask], env=environ, capture_output=True, text=True, check=False)
    assert "codex-cli-bin: frozen: why" in told.stderr


def test_the_environment_is_changed_variable_by_variable():
    config = AppServerConfig(launch_args_override=["x"], env={"A": "2", "B": None})
    assert find_launch(config, {"A": "1", "B": "1", "C": "1"}).env == {"A": "2", "C": "1"}


@pytest.mark.parametrize("own", [{"LD_LIBRARY_PATH": "/usr/local/lib"}, {}], ids=["some", "none"])
def test_the_libraries_of_a_frozen_application_are_not_the_servers(monkeypatch, own):
    started = {f"{name}_ORIG": value for name, value in own.items()} | {"LD_LIBRARY_PATH": "/tmp/application"}
    assert child_environment(started, {}) == started
    monkeypatch.setattr(sys, "_MEIPASS", "/tmp/application", raising=False)
    assert child_environment(started, {}) == own


def test_overrides_become_config_arguments(program):
    config = AppServerConfig(codex_bin=program(), config_overrides={"model": "m", "a.b": True})
    assert find_launch(config, {}).argv[1:] == ("--config", 'model="m"', "--config", "a.b=true", "app-server")


def test_override_values_are_toml():
    values = {"s": 'a"b\\\n', "i": 1, "f": 0.5, "b": False, "l": ["x", 1], "t": {"k": {"v v": 1}}}
    assert render_overrides(values) == [
        's="a\\"b\\\\\\n"', "i=1", "f=0.5", "b=false", 'l=["x", 1]', 't={"k" = {"v v" = 1}}',
    ]  # fmt: skip
    assert render_overrides(["a=1", "b=x=y"]) == ["a=1", "b=x=y"]


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), 1e300, "\x00\x1f\x7f\u0080", "a\tb"])
def test_a_toml_parser_reads_the_same_value(value):
    tomllib = pytest.importorskip("tomllib", reason="Python has it since 3.11")
    assert tomllib.loads(*render_overrides({"a": value})) == {"a": value}


def test_no_number_is_written_as_toml_has_it():
    assert render_overrides({"a": float("nan")}) == ["a=nan"]


@pytest.mark.parametrize("overrides", [["novalue"], {"a": None}, {"a": object()}, {"a": [None]}, {"a": "\ud800"}])
def test_an_override_that_cannot_be_written_is_refused(overrides):
    with pytest.raises(UsageError, match="config_overrides"):
        render_overrides(overrides)
