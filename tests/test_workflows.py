"""The workflows, as far as they can be held to anything unrun: their rules, their commands, their joints."""

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import click
import pytest
from ruamel.yaml import YAML

from sdk_artifacts import cli
from sdk_artifacts.paths import REPOSITORY
from sdk_artifacts.targets import known_targets

dev = SimpleNamespace(**runpy.run_path(str(REPOSITORY / "scripts" / "dev.py")))
GITHUB = REPOSITORY / ".github"
FILES = {path.relative_to(GITHUB).as_posix(): path for path in sorted(GITHUB.rglob("*.yml"))}
WORKFLOWS = {name: YAML(typ="safe").load(path) for name, path in FILES.items() if name.startswith("workflows/")}
JOBS = {(name, key): job for name, workflow in WORKFLOWS.items() for key, job in workflow["jobs"].items()}
CI, RELEASE = WORKFLOWS["workflows/ci.yml"], WORKFLOWS["workflows/release.yml"]
BUDGET_LINES, SHELL_LINES = 150, 3
TOOLKIT = "python scripts/dev.py "


def steps() -> Iterator[tuple[str, dict]]:
    """Every step with the place where it stands."""
    for (name, key), job in JOBS.items():
        yield from ((f"{name}, {key}", step) for step in job.get("steps", []))
    for name in FILES.keys() - WORKFLOWS.keys() - {"dependabot.yml"}:
        yield from ((name, step) for step in YAML(typ="safe").load(FILES[name])["runs"]["steps"])


SHELL = [(place, line.strip()) for place, step in steps() for line in step.get("run", "").splitlines()]
RUNS = [(place, shlex.split(line)[2:]) for place, line in SHELL if line.startswith(TOOLKIT)]
NAMED = sorted({words[1] for _, words in RUNS if words[0] == "toolkit"})


def texts(value: object) -> Iterator[str]:
    """Every string in a document."""
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("name", FILES)
def test_a_file_stays_within_its_budget(name):
    assert len(FILES[name].read_text(encoding="utf-8").splitlines()) <= BUDGET_LINES


def test_a_step_has_at_most_three_lines_of_shell_and_no_expression_in_it():
    for place, step in steps():
        assert len(step.get("run", "").splitlines()) <= SHELL_LINES, place
        assert "${{" not in step.get("run", ""), place


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_do_nothing_and_each_job_says_what_it_may(name):
    assert WORKFLOWS[name]["permissions"] == {}
    assert WORKFLOWS[name]["concurrency"]["group"]
    for key, job in WORKFLOWS[name]["jobs"].items():
        assert "permissions" in job, key
        assert "uses" in job or 0 < job["timeout-minutes"] <= 120, key


