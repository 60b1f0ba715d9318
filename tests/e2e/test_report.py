"""`diff` and `report` on the real release."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chromium import Absent, chromium
from sdk_artifacts.paths import REPOSITORY
from sdk_artifacts.targets import known_targets

pytestmark = [pytest.mark.real, pytest.mark.all_targets, pytest.mark.timeout(1800)]


def toolkit(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "scripts/update_sdk_artifacts.py", *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, encoding="utf-8", timeout=300, check=False)


def test_a_release_without_a_platform_is_a_loss_that_must_be_told(release_dist: Path, tmp_path: Path) -> None:
    poorer, changelog = tmp_path / "poorer", tmp_path / "CHANGELOG.md"
    poorer.mkdir()
    for wheel in release_dist.glob("*.whl"):
        if "win_arm64" not in wheel.name and "musllinux_1_1_aarch64" not in wheel.name:
            (poorer / wheel.name).symlink_to(wheel)
    changelog.write_text("## Next\n\n- Windows arm64 is dropped.\n", encoding="utf-8")
    done = toolkit("diff", release_dist, poorer, "--json", "--changelog", changelog)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    lost = [(loss["platform"], loss["old"], loss["new"], loss["noted"]) for loss in found["losses"]]
    assert lost == [
        ("Windows arm64", "", None, True),
        ("glibc aarch64", "2.17", "2.18", False),
        ("musl aarch64", "1.1", None, False),
    ]
    assert sum(wheel["identical"] for wheel in found["wheels"]) == len(found["wheels"]) - 2


def test_the_page_of_a_release_names_every_wheel_and_fits_a_phone(release_dist: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = toolkit("report", "--dist", release_dist, "--out", page)
    assert done.returncode == 0, done.stderr
    try:
        with chromium() as browser:
            browser.open(page, width=360)
            assert browser.value("document.documentElement.scrollWidth") == 360
            text = browser.value("document.body.innerText")
    except Absent as reason:
        pytest.skip(str(reason))
    assert "Complete" in text
    assert all(tag in text for target in known_targets().values() for wheel in target.wheels for tag in wheel.tags)
