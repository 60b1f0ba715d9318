"""Downloads from a registry that fails, lies or sends too much."""

import pytest

from registry_client import ARCHIVE, PACKAGE, VERSION, Fetch, Offer, Recorder, Waits, locked
from registry_server import (
    Fault,
    Registry,
    cut,
    endless,
    hold,
    redirect,
    sends,
    sends_without_length,
    status,
)
from sdk_artifacts.errors import IntegrityFailed, NetworkFailed, UsageProblem
from sdk_artifacts.registry import fetch_archive
from sdk_artifacts.registry.patience import Patience

LABEL = f"{PACKAGE}@{VERSION}"


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(  # noqa: PLR0917 - fixtures
    code: int, fetch: Fetch, offer: Offer, registry: Registry, waits: Waits, recorder: Recorder
) -> None:
    registry.misbehave(offer.path, status(code))
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert len(waits.seconds) == 1
    assert 0.25 <= waits.seconds[0] <= 0.5
    assert f"HTTP {code}; trying again in" in recorder.notes[0]


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7),
        ("0", 0),
        ("Wed, 25 Nov 2026 12:00:09 GMT", 9),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0),
        ("86400", 60),
        ("9" * 400, 60),
        ("Fri, 25 Nov 9999 12:00:00 GMT", 60),
    ],
)
def test_retry_after_is_honoured_up_to_a_cap(  # noqa: PLR0917 - fixtures
    code: int, asked: str, waited: float, fetch: Fetch, offer: Offer, registry: Registry, waits: Waits
) -> None:
    registry.misbehave(offer.path, status(code, retry_after=asked))
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert waits.seconds == [waited]


@pytest.mark.parametrize("asked", ["soon", "-5", "", "²"])
def test_a_retry_after_without_sense_is_ignored(
    asked: str, fetch: Fetch, offer: Offer, registry: Registry, waits: Waits
) -> None:
    registry.misbehave(offer.path, status(503, retry_after=asked))
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert 0.25 <= waits.seconds[0] <= 0.5


def test_waits_grow_and_giving_up_says_what_is_there_and_what_to_do(
    fetch: Fetch, offer: Offer, registry: Registry, waits: Waits
) -> None:
    registry.misbehave(offer.path, cut(100_000), *[status(503)] * 4)
    with pytest.raises(NetworkFailed, match=rf"{LABEL}: .*HTTP 503; 100000 of 300000 bytes are there") as caught:
        fetch(offer.locked)
    assert "goes on from there" in caught.value.fix
    bounds = [(0.25, 0.5), (0.5, 1), (1, 2), (2, 4)]
    assert all(low <= wait <= high for wait, (low, high) in zip(waits.seconds, bounds, strict=True))
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert registry.downloads[-1].headers["Range"] == "bytes=100000-"


@pytest.mark.usefixtures("cache")
def test_a_download_that_gets_on_is_not_given_up(registry: Registry, fetch: Fetch) -> None:
    archive = bytes(9 << 20)
    path = registry.publish(PACKAGE, VERSION, archive)
    registry.misbehave(path, *[cut(1 << 20)] * 8)
    assert fetch(locked(archive)).stat().st_size == len(archive)
    assert len(registry.downloads) == 9


@pytest.mark.usefixtures("cache")
def test_a_download_that_starts_over_each_time_is_given_up(registry: Registry, fetch: Fetch) -> None:
    archive = bytes(2 << 20)
    path = registry.publish(PACKAGE, VERSION, archive)
    registry.misbehave(path, *[cut(1 << 20, resumable=False)] * 20)
    with pytest.raises(NetworkFailed, match="the connection was cut"):
        fetch(locked(archive))
    assert len(registry.downloads) == 5


def test_a_stall_is_a_failure_that_is_tried_again(offer: Offer, registry: Registry, recorder: Recorder) -> None:
    registry.misbehave(offer.path, hold(100_000))
    patience = Patience(stall_seconds=0.2, sleep=lambda _: None)
    path = fetch_archive(offer.locked, registry=registry.url, offline=False, reporter=recorder, patience=patience)
    assert path.read_bytes() == ARCHIVE
    assert "no byte came for too long" in recorder.notes[0]
    assert registry.downloads[-1].headers["Range"] == "bytes=100000-"


def test_wrong_bytes_are_refused_and_deleted(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(offer.path, sends(bytes(len(ARCHIVE))))
    with pytest.raises(
        IntegrityFailed, match=rf"{LABEL}: its SHA-512 is [0-9a-f]{{128}}, not {offer.locked.archive_sha512}"
    ):
        fetch(offer.locked)
    assert not offer.partial.exists()
    assert not offer.cached.exists()
    assert fetch(offer.locked).read_bytes() == ARCHIVE


def test_a_damaged_partial_is_refused_at_the_end_and_deleted(fetch: Fetch, offer: Offer) -> None:
    offer.partial.parent.mkdir(parents=True)
    offer.partial.write_bytes(bytes(1000))
    with pytest.raises(IntegrityFailed, match="SHA-512"):
        fetch(offer.locked)
    assert fetch(offer.locked).read_bytes() == ARCHIVE


@pytest.mark.parametrize("other", [ARCHIVE + b"x", ARCHIVE[:-1], b"<html>log in first</html>"])
def test_another_size_is_refused_before_its_bytes_are_read(
    other: bytes, fetch: Fetch, offer: Offer, registry: Registry, recorder: Recorder
) -> None:
    registry.misbehave(offer.path, sends(other))
    with pytest.raises(IntegrityFailed, match=rf"offers {len(other)} bytes, not {len(ARCHIVE)}"):
        fetch(offer.locked)
    assert recorder.done == {}


@pytest.mark.parametrize("fault", [endless, sends_without_length(ARCHIVE + b"more")])
def test_a_server_that_sends_more_than_the_locked_size_is_cut_off(
    fault: Fault, fetch: Fetch, offer: Offer, registry: Registry, recorder: Recorder
) -> None:
    registry.misbehave(offer.path, fault)
    with pytest.raises(IntegrityFailed, match=f"sends more than {len(ARCHIVE)} bytes"):
        fetch(offer.locked)
    assert sum(recorder.done.values()) <= len(ARCHIVE)
    assert not offer.partial.exists()


def test_a_missing_archive_is_not_asked_for_again(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(offer.path, status(404))
    with pytest.raises(NetworkFailed, match="lists the archive but answers HTTP 404"):
        fetch(offer.locked)
    assert len(registry.downloads) == 1


def test_nothing_after_the_part_that_is_there_starts_over(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(offer.path, cut(100_000), status(416, content_range="bytes */100000"))
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert registry.downloads[-1].headers["Range"] is None


def test_a_redirect_is_followed(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.bodies["/elsewhere.tgz"] = ARCHIVE
    registry.misbehave(offer.path, redirect("/elsewhere.tgz"))
    assert fetch(offer.locked).read_bytes() == ARCHIVE


def test_redirects_without_end_are_refused(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(offer.path, *[redirect(offer.path)] * 10)
    with pytest.raises(NetworkFailed, match="more than 5 redirects"):
        fetch(offer.locked)
    assert len(registry.downloads) == 6


def test_a_redirect_out_of_http_is_refused(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(offer.path, redirect("file:///etc/passwd"))
    with pytest.raises(NetworkFailed, match="neither http nor https"):
        fetch(offer.locked)


def test_a_refusal_of_access_asks_for_credentials(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(offer.path, status(401))
    with pytest.raises(UsageProblem, match="refuses access \\(HTTP 401\\)") as caught:
        fetch(offer.locked)
    assert "NPM_CONFIG_REGISTRY" in caught.value.fix
