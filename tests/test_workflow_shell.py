"""The little shell that the workflows have, run."""

import json
import os
import shutil
import subprocess

import pytest
from ruamel.yaml import YAML

from sdk_artifacts.paths import REPOSITORY


def shell(workflow, job, starts):
    """The text of the step whose shell begins so, as a runner would hand it to bash."""
    jobs = YAML(typ="safe").load(REPOSITORY / ".github" / "workflows" / workflow)["jobs"]
    (text,) = (step["run"] for step in jobs[job]["steps"] if step.get("run", "").startswith(starts))
    return text


def run(text, directory, **variables):
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", text]
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment = os.environ | quiet | variables
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path):
    """A repository with one file of one line, and a place for a proposal."""
    (tmp_path / "platforms").mkdir()
    (tmp_path / "build").mkdir()
    (tmp_path / ".gitignore").write_text("/build/\n")
    (tmp_path / "platforms" / "runtime.lock").write_text("1.2.3\n")
    identity = "-c user.name=a -c user.email=a@b"
    assert run(f"git init -q . && git add . && git {identity} commit -qm first", tmp_path).returncode == 0
    return tmp_path


def test_what_one_job_changes_another_one_commits(checkout):
    lock = checkout / "platforms" / "runtime.lock"
    lock.write_text("1.2.4\n")
    assert run(shell("upstream.yml", "try", "mkdir"), checkout).returncode == 0
    (checkout / "build" / "proposal" / "pin.patch").rename(checkout / "build" / "pin.patch")
    assert run("git checkout -q -- .", checkout).returncode == 0
    done = run(shell("upstream.yml", "propose", "git switch"), checkout, VERSION="1.2.4")
    assert done.returncode == 0, done.stderr
    assert lock.read_text() == "1.2.4\n"
    logged = run("git log -1 --format='%D %s' && git status --porcelain", checkout)
    assert logged.stdout == "HEAD -> runtime/1.2.4 Pin 1.2.4\n"


@pytest.mark.parametrize("version", ["", "a..b", "x; touch evil", "$(touch evil)"])
def test_what_is_no_version_makes_no_branch_and_runs_nothing(version, checkout):
    (checkout / "build" / "pin.patch").write_text("")
    assert run(shell("upstream.yml", "propose", "git switch"), checkout, VERSION=version).returncode != 0
    assert not (checkout / "evil").exists()


@pytest.mark.parametrize(
    ("results", "passes"),
    [(["success", "success"], True), (["success", "failure"], False), (["skipped"], False), (["cancelled"], False)],
)
def test_the_checks_pass_when_every_job_has_succeeded_and_was_not_skipped(results, passes, tmp_path):
    if not shutil.which("jq"):
        pytest.skip("there is no jq here: apt-get install jq")
    needs = {f"job-{number}": {"result": result, "outputs": {}} for number, result in enumerate(results)}
    done = run(shell("ci.yml", "required-checks-pass", "jq"), tmp_path, NEEDS=json.dumps(needs))
    assert (done.returncode == 0) is passes, done.stderr
