"""Downloads that go well, resume, or come out of the cache."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

import fetch_program
from registry_client import ARCHIVE, PACKAGE, VERSION, Fetch, Offer, Recorder, locked
from registry_server import Registry, cut, hold, ignores_range, metadata_path, sends_without_length, wrong_range
from sdk_artifacts.errors import IntegrityFailed, UsageProblem


def ranges(registry: Registry) -> list[str | None]:
    return [seen.headers["Range"] for seen in registry.downloads]


def start(offer: Offer, registry: Registry) -> "subprocess.Popen[str]":
    command = [sys.executable, fetch_program.__file__, msgspec.json.encode(offer.locked).decode(), registry.url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_an_archive_comes_whole_and_is_named_after_its_digest(fetch: Fetch, offer: Offer, recorder: Recorder) -> None:
    path = fetch(offer.locked)
    assert path == offer.cached
    assert path.read_bytes() == ARCHIVE
    assert not offer.partial.exists()
    assert recorder.done == {f"{PACKAGE}@{VERSION}": len(ARCHIVE)}
    assert recorder.notes == []


def test_a_second_fetch_asks_nobody(fetch: Fetch, offer: Offer, registry: Registry, recorder: Recorder) -> None:
    fetch(offer.locked)
    registry.seen.clear()
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert registry.seen == []
    assert recorder.done == {f"{PACKAGE}@{VERSION}": 2 * len(ARCHIVE)}


def test_a_cut_download_goes_on_where_it_was_cut(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(offer.path, cut(100_000), cut(50_000))
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert ranges(registry) == [None, "bytes=100000-", "bytes=150000-"]


def test_a_body_that_ends_early_without_a_length_goes_on(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    registry.misbehave(offer.path, sends_without_length(ARCHIVE[:1000]))
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert ranges(registry) == [None, "bytes=1000-"]


def test_what_an_earlier_run_left_is_not_asked_for_again(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    offer.partial.parent.mkdir(parents=True)
    offer.partial.write_bytes(ARCHIVE[:200_000])
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert ranges(registry) == ["bytes=200000-"]


def test_a_complete_partial_needs_no_request(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    offer.partial.parent.mkdir(parents=True)
    offer.partial.write_bytes(ARCHIVE)
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert registry.downloads == []


def test_a_partial_that_is_longer_than_the_archive_is_dropped(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    offer.partial.parent.mkdir(parents=True)
    offer.partial.write_bytes(ARCHIVE + b"more")
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert ranges(registry) == [None]


def test_a_server_that_ignores_range_starts_over(
    fetch: Fetch, offer: Offer, registry: Registry, recorder: Recorder
) -> None:
    registry.misbehave(offer.path, cut(100_000), ignores_range)
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert recorder.done == {f"{PACKAGE}@{VERSION}": len(ARCHIVE)}


def test_another_piece_than_the_one_asked_for_is_not_taken(
    fetch: Fetch, offer: Offer, registry: Registry, recorder: Recorder
) -> None:
    registry.misbehave(offer.path, cut(100_000), wrong_range)
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert ranges(registry) == [None, "bytes=100000-", None]
    assert "asked for the bytes from 100000 on" in recorder.notes[-1]


def test_a_damaged_archive_in_the_cache_is_noticed_and_fetched_again(
    fetch: Fetch, offer: Offer, registry: Registry, recorder: Recorder
) -> None:
    fetch(offer.locked).write_bytes(b"x" * len(ARCHIVE))
    assert fetch(offer.locked).read_bytes() == ARCHIVE
    assert len(registry.downloads) == 2
    assert "the cached archive is damaged" in recorder.notes[-1]


def test_offline_takes_what_the_cache_has(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    fetch(offer.locked)
    registry.seen.clear()
    assert fetch(offer.locked, offline=True).read_bytes() == ARCHIVE
    assert registry.seen == []


def test_offline_without_the_archive_says_what_to_do(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    with pytest.raises(UsageProblem, match=rf"{PACKAGE}@{VERSION} is not in the cache") as caught:
        fetch(offer.locked, offline=True)
    assert "without --offline" in caught.value.fix
    assert registry.seen == []


def test_offline_with_a_damaged_archive_fails_and_leaves_it(fetch: Fetch, offer: Offer) -> None:
    fetch(offer.locked).write_bytes(b"damaged")
    with pytest.raises(IntegrityFailed, match="is damaged"):
        fetch(offer.locked, offline=True)
    assert offer.cached.read_bytes() == b"damaged"


def test_of_two_processes_one_downloads_and_the_other_waits(offer: Offer, registry: Registry) -> None:
    registry.misbehave(offer.path, hold(1000))
    with start(offer, registry) as first:
        registry.held.wait()
        with start(offer, registry) as second:
            assert "another process is fetching it" in read_line(second)
            registry.released.set()
            paths = [process.communicate()[0].splitlines()[-1] for process in (first, second)]
    assert paths == [str(offer.cached)] * 2
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(registry.downloads) == len(registry.asked(metadata_path(PACKAGE, VERSION))) == 1


def test_a_killed_process_leaves_what_it_got_and_holds_nobody_up(
    fetch: Fetch, offer: Offer, registry: Registry, recorder: Recorder
) -> None:
    archive = ARCHIVE * 10
    big = replace(offer, locked=locked(archive))
    registry.misbehave(registry.publish(PACKAGE, VERSION, archive), hold(2_500_000))
    with start(big, registry) as process:
        while read_line(process) != "got 2500000":
            pass
        process.kill()
    kept = big.partial.stat().st_size
    assert kept > 1_000_000  # all but what was in the process's memory
    assert fetch(big.locked).read_bytes() == archive
    assert ranges(registry) == [None, f"bytes={kept}-"]
    assert recorder.notes == []


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux can mount a small tmpfs")
def test_a_full_disk_is_named(fetch: Fetch, offer: Offer, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", cache], check=False).returncode:
        pytest.skip("this root may not mount a tmpfs")
    try:
        with pytest.raises(UsageProblem, match="No space left") as caught:
            fetch(offer.locked)
        assert str(offer.cached.parent) in caught.value.message
        assert "CODEX_ARTIFACTS_CACHE" in caught.value.fix
        assert offer.partial.exists()
    finally:
        monkeypatch.undo()
        subprocess.run(["umount", cache], check=True)


def test_a_cache_that_is_no_directory_is_named(fetch: Fetch, offer: Offer, cache: Path) -> None:
    cache.write_text("a file")
    with pytest.raises(UsageProblem, match=f"the cache {cache}.* cannot be used") as caught:
        fetch(offer.locked)
    assert "CODEX_ARTIFACTS_CACHE" in caught.value.fix


def read_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    line = process.stdout.readline()
    assert line, "the process ended"
    return line.rstrip("\n")
