"""What a registry says of a version, and what is done about registries that say something else."""

import json

import pytest

from registry_client import ARCHIVE, PACKAGE, VERSION, Fetch, Offer, Recorder, Waits
from registry_server import Fault, Registry, drips, endless, hold, metadata_path, sends, status
from sdk_artifacts.errors import IntegrityFailed, NetworkFailed, UsageProblem
from sdk_artifacts.registry import published
from sdk_artifacts.registry.patience import Patience
from sdk_artifacts.registry.settings import find_registry

DOCUMENT = metadata_path(PACKAGE, VERSION)
PACKUMENT = metadata_path(PACKAGE)


def offering(version: str = VERSION, **dist: str) -> Fault:
    return sends(json.dumps({"version": version, "dist": {"tarball": "https://mirror.example/x.tgz"} | dist}).encode())


def test_one_small_document_is_asked_for(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    fetch(offer.locked)
    assert [seen.path for seen in registry.seen] == [DOCUMENT, offer.path]


def test_a_mirror_without_documents_per_version_is_asked_for_the_whole(
    fetch: Fetch, offer: Offer, registry: Registry
) -> None:
    del registry.bodies[DOCUMENT]
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert registry.seen[1].path == PACKUMENT
    assert registry.seen[1].headers["Accept"] == "application/vnd.npm.install-v1+json"


def test_a_missing_version_is_named_with_its_neighbours_and_not_tried_again(
    fetch: Fetch, offer: Offer, registry: Registry, waits: Waits
) -> None:
    for version in ("0.10.0", "0.9.0", "0.8.0-alpha.2", "0.8.0", "0.11.0", "0.3.0", "0.2.0"):
        registry.publish(PACKAGE, f"{version}-linux-x64", b"")
    registry.publish(PACKAGE, "0.9.1-win32-x64", b"")
    del registry.bodies[DOCUMENT]
    packument = json.loads(registry.bodies[PACKUMENT])
    del packument["versions"][VERSION]
    registry.bodies[PACKUMENT] = json.dumps(packument).encode()
    with pytest.raises(UsageProblem, match=f"has no {PACKAGE}@{VERSION}") as caught:
        fetch(offer.locked)
    assert "0.3.0-linux-x64, 0.8.0-alpha.2-linux-x64" in caught.value.message
    assert "0.9.1-win32-x64" not in caught.value.message
    assert waits.seconds == []


def test_a_missing_package_asks_for_another_registry(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.bodies.clear()
    with pytest.raises(UsageProblem, match=f"has no package {PACKAGE}") as caught:
        fetch(offer.locked)
    assert "--registry" in caught.value.fix


def test_another_digest_than_the_locked_one_is_refused_before_the_download(
    fetch: Fetch, offer: Offer, registry: Registry
) -> None:
    registry.publish(PACKAGE, VERSION, b"republished")
    with pytest.raises(IntegrityFailed, match=f"the lock {offer.locked.archive_sha512}") as caught:
        fetch(offer.locked)
    assert registry.url in caught.value.message
    assert registry.downloads == []


def test_a_registry_without_integrity_is_fine_where_the_lock_vouches(
    fetch: Fetch, offer: Offer, registry: Registry
) -> None:
    registry.publish(PACKAGE, VERSION, ARCHIVE, integrity="sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=")
    assert fetch(offer.locked).read_bytes() == ARCHIVE


@pytest.mark.parametrize("integrity", ["sha512-AAAA", "sha512-!", "sha512-", "sha512-é"])
def test_an_integrity_that_is_no_digest_is_refused(
    integrity: str, fetch: Fetch, offer: Offer, registry: Registry
) -> None:
    registry.misbehave(DOCUMENT, offering(integrity=integrity))
    with pytest.raises(IntegrityFailed, match="is no SHA-512"):
        fetch(offer.locked)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>log in first</html>",
        b"",
        b"[]",
        b"null",
        b'{"version": "1"}',
        b"\xff\xfe",
        pytest.param(b'{"deep": ' + b"[" * 100_000, id="deep"),
    ],
)
def test_what_no_registry_answers_is_said(body: bytes, fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(DOCUMENT, sends(body))
    with pytest.raises(NetworkFailed, match="does not answer like an npm registry") as caught:
        fetch(offer.locked)
    assert "address of an npm registry" in caught.value.fix


def test_a_document_without_end_is_cut_off(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(DOCUMENT, endless)
    with pytest.raises(NetworkFailed, match="more than 1048576 bytes where a short document belongs"):
        fetch(offer.locked)


def test_a_document_that_unpacks_without_end_is_cut_off(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(DOCUMENT, sends(b" " * (100 << 20), compressed=True))
    with pytest.raises(NetworkFailed, match="more than 1048576 bytes where a short document belongs"):
        fetch(offer.locked)


def test_a_compressed_document_is_read(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(DOCUMENT, sends(registry.bodies[DOCUMENT], compressed=True))
    assert fetch(offer.locked).read_bytes() == ARCHIVE


def test_a_document_that_stalls_is_asked_for_again(offer: Offer, registry: Registry, recorder: Recorder) -> None:
    registry.misbehave(DOCUMENT, hold(10))
    patience = Patience(stall_seconds=0.2, sleep=lambda _: None)
    answer = published(find_registry(registry.url), PACKAGE, VERSION, patience=patience, reporter=recorder)
    assert answer.sha512 == offer.locked.archive_sha512
    assert "no byte came for too long" in recorder.notes[0]


@pytest.mark.usefixtures("offer")
def test_a_document_that_drips_is_given_up(registry: Registry, recorder: Recorder) -> None:
    registry.misbehave(DOCUMENT, *[drips] * 5)
    patience = Patience(document_seconds=0.1, sleep=lambda _: None)
    with pytest.raises(NetworkFailed, match=r"not complete after 0\.1 s"):
        published(find_registry(registry.url), PACKAGE, VERSION, patience=patience, reporter=recorder)
    assert len(recorder.notes) == 4


def test_a_failing_registry_is_given_up_with_its_reason(
    fetch: Fetch, offer: Offer, registry: Registry, waits: Waits
) -> None:
    registry.misbehave(DOCUMENT, *[status(503)] * 5)
    with pytest.raises(NetworkFailed, match=rf"{PACKAGE}@{VERSION}: .*HTTP 503"):
        fetch(offer.locked)
    assert len(waits.seconds) == 4


def test_the_document_of_another_version_is_refused(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(DOCUMENT, offering(version="9.9.9"))
    with pytest.raises(NetworkFailed, match=r"answered for '9\.9\.9'"):
        fetch(offer.locked)


def test_an_archive_that_is_no_web_address_is_refused(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(DOCUMENT, offering(tarball="file:///etc/passwd"))
    with pytest.raises(NetworkFailed, match="neither http nor https"):
        fetch(offer.locked)
