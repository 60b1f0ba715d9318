"""The papers of the real wheels: every part of the table leaves its trace, and the bill is of the locked bytes."""

import json
import zipfile
from pathlib import Path

import pytest

from sdk_artifacts.commands.verify import verify
from sdk_artifacts.lock import load_lock
from sdk_artifacts.releases import wheel_name
from sdk_artifacts.reporting import Silent
from sdk_artifacts.targets import Target, Wheel, known_targets

pytestmark = [pytest.mark.all_targets, pytest.mark.timeout(1800)]

WHEELS = [(target, wheel) for target in known_targets().values() for wheel in target.wheels]


@pytest.fixture(params=WHEELS, ids=lambda pair: f"{pair[0].triple}-{pair[1].name}")
def released(request: pytest.FixtureRequest, release_dist: Path) -> tuple[Target, Wheel, Path]:
    target, wheel = request.param
    return target, wheel, release_dist / wheel_name(load_lock(), wheel)


def test_licenses_and_bill_are_right_and_no_part_of_the_table_is_without_a_trace(released) -> None:
    (verdict,) = verify([released[2]], checks=["licenses", "sbom"], reporter=Silent())
    assert [(check.status, check.findings) for check in verdict.checks] == [("passed", ())] * 2


def test_the_bill_names_the_locked_archive_and_bytes(released) -> None:
    target, _, path = released
    locked = load_lock().target(target.triple)
    with zipfile.ZipFile(path) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".cdx.json"))
        bill = json.loads(wheel.read(name))
    (origin,) = bill["components"]
    assert origin["hashes"] == [{"alg": "SHA-512", "content": locked.archive_sha512}]
    assert origin["purl"] == f"pkg:npm/{locked.package.replace('@', '%40')}@{locked.package_version}"
    for file in origin["components"]:
        assert file["hashes"] == [{"alg": "SHA-256", "content": locked.files[file["name"]].sha256}]
    executable = next(file for file in origin["components"] if file["name"] == target.executable)
    assert len([part for part in executable["components"] if part.get("purl", "").startswith("pkg:cargo/")]) > 300
