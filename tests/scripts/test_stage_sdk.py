"""A staged SDK: what it depends on, what it says of itself, and what stops it."""

import json
import shutil
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from sdk_artifacts import paths
from sdk_artifacts.commands.build import BuildFailed, build
from sdk_artifacts.commands.stage_sdk import stage_sdk
from sdk_artifacts.commands.verify import verify
from sdk_artifacts.errors import ToolkitError, UsageProblem
from sdk_artifacts.lock import load_lock
from sdk_artifacts.reporting import Silent
from sdk_artifacts.sdk_stage import TYPES_FILE, VERSION_FILE
from sdk_artifacts.versions import RuntimeVersion
from small_release import sdk_of
from staging import snapshot

ALPHA = RuntimeVersion.parse("1.2.3-alpha.4")
BETA = RuntimeVersion.parse("1.2.3-beta.1")
PIN = "codex-cli-bin==1.2.3a4"
TOOLKIT = [sys.executable, str(paths.REPOSITORY / "scripts" / "update_sdk_artifacts.py")]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The SDK as if its types were made for 1.2.3-alpha.4."""
    return sdk_of(ALPHA.upstream, tmp_path_factory.mktemp("template") / "sdk-python")


@pytest.fixture
def stage(template, tmp_path):
    """Stages into `tmp_path/stage`; gives that directory."""

    def stage(runtime=ALPHA, **given):
        return stage_sdk(tmp_path / "stage", runtime_version=runtime, template=template, **given).directory

    return stage


def wheel_of(stage: Path) -> Path:
    (built,) = build([stage], out=stage.parent / "out", reporter=Silent())
    return built.path


def metadata(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode())


def runtimes(wheel: Path) -> list[str]:
    return [text for text in metadata(wheel).get_all("Requires-Dist") if text.startswith("codex-cli-bin")]


def test_the_wheel_depends_on_exactly_the_runtime_and_has_its_version(stage):
    wheel = wheel_of(stage())
    assert wheel.name == "codex_app_server_sdk-1.2.3a4-py3-none-any.whl"
    assert runtimes(wheel) == [PIN]
    assert any(text.startswith("msgspec") for text in metadata(wheel).get_all("Requires-Dist"))


@pytest.mark.parametrize("written", ["1.2.3.post1", "2.0", "1.2.3-post1"])
def test_the_sdk_may_have_a_version_of_its_own(stage, written):
    wheel = wheel_of(stage(sdk_version=written))
    assert metadata(wheel)["Version"] == {"1.2.3-post1": "1.2.3.post1"}.get(written, written)
    assert runtimes(wheel) == [PIN]


def test_the_command_takes_the_locks_version_when_none_is_given(tmp_path):
    command = [*TOOLKIT, "stage-sdk", tmp_path / "stage", "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    version = load_lock().runtime_version
    stage = json.loads(done.stdout)["stage"]
    assert (stage["version"], stage["requires"]) == (version.pep440, f"codex-cli-bin=={version.pep440}")


def test_the_installed_sdk_knows_its_version_and_its_runtime_without_its_metadata(stage, tmp_path):
    with zipfile.ZipFile(wheel_of(stage(sdk_version="1.2.3.post7"))) as archive:
        archive.extractall(tmp_path / "site")
    program = (
        "import codex_app_server, sys; from codex_app_server import _version\n"
        "print(codex_app_server.__file__, codex_app_server.__version__, _version.RUNTIME_VERSION)\n"
        "print('importlib.metadata' in sys.modules)"
    )
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n{program}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    place = tmp_path / "site" / "codex_app_server" / "__init__.py"
    assert done.stdout.splitlines() == [f"{place} 1.2.3.post7 1.2.3-alpha.4", "False"]


def test_no_source_but_the_version_differs_from_the_template(stage, template):
    staged = stage()
    before, after = ({path: text for path, (_, text) in snapshot(each / "src").items()} for each in (template, staged))
    assert before.keys() == after.keys()
    assert [path for path in before if before[path] != after[path]] == [VERSION_FILE.removeprefix("src/")]


def test_another_runtime_than_that_of_the_types_is_refused(stage, tmp_path):
    with pytest.raises(UsageProblem, match=r"types are of runtime 1\.2\.3-alpha\.4, not 1\.2\.3-beta\.1") as refused:
        stage(BETA)
    assert "--allow-mismatch" in refused.value.fix
    assert not (tmp_path / "stage").exists()


def test_a_mismatch_that_is_allowed_stands_in_the_summary(stage, tmp_path):
    wheel = wheel_of(stage(BETA, allow_mismatch=True))
    assert runtimes(wheel) == ["codex-cli-bin==1.2.3b1"]
    assert metadata(wheel)["Summary"].endswith("(made for runtime 1.2.3-alpha.4, pinned to 1.2.3-beta.1)")
    shutil.rmtree(tmp_path / "stage")
    assert "runtime 1" not in metadata(wheel_of(stage()))["Summary"]


@pytest.mark.parametrize(
    ("option", "value"), [("--sdk-version", "new"), ("--runtime-version", "1.2"), ("--sdk-version", "1+me")]
)
def test_a_version_that_is_none_is_refused(option, value, tmp_path):
    command = [*TOOLKIT, "stage-sdk", tmp_path / "stage", option, value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, (tmp_path / "stage").exists()) == (2, "", False)
    assert f"'{value}' is " in done.stderr


def test_types_that_do_not_say_what_they_are_of_are_refused(template, tmp_path):
    broken = shutil.copytree(template, tmp_path / "broken")
    (broken / TYPES_FILE).write_text("GENERATED = 1\n")
    with pytest.raises(UsageProblem, match="GENERATED_FROM") as refused:
        stage_sdk(tmp_path / "stage", runtime_version=ALPHA, template=broken)
    assert "generate-types" in refused.value.fix


def test_an_earlier_stage_is_replaced_and_what_lay_in_it_is_gone(stage):
    (stage() / "left.txt").touch()
    assert not (stage(sdk_version="2") / "left.txt").exists()


@pytest.mark.parametrize("wrong", [{"sdk_version": "new"}, {"runtime": BETA}])
def test_a_refusal_leaves_the_earlier_stage_as_it_was(stage, wrong):
    directory = stage()
    before = snapshot(directory)
    with pytest.raises(ToolkitError):
        stage(**wrong)
    assert snapshot(directory) == before


def test_a_directory_that_is_no_stage_is_left_alone(stage, tmp_path):
    (tmp_path / "stage").mkdir()
    (tmp_path / "stage" / "precious").touch()
    with pytest.raises(UsageProblem, match="not empty"):
        stage()
    assert [path.name for path in (tmp_path / "stage").iterdir()] == ["precious"]


def test_it_does_not_go_into_the_sources(template):
    with pytest.raises(UsageProblem, match="overlaps"):
        stage_sdk(template / "stage", runtime_version=ALPHA, template=template)


def test_the_wheel_passes_every_check_and_one_without_the_exact_pin_does_not(stage):
    staged = stage()
    (verdict,) = verify([wheel_of(staged)], reporter=Silent())
    statuses = {check.name: check.status for check in verdict.checks}
    assert verdict.passed, statuses
    assert (verdict.truest, statuses["version"], statuses["container"]) == (("any",), "passed", "passed")
    said = json.loads((staged / "stage.json").read_text())
    for wrong in ("codex-cli-bin>=1", "codex-cli-bin==1.*", "codex-cli-bin==1.2.3; sys_platform == 'linux'", "pytest"):
        (staged / "stage.json").write_text(json.dumps(said | {"requires": wrong}))
        (verdict,) = verify([wheel_of(staged)], reporter=Silent())
        assert [check.name for check in verdict.checks if check.status == "failed"] == ["version"], wrong


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"schema": 9, "version": "", "requires": "", "runtime_version": "", "types_version": ""}']
)
def test_a_stage_that_the_build_does_not_know_is_refused(stage, text):
    staged = stage()
    (staged / "stage.json").write_text(text)
    with pytest.raises(BuildFailed, match=r"codex-app-server-sdk: .*stage\.json"):
        wheel_of(staged)
