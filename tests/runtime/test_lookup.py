"""Where the executable is, as a program that imports the package sees it."""

import os
import subprocess
import sys

import pytest

from sdk_artifacts.targets import known_targets

from .conftest import install_into
from .stages import PAYLOAD, build_wheel, make_stage


def ask(directory, expression, *flags):
    """The value of an expression over the package installed in `directory`, in a fresh interpreter."""
    code = f"import sys; sys.path.insert(0, {str(directory)!r}); import codex_cli_bin; print({expression})"
    done = subprocess.run([sys.executable, "-I", *flags, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_paths_are_absolute_strings_beside_the_package(pristine):
    package = pristine / "codex_cli_bin"
    assert ask(pristine, "repr(codex_cli_bin.bundled_codex_path())") == repr(str(package / "bin" / "codex"))
    assert ask(pristine, "repr(codex_cli_bin.bundled_package_dir())") == repr(str(package))
    assert ask(pristine, "repr(codex_cli_bin.bundled_path_dir())") == repr(str(package / "codex-path"))


def test_the_names_and_the_version(pristine):
    assert ask(pristine, "codex_cli_bin.PACKAGE_NAME, codex_cli_bin.RUNTIME_VERSION") == "codex-cli-bin 1.2.3"
    assert ask(pristine, "hasattr(codex_cli_bin, 'NO_SUCH_NAME')") == "False"
    assert ask(pristine, "all(hasattr(codex_cli_bin, name) for name in codex_cli_bin.__all__)") == "True"


def test_there_is_no_path_directory_where_none_ships(tmp_path):
    payload = {path: file for path, file in PAYLOAD.items() if not path.startswith("codex-path/")}
    wheel = build_wheel(make_stage(tmp_path / "stage", payload, path_directory=None), tmp_path / "out")
    assert ask(install_into(tmp_path / "installed", wheel), "codex_cli_bin.bundled_path_dir()") == "None"


def test_lookup_imports_nothing_beyond_os(pristine):
    code = (
        "import sys; before = set(sys.modules); import codex_cli_bin; codex_cli_bin.bundled_codex_path();"
        "codex_cli_bin.bundled_path_dir(); print(*(set(sys.modules) - before))"
    )
    environment = {**os.environ, "PYTHONPATH": str(pristine)}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    of_os = {"os", "stat", "_stat", "abc", "_abc", "posixpath", "genericpath", "_collections_abc", "os.path"}
    assert set(done.stdout.split()) - of_os == {"codex_cli_bin"}


def test_lookup_takes_less_than_a_millisecond(pristine):
    seconds = ask(
        pristine,
        "min(__import__('timeit').repeat(codex_cli_bin.bundled_codex_path, number=100, repeat=5)) / 100",
    )
    assert float(seconds) < 0.001


@pytest.mark.parametrize("triple", sorted(known_targets()))
def test_every_target_has_its_executable_where_the_lookup_expects_it(triple, pristine):
    target = known_targets()[triple]
    system = "nt" if target.os == "windows" else "posix"
    code = (
        f"import os; os.name = {system!r}; import sys; sys.path.insert(0, {str(pristine)!r});"
        "import codex_cli_bin; print(codex_cli_bin._EXECUTABLE)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == target.executable
    assert target.path_directory == "codex-path"


def test_an_editable_install_of_the_template_is_quiet_and_says_that_nothing_is_bundled(tmp_path):
    source = tmp_path / "template"
    make_stage(source)
    (source / "stage.json").unlink()
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", environment], check=True)
    python = environment / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", "--no-index", "--no-build-isolation", "--no-deps", "-e", source]
    subprocess.run(install, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[1:])}, check=True)
    code = "import codex_cli_bin; codex_cli_bin.bundled_codex_path()"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    assert "RuntimeUnavailable: nothing-bundled:" in done.stderr
    assert "fix: pip install --force-reinstall --no-deps codex-cli-bin" in done.stderr
    assert str(source / "src" / "codex_cli_bin") in done.stderr
