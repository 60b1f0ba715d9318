"""`try-pythons` without a container: what cibuildwheel is told, and which Pythons it chooses by that."""

import subprocess
import sys

import pytest
import tomllib

from sdk_artifacts.commands.try_pythons import try_pythons
from sdk_artifacts.errors import CheckFailed, UsageProblem
from sdk_artifacts.paths import RUNTIME_TEMPLATE
from sdk_artifacts.stage import STAGE_FILE
from worlds.pythons import SUPPORTED

PROJECT = tomllib.loads((RUNTIME_TEMPLATE / "pyproject.toml").read_text(encoding="utf-8"))
CONFIGURED = PROJECT["tool"]["cibuildwheel"]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_it_chooses_every_supported_python_on_both_libcs(machine):
    command = [sys.executable, "-m", "cibuildwheel", "--print-build-identifiers", "--platform=linux"]
    options = [f"--archs={machine}", str(RUNTIME_TEMPLATE)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pythons = {f"cp{version.replace('.', '')}" for version in SUPPORTED} | {"cp314"}
    kinds = (f"manylinux_{machine}", f"musllinux_{machine}")
    assert set(done.stdout.split()) == {f"{python}-{kind}" for python in pythons for kind in kinds}


def test_no_file_is_changed_after_the_build_and_the_audit_is_ours():
    assert CONFIGURED["repair-wheel-command"] == ""
    assert CONFIGURED["audit-command"].endswith("verify {wheel}")
    assert CONFIGURED["audit-requires"] == []


def test_a_directory_that_was_not_staged_is_refused(tmp_path, recorder):
    with pytest.raises(UsageProblem, match="no staged runtime"):
        try_pythons(tmp_path, builds=None, dist=None, out=tmp_path / "out", reporter=recorder)


def test_when_cibuildwheel_fails_so_does_it(tmp_path, recorder, monkeypatch, capfd):
    staged = tmp_path / "staged"
    staged.mkdir()
    (staged / STAGE_FILE).write_text("{}")
    (staged / "pyproject.toml").write_text('[tool.cibuildwheel]\nskip-everything = "yes"\n')
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    with pytest.raises(CheckFailed, match="exit status"):
        try_pythons(staged, builds=None, dist=None, out=tmp_path / "out", reporter=recorder)
    assert "skip-everything" in "".join(capfd.readouterr())
    assert not (tmp_path / "out").exists()
