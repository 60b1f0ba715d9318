"""`yank-plan`: which versions go, in which order, and that nothing is touched."""

import pytest

from index_server import running_index
from publishing import sdk_wheel
from sdk_artifacts import cli
from sdk_artifacts.commands.yank_plan import yank_plan
from sdk_artifacts.errors import UsageProblem
from sdk_artifacts.index.addresses import find_index
from sdk_artifacts.versions import RuntimeVersion

RUNTIME = ["codex_cli_bin-1.2.3-py3-none-win32.whl", "codex_cli_bin-1.2.3-py3-none-win_arm64.whl"]


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        for name in (*RUNTIME, "codex_cli_bin-1.2.4-py3-none-win32.whl"):
            running.add(name, b"bytes")
        yield running


@pytest.fixture
def steps(index, waits, recorder):
    def steps(version="1.2.3"):
        own = find_index(index.simple, patience=waits.patience(), reporter=recorder)
        return yank_plan(RuntimeVersion.parse(version), index=own).steps

    return steps


def add_sdk(index, tmp_path, version, pin, **more):
    wheel = sdk_wheel(tmp_path, pin, version)
    index.add(wheel.name, wheel.read_bytes(), **more)


def test_every_sdk_that_pins_it_goes_before_the_runtime(index, steps, tmp_path):
    add_sdk(index, tmp_path, "1.2.3", "codex-cli-bin==1.2.3")
    add_sdk(index, tmp_path, "1.2.3.post1", "codex-cli-bin==1.2.3")
    add_sdk(index, tmp_path, "1.2.4", "codex-cli-bin==1.2.4")
    assert [(step.project, step.version) for step in steps()] == [
        ("codex-app-server-sdk", "1.2.3"),
        ("codex-app-server-sdk", "1.2.3.post1"),
        ("codex-cli-bin", "1.2.3"),
    ]
    assert steps()[-1].files == tuple(RUNTIME)


def test_without_metadata_beside_the_file_the_same_version_counts(index, steps, tmp_path):
    add_sdk(index, tmp_path, "1.2.3", "codex-cli-bin==1.2.3", metadata=None)
    add_sdk(index, tmp_path, "1.2.5", "codex-cli-bin==1.2.3", metadata=None)
    assert [step.version for step in steps()] == ["1.2.3", "1.2.3"]
    assert "does not tell" in steps()[0].why


def test_what_is_yanked_is_done(index, steps):
    for name in RUNTIME:
        assert not steps()[0].done
        index.files[name].yanked = ""
    assert steps()[0].done


def test_a_version_that_is_not_there_is_wrong_usage(steps):
    with pytest.raises(UsageProblem, match="neither codex-cli-bin 9"):
        steps("9.0.0")


def test_the_command_says_the_steps_in_order_and_downloads_nothing(index, tmp_path, capsys):
    add_sdk(index, tmp_path, "1.2.3", "codex-cli-bin==1.2.3")
    assert cli.main(["yank-plan", "1.2.3", "--index-url", index.simple]) == 0
    said = capsys.readouterr().out
    assert said.index("1. yank codex-app-server-sdk 1.2.3") < said.index("2. yank codex-cli-bin 1.2.3")
    assert "Yanking frees no quota" in said
    assert {what for what, _ in index.log} == {"page", "metadata"}
