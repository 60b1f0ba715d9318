"""What CI jobs ask of the toolkit: matrices, digests, outboxes, and whether upstream has something new."""

import json
import re
import subprocess
import sys

import pytest

from publishing import stub_release
from registry_client import PACKAGE
from registry_server import metadata_path, sends, status
from sdk_artifacts.commands.digests import digests
from sdk_artifacts.commands.matrix import matrix
from sdk_artifacts.commands.outbox import outbox
from sdk_artifacts.commands.upstream import upstream
from sdk_artifacts.errors import IntegrityFailed, NetworkFailed, UsageProblem
from sdk_artifacts.job import hand_on
from sdk_artifacts.lock import SCHEMA, Lock
from sdk_artifacts.paths import REPOSITORY
from sdk_artifacts.targets import known_targets

TARGET = "aarch64-unknown-linux-musl"


@pytest.fixture
def dist(tmp_path):
    """A release of stubs whose record says of each wheel which target it is for."""
    directory = stub_release(tmp_path / "dist")
    record = json.loads((directory / "release.json").read_text())
    tags = {wheel.tag: triple for triple, target in known_targets().items() for wheel in target.wheels}
    for file in record["wheels"]:
        file["target"] = next(triple for tag, triple in tags.items() if file["name"].endswith(f"-{tag}.whl"))
    (directory / "release.json").write_text(json.dumps(record | {"upstream_version": "1.2.3"}))
    return directory


def rows(**chosen):
    return [row.target for row in matrix(list(known_targets().values()), **chosen)["include"]]


def test_a_matrix_can_be_of_some_systems_and_machines():
    assert rows() == list(known_targets())
    assert rows(systems=["linux"], machines=["aarch64"]) == [TARGET]
    assert {known_targets()[name].os for name in rows(systems=["macos", "windows"])} == {"macos", "windows"}


def test_a_matrix_without_a_row_is_none():
    with pytest.raises(UsageProblem, match="no target is for vms"):
        rows(systems=["vms"])


