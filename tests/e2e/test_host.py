"""The wheel of this machine, installed from a directory alone by pip and by uv, on every Python that is here."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sdk_artifacts.versions import RuntimeVersion

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]

VERSIONS = ["3.10", "3.11", "3.12", "3.13"]
INSTALLERS = ["pip", "uv"]
Done = subprocess.CompletedProcess[str]


def find_python(version: str) -> str:
    """An interpreter of this version on PATH or among pyenv's; skips when there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [shutil.which(f"python{version}"), *map(str, pyenv.glob(f"{version}.*/bin/python"))]
    for candidate in filter(None, candidates):
        done = subprocess.run([candidate, "--version"], capture_output=True, encoding="utf-8", check=False)
        if done.stdout.startswith(f"Python {version}."):  # pyenv's stand-in for an absent version says nothing there
            return candidate
    pytest.skip(f"no Python {version} is here: neither python{version} on PATH nor one of pyenv's in {pyenv}")


class Environment:
    """A fresh virtual environment with the wheel in it; `home` is all that its programs can write to."""

    def __init__(self, directory: Path) -> None:
        self.programs = directory / "environment/bin"
        self.home = directory / "home"

    def run(self, program: str, *arguments: str, stdin: str = "") -> Done:
        """Run one of its programs with an empty home and a short environment."""
        variables = {"HOME": str(self.home), "PATH": os.defpath, "LANG": "C.UTF-8"}
        return subprocess.run(
            [self.programs / program, *arguments],
            env=variables,
            cwd=self.home,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module", params=[(v, i) for v in VERSIONS for i in INSTALLERS], ids="-".join)
def environment(request: pytest.FixtureRequest, release_dist: Path) -> Iterator[Environment]:
    version, installer = request.param
    interpreter = find_python(version)
    with tempfile.TemporaryDirectory(prefix="codex-e2e-") as directory:
        made = Environment(Path(directory))
        made.home.mkdir()
        subprocess.run([interpreter, "-m", "venv", "--without-pip", made.programs.parent], check=True)
        from_there = ["--no-index", "--find-links", str(release_dist), "codex-cli-bin"]
        subprocess.run([*install_command(installer, made), *from_there], env=clean_environment(made), check=True)
        yield made


def install_command(installer: str, made: Environment) -> list[str]:
    python = str(made.programs / "python")
    if installer == "pip":
        return [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-cache-dir"]
    uv = [str(Path(sys.executable).with_name("uv")), "--offline", "--cache-dir", str(made.home / "uv-cache")]
    return [*uv, "pip", "install", "--quiet", "--python", python]


def clean_environment(made: Environment) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "PYTHON"))}
    return kept | {"HOME": str(made.home), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_CONFIG": "1"}


@pytest.mark.parametrize("door", [("codex",), ("python", "-m", "codex_cli_bin")], ids=["script", "module"])
def test_codex_runs_through_both_doors(
    environment: Environment, version: RuntimeVersion, door: tuple[str, ...]
) -> None:
    done = environment.run(*door, "--version")
    assert (done.returncode, done.stdout) == (0, f"codex-cli {version.upstream}\n"), done.stderr


def test_the_package_says_the_locked_version(environment: Environment, version: RuntimeVersion) -> None:
    code = "import codex_cli_bin as c, importlib.metadata as m; print(c.RUNTIME_VERSION, m.version(c.PACKAGE_NAME))"
    assert environment.run("python", "-c", code).stdout.split() == [version.pep440, version.pep440]


def test_the_protocol_schema_comes_out(environment: Environment) -> None:
    out = environment.home / "schema"
    done = environment.run("codex", "app-server", "generate-json-schema", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "ClientRequest.json" in {path.name for path in out.iterdir()}


def test_stdin_and_exit_status_are_codexs_own(environment: Environment) -> None:
    login = ["login", "--with-api-key"]  # it takes any key from its stdin, and none for a failure
    assert [environment.run("codex", *login, stdin=key).returncode for key in ("sk-made-up", "")] == [0, 1]
    assert json.loads((environment.home / ".codex/auth.json").read_text())["OPENAI_API_KEY"] == "sk-made-up"
    assert environment.run("codex", "--no-such-option").returncode == 2


def test_the_bundled_rg_runs(environment: Environment) -> None:
    where = environment.run(
        "python", "-c", "import codex_cli_bin; print(codex_cli_bin.bundled_path_dir())"
    ).stdout.strip()
    assert environment.run(f"{where}/rg", "--version").stdout.startswith("ripgrep ")


def test_the_doctor_finds_nothing_wrong(environment: Environment) -> None:
    done = environment.run("python", "-m", "codex_cli_bin", "--doctor", "--json")
    assert json.loads(done.stdout)["findings"] == []
