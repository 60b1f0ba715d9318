"""The whole release through another project's index, and back into a clean environment."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sdk_artifacts.paths import REPOSITORY
from sdk_artifacts.publication.state import STATE_NAME
from sdk_artifacts.turn_trial import ANSWER
from sdk_artifacts.versions import RuntimeVersion

pytestmark = [pytest.mark.real, pytest.mark.all_targets, pytest.mark.timeout(1800)]


def test_a_release_is_published_to_a_throw_away_index_and_runs_from_there(
    release_dist: Path, version: RuntimeVersion
) -> None:
    command = [sys.executable, "scripts/update_sdk_artifacts.py", "rehearse", "--json", "--dist", str(release_dist)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    record = json.loads((release_dist / "release.json").read_text(encoding="utf-8"))
    assert sorted(told["uploaded"]) == sorted(file["name"] for file in (*record["wheels"], *record["sdk"]))
    assert told["printed"] == {"codex --version": f"codex-cli {version.upstream}", "one turn": ANSWER}
    assert not (release_dist / STATE_NAME).exists(), "a rehearsal leaves no trace"