def test_an_output_is_appended_to_the_runners_file(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    hand_on({"first": "1"})
    hand_on({"second": "{}", "third": ""})
    assert (tmp_path / "output").read_bytes() == b"first=1\nsecond={}\nthird=\n"


@pytest.mark.parametrize("value", ["two\nlines", "two\u2028lines", "one\n"])
def test_a_value_cannot_smuggle_in_another_output(value, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    with pytest.raises(UsageProblem, match="several lines"):
        hand_on({"first": value})
    assert not (tmp_path / "output").exists()


def test_outside_of_a_job_nothing_can_be_handed_on(monkeypatch):
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    with pytest.raises(UsageProblem, match="GITHUB_OUTPUT"):
        hand_on({"first": "1"})


def test_two_builds_of_the_same_bytes_have_no_difference(dist):
    found = digests(dist, other=dist / "release.json")
    assert (len(found.files), found.differences) == (9, ())


def test_what_another_build_has_made_otherwise_or_not_at_all_is_named(dist, tmp_path):
    record = json.loads((dist / "release.json").read_text())
    record["sdk"][0]["sha256"] = "0" * 64
    gone = record["wheels"].pop()["name"]
    (tmp_path / "other.json").write_text(json.dumps(record))
    assert [line.partition(":")[0] for line in digests(dist, other=tmp_path / "other.json").differences] == sorted(
        (record["sdk"][0]["name"], gone)
    )


def test_a_digest_is_one_of_the_bytes_and_not_of_the_record(dist):
    next(dist.glob("*.tar.gz")).write_bytes(b"something else")
    with pytest.raises(IntegrityFailed, match="its SHA-256 is"):
        digests(dist)


@pytest.mark.parametrize("record", [None, b"{", b'{"upstream_version": "1", "wheels": [], "sdk": [{"name": "../x"}]}'])
def test_without_a_record_that_can_be_trusted_there_are_no_digests(record, tmp_path):
    if record:
        (tmp_path / "release.json").write_bytes(record)
    with pytest.raises(UsageProblem):
        digests(tmp_path)


def test_an_outbox_has_the_wheels_of_one_target_and_nothing_else(dist, tmp_path):
    copied = outbox(dist, target=TARGET, out=tmp_path / "out")
    assert sorted(path.name for path in copied) == sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(copied) == len(known_targets()[TARGET].wheels)
    assert all((dist / path.name).read_bytes() == path.read_bytes() for path in copied)


def test_an_outbox_without_a_target_has_the_sdk(dist, tmp_path):
    copied = outbox(dist, target=None, out=tmp_path / "out")
    assert [path.name.partition("-")[0] for path in copied] == ["codex_app_server_sdk"] * 2


def test_an_outbox_is_not_made_of_changed_bytes_nor_over_another(dist, tmp_path):
    source = next(dist.glob("*.tar.gz"))
    source.write_bytes(b"something else")
    with pytest.raises(IntegrityFailed, match=f"^{re.escape(str(source))}: its SHA-256 is"):
        outbox(dist, target=None, out=tmp_path / "out")
    source.unlink()
    with pytest.raises(IntegrityFailed, match=f"^{re.escape(str(source))} does not exist"):
        outbox(dist, target=None, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageProblem, match="exists already"):
        outbox(dist, target=TARGET, out=tmp_path / "out")


def test_together_the_outboxes_are_the_release(dist, tmp_path):
    names = []
    for target in (None, *known_targets()):
        names += [path.name for path in outbox(dist, target=target, out=tmp_path / str(target))]
    assert sorted(names) == sorted(digests(dist).files)


def latest(registry, version):
    registry.bodies[metadata_path(PACKAGE, "latest")] = json.dumps({"version": version}).encode()


@pytest.mark.parametrize(
    ("version", "is_newer"), [("1.2.3", False), ("1.10.0", True), ("1.2.3-alpha.1", False), ("1.2.4-alpha.1", True)]
)
def test_upstream_is_newer_as_versions_are_and_not_as_texts(version, is_newer, registry, recorder):
    latest(registry, version)
    found = upstream(Lock(SCHEMA, "1.2.3", {}), registry=registry.url, reporter=recorder)
    assert (found.latest, found.is_newer) == (version, is_newer)


def test_upstream_asks_again_when_the_registry_fails(registry, recorder, waits):
    latest(registry, "2.0.0")
    registry.misbehave(metadata_path(PACKAGE, "latest"), status(503))
    lock = Lock(SCHEMA, "1.2.3", {})
    assert upstream(lock, registry=registry.url, reporter=recorder, patience=waits.patience()).is_newer


@pytest.mark.parametrize("body", [b"<html>", b'{"version": 7}', b"[]"])
def test_what_is_no_registrys_answer_is_no_version(body, registry, recorder):
    registry.bodies[metadata_path(PACKAGE, "latest")] = b""
    registry.misbehave(metadata_path(PACKAGE, "latest"), sends(body))
    with pytest.raises(NetworkFailed, match="like an npm registry"):
        upstream(Lock(SCHEMA, "1.2.3", {}), registry=registry.url, reporter=recorder)


@pytest.mark.parametrize("version", ["1.2.3\nevil=1", "$(id)", "newest"])
def test_a_version_that_is_none_goes_no_further(version, registry, recorder):
    latest(registry, version)
    with pytest.raises(UsageProblem, match="not a runtime version"):
        upstream(Lock(SCHEMA, "1.2.3", {}), registry=registry.url, reporter=recorder)


def test_matrix_and_smoke_do_without_isal_which_not_every_machine_has():
    program = (
        "import sys; sys.modules['isal'] = None; from sdk_artifacts.cli import main; import {}; sys.exit(main({}))"
    )
    for module, command in (("sdk_artifacts.commands.smoke", ["smoke", "--help"]), ("sys", ["matrix"])):
        code = program.format(module, command)
        done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