def test_a_checkout_keeps_no_credentials():
    checkouts = [(place, step) for place, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    for place, step in checkouts:
        assert step["with"]["persist-credentials"] is False, place


def test_every_action_is_pinned_by_its_digest_with_its_version_beside_and_the_same_everywhere():
    pins = {}
    for name, path in FILES.items():
        for used, note in re.findall(r"uses: (\S+)(?: # (\S+))?", path.read_text(encoding="utf-8")):
            if used.startswith("$/"):
                assert (REPOSITORY / used.removeprefix("$/")).exists(), used
                continue
            action, _, digest = used.partition("@")
            assert re.fullmatch(r"[0-9a-f]{40}", digest), f"{name}: {used}"
            assert re.fullmatch(r"v\d+\.\d+\.\d+", note), f"{name}: {used}"
            assert pins.setdefault(action, (digest, note)) == (digest, note), f"{name}: {used}"
    assert pins


def test_only_a_job_that_runs_nothing_of_ours_and_that_reviewers_let_pass_gets_an_identity():
    holders = {place: job for place, job in JOBS.items() if "id-token" in job["permissions"]}
    assert {place for place, _ in holders} == {"workflows/release.yml"}
    for place, job in holders.items():
        assert job["permissions"] == {"id-token": "write"}, place
        assert job["environment"], place
        assert not any("run" in step for step in job["steps"]), place
        assert job["timeout-minutes"] < 15, "its token lives no longer"


def test_only_the_job_that_proposes_may_write():
    writers = {place for place, job in JOBS.items() for right in job["permissions"].values() if right == "write"}
    publishing = {place for place, job in JOBS.items() if "id-token" in job["permissions"]}
    assert writers - publishing == {("workflows/upstream.yml", "propose")}


def test_one_job_stands_for_all_of_ci():
    everything = CI["jobs"]["required-checks-pass"]
    assert sorted(everything["needs"]) == sorted(CI["jobs"].keys() - {"required-checks-pass"})
    assert everything["if"] == "always()"


@pytest.mark.parametrize(("place", "words"), RUNS)
def test_what_a_step_says_to_the_toolkit_is_understood(place, words):
    task, *arguments = words
    tasks = CI["jobs"]["check"]["strategy"]["matrix"]["task"] if task == "$TASK" else [task]
    assert set(tasks) <= dev.TASKS.keys(), place
    if task in ("toolkit", "release"):
        name, *options = arguments if task == "toolkit" else [task, *arguments]
        options = options[: options.index(">")] if ">" in options else options
        given = [re.sub(r"^\$VERSION$", "1.2.3", word) for word in options]
        cli.commands.commands[name].make_context(name, given, parent=click.Context(cli.commands))


@pytest.mark.parametrize("name", NAMED)
def test_every_command_that_a_step_names_has_help(name):
    command = [sys.executable, "scripts/update_sdk_artifacts.py", name, "--help"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


def test_the_matrices_are_what_the_targets_say(tmp_path):
    outputs = {step["id"]: step["run"] for step in CI["jobs"]["build"]["steps"] if "id" in step}
    matrices = {name: _matrix(run, tmp_path / name) for name, run in outputs.items()}
    assert matrices.keys() == CI["jobs"]["build"]["outputs"].keys()
    targets = known_targets()
    for rows in matrices.values():
        assert all(row["runner"] == targets[row["target"]].runner for row in rows)
    assert {row["target"] for row in matrices["targets"]} == targets.keys()
    assert {targets[row["target"]].os for row in matrices["linux"]} == {"linux"}
    assert {targets[row["target"]].os for row in matrices["others"]} == {"macos", "windows"}
    for row in matrices["linux"]:  # both their containers take this one
        assert targets[row["target"]].wheel("any-libc")
    used = {key for text in texts(WORKFLOWS) for key in re.findall(r"\bmatrix\.(\w+)", text)}
    assert used - {"task"} <= matrices["targets"][0].keys()


def _matrix(run: str, output) -> list[dict]:
    words = shlex.split(run)
    assert words[:3] == [*TOOLKIT.split(), "toolkit"]
    command = [sys.executable, "scripts/update_sdk_artifacts.py", *words[3:]]
    environment = os.environ | {"GITHUB_OUTPUT": str(output)}
    subprocess.run(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, check=True)
    name, _, value = output.read_text(encoding="utf-8").rstrip("\n").partition("=")
    assert name == "matrix"
    return json.loads(value)["include"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_a_job_takes_from_another_is_there(name):
    jobs = WORKFLOWS[name]["jobs"]
    for key, job in jobs.items():
        needed = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
        assert set(needed) <= jobs.keys(), key
        for text in texts(job):
            for other, output in re.findall(r"\bneeds\.([\w-]+)\.outputs\.([\w-]+)", text):
                assert other in needed, f"{key}: {text}"
                given = CI["on"]["workflow_call"] if "uses" in jobs[other] else jobs[other]
                assert output in given["outputs"], f"{key}: {text}"
            for step in re.findall(r"\bsteps\.([\w-]+)\.outputs\.", text):
                assert step in {each.get("id") for each in job["steps"]}, f"{key}: {text}"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_a_job_downloads_another_one_before_it_has_uploaded(name):
    before = CI["jobs"] if name == "workflows/release.yml" else {}
    uploaded = {each for job in (WORKFLOWS[name]["jobs"] | before).values() for each in _artifacts(job, "upload")}
    for key, job in WORKFLOWS[name]["jobs"].items():
        assert set(_artifacts(job, "download")) <= uploaded, key


def _artifacts(job: dict, verb: str) -> list[str]:
    used = [step for step in job.get("steps", []) if step.get("uses", "").startswith(f"actions/{verb}-artifact@")]
    return [step["with"]["name"] for step in used]


def test_nothing_is_built_on_the_way_to_the_index():
    ours = [words for place, words in RUNS if place.startswith("workflows/release.yml")]
    assert {words[1] for words in ours} == {"rehearse", "report", "outbox", "published"}
    assert RELEASE["jobs"]["publish-sdk"]["needs"] == "runtime-is-there"
    assert RELEASE["jobs"]["runtime-is-there"]["needs"] == "publish-runtime"
    assert "rehearse" in RELEASE["jobs"]["publish-runtime"]["needs"]


@pytest.mark.parametrize(
    "command", [words for words in dev.TASKS["lint"] if words[0] == "zizmor" or "check_" in words[1]]
)
def test_the_checkers_find_nothing(command):
    done = subprocess.run(dev.program(command), cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_lint_runs_all_checkers_on_all_files():
    words = [word for command in dev.TASKS["lint"] for word in command]
    assert {"zizmor", "vendor.dependabot", "vendor.github-workflows"} <= set(words)
    assert {f".github/{name}" for name in WORKFLOWS} <= set(words)
