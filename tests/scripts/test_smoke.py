"""`smoke`: what a release has for this machine runs, or it is said why not."""

import json

import pytest

from sdk_artifacts.commands.smoke import smoke
from sdk_artifacts.errors import CheckFailed, IntegrityFailed
from sdk_artifacts.targets import host_target, known_targets
from sdk_artifacts.turn_trial import ANSWER
from small_release import AARCH64, X86_64

pytestmark = pytest.mark.skipif(host_target().triple != X86_64, reason="what is run here is for x86_64 Linux")


@pytest.fixture
def dist(make, tmp_path):
    make(X86_64)
    return tmp_path / "dist"


def run(dist, recorder, host=X86_64):
    return smoke(dist, host=known_targets()[host], offline=False, reporter=recorder)


def test_the_runtime_runs_by_itself_and_the_sdk_runs_a_turn_on_it(dist, recorder):
    done = run(dist, recorder)
    assert done.runtime.printed["codex --version"] == "codex-cli 1.2.3"
    assert done.sdk.printed["one turn"] == ANSWER
    assert done.runtime.wheel == done.sdk.wheel


def test_a_machine_that_the_release_has_nothing_for_is_told_so(dist, recorder):
    with pytest.raises(CheckFailed, match=r"no wheel .+ for this machine"):
        run(dist, recorder, AARCH64)


def test_a_release_without_an_sdk_is_none(dist, recorder):
    record = json.loads((dist / "release.json").read_text())
    (dist / "release.json").write_text(json.dumps(record | {"sdk": []}))
    with pytest.raises(CheckFailed, match="no wheel of the SDK"):
        run(dist, recorder)


def test_other_bytes_than_the_released_ones_are_not_run(dist, recorder):
    wheel = next(dist.glob("codex_cli_bin-*"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    with pytest.raises(IntegrityFailed, match=wheel.name):
        run(dist, recorder)
