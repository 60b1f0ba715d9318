"""`published`: an index shows a release or it does not, and each file is attested by whom it should be, or not."""

import json
from base64 import b64encode

import pytest

from index_faults import stale
from index_server import running_index
from publishing import publish_stubs, stub_release
from sdk_artifacts.commands.publish import PARTS
from sdk_artifacts.commands.published import published
from sdk_artifacts.errors import CheckFailed, IndexConflict, NetworkFailed
from sdk_artifacts.index.addresses import find_index
from sdk_artifacts.index.provenance import Publisher, attested_by
from sdk_artifacts.publication import load_publication

OURS = "our/repository"
SHA256 = "ab" * 32


@pytest.fixture
def dist(tmp_path):
    return stub_release(tmp_path / "dist")


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def look(dist, index, waits, recorder):
    def look(*parts, **given):
        where = find_index(index.simple, patience=waits.patience(), reporter=recorder)
        return published(load_publication(dist), parts=parts or PARTS, index=where, reporter=recorder, **given)

    return look


@pytest.fixture
def shown(dist, index, waits, recorder):
    """The index, with the whole release in it and each file attested."""
    publish_stubs(dist, index, patience=waits.patience(), reporter=recorder)
    for name, held in index.files.items():
        held.provenance = provenance(name, held.sha256)
    return index


def provenance(name, sha256, repository=OURS, **more):
    subject = [{"name": name, "digest": {"sha256": sha256}}]
    statement = b64encode(json.dumps({"subject": subject, "predicate": None}).encode()).decode()
    publisher = {"kind": "GitHub", "repository": repository, "workflow": "release.yml", "environment": "release"}
    bundle = {"publisher": publisher, "attestations": [{"envelope": {"statement": statement, "signature": "eA=="}}]}
    return json.dumps({"version": 1, "attestation_bundles": [bundle], **more}).encode()


def test_a_release_that_is_there_is_told_file_by_file(look, shown):
    found = look(attested=OURS.upper())
    assert {file.name: file.sha256 for file in found} == {name: held.sha256 for name, held in shown.files.items()}
    assert {file.attested_by for file in found} == {f"{OURS}/release.yml"}
    assert not [what for what, _ in shown.log if what == "download"]


def test_what_is_not_there_is_named_and_waited_for_as_long_as_asked(look, shown, waits):
    gone = next(name for name in shown.files if name.endswith(".tar.gz"))
    del shown.files[gone]
    look("runtime")
    with pytest.raises(NetworkFailed, match=gone):
        look(wait_seconds=100)
    assert 100 <= sum(waits.seconds) < 120


def test_an_index_that_shows_a_file_late_is_waited_for(look, shown):
    shown.misbehave("page", stale, stale)
    assert len(look("runtime", wait_seconds=60)) == len(shown.files) - 2


def test_another_digest_is_a_conflict_at_once(look, shown, waits):
    next(iter(shown.files.values())).sha256 = SHA256
    with pytest.raises(IndexConflict, match=SHA256):
        look(wait_seconds=100)
    assert sum(waits.seconds) == 0


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (lambda name, sha256: provenance(name, sha256, "their/repository"), "their/repository/release.yml attests it"),
        (lambda name, _: provenance(name, SHA256), "nobody attests it"),
        (lambda _, sha256: provenance("other.whl", sha256), "nobody attests it"),
        (lambda *_: None, "nobody attests it"),
        (lambda *_: b"<html>", "nobody attests it"),
    ],
    ids=["another repository", "another digest", "another name", "no attestation", "no document"],
)
def test_a_file_that_is_not_attested_by_our_repository_is_found(document, told, look, shown):
    name, held = next((name, held) for name, held in shown.files.items() if name.startswith("codex_app_server_sdk"))
    held.provenance = document(name, held.sha256)
    assert look()
    with pytest.raises(CheckFailed, match=f"{name}: {told}"):
        look(attested=OURS)


def test_a_document_of_another_version_attests_nothing():
    assert attested_by(provenance("a", SHA256), name="a", sha256=SHA256) == [Publisher("GitHub", OURS, "release.yml")]
    assert attested_by(provenance("a", SHA256, version=2), name="a", sha256=SHA256) == []


def test_a_publisher_is_a_value():
    publisher = Publisher("GitHub", OURS, "release.yml")
    assert {publisher} == {Publisher("GitHub", OURS, "release.yml")}
    with pytest.raises(AttributeError, match="immutable"):
        publisher.repository = "their/repository"


@pytest.mark.parametrize("statement", ["%%%", "e30=", "bnVsbA==", b64encode(b"[" * 100_000).decode()])
def test_a_damaged_statement_attests_nothing(statement):
    document = json.loads(provenance("a", SHA256))
    document["attestation_bundles"][0]["attestations"][0]["envelope"]["statement"] = statement
    assert attested_by(json.dumps(document).encode(), name="a", sha256=SHA256) == []
