"""Publishing to an index that fails in every way: it converges, sends nothing twice, and the SDK comes last."""

import json

import pytest

from index_faults import accepted_but, accepted_then_silent, dropped_at, stale, status
from index_server import running_index
from publishing import publish_stubs, stub_release
from sdk_artifacts.errors import IndexConflict, NetworkFailed, UsageProblem
from sdk_artifacts.index.uploads import Refused
from sdk_artifacts.publication.state import STATE_NAME

SDK = {"codex_app_server_sdk-1.2.3-py3-none-any.whl", "codex_app_server_sdk-1.2.3.tar.gz"}
FILES = 9
PASSING = {
    "503": status(503),
    "429": status(429, retry_after=7),
    "dropped at the first byte": dropped_at(0),
    "dropped in mid-body": dropped_at(3000),
    "accepted, answered 500": accepted_but(500),
    "accepted, no answer": accepted_then_silent,
}


@pytest.fixture
def dist(tmp_path):
    return stub_release(tmp_path / "dist")


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def go(dist, index, waits, recorder):
    """Publish, in no time."""
    return lambda **given: publish_stubs(dist, index, patience=waits.patience(), reporter=recorder, **given)


def whole(dist, index):
    """Whether the index has every file of the release, took each once, and the SDK after the runtime."""
    record = json.loads((dist / "release.json").read_text())
    digests = {file["name"]: file["sha256"] for file in (*record["wheels"], *record["sdk"])}
    uploads = index.uploads()
    return (
        {name: held.sha256 for name, held in index.files.items()} == digests
        and sorted(uploads) == sorted(digests)
        and set(uploads[-2:]) == SDK
    )


def test_all_runtime_wheels_go_first_and_are_seen_before_the_sdk_is_sent(go, dist, index):
    done = go()
    assert whole(dist, index)
    assert [file.state for file in done.files] == ["uploaded"] * FILES
    first_sdk = next(place for place, (what, name) in enumerate(index.log) if what == "upload" and name in SDK)
    last_wheel = max(place for place, (what, name) in enumerate(index.log) if what == "upload" and name not in SDK)
    assert ("page", "codex-cli-bin") in index.log[last_wheel:first_sdk], "a look at the whole runtime in between"


def test_a_second_run_sends_no_byte(go, dist, index):
    go()
    taken = index.bytes_taken
    again = go()
    assert (index.bytes_taken, whole(dist, index)) == (taken, True)
    assert {file.state for file in again.files} == {"there"}


@pytest.mark.parametrize("step", range(FILES))
@pytest.mark.parametrize("fault", PASSING)
def test_it_converges_whatever_fails_at_whatever_step(fault, step, go, dist, index):
    from index_server import Exchange

    index.misbehave("upload", *[Exchange.honest_upload] * step, PASSING[fault])
    go()
    assert whole(dist, index)


def test_what_arrived_although_the_answer_was_an_error_is_not_sent_again_while_pages_are_stale(go, dist, index):
    index.misbehave("upload", accepted_but(500))
    index.misbehave("page", *[stale] * 5)  # two of the plan, one before the upload, two after it
    go()
    assert whole(dist, index)


def test_the_sdk_waits_until_stale_pages_show_the_whole_runtime(go, dist, index, waits):
    from index_server import Exchange

    index.misbehave("page", *[Exchange.honest_page] * (2 + 7), *[stale] * 4)
    go()
    assert whole(dist, index)
    assert waits.seconds == [0.5, 0.75, 1.125, 1.6875]


def test_a_page_that_stays_stale_ends_the_wait_and_the_next_run_goes_on(go, dist, index):
    index.misbehave("page", *[stale] * 30)
    with pytest.raises(NetworkFailed, match="does not show it after"):
        go(visible_seconds=5)
    assert not set(index.uploads()) & SDK
    index.faults["page"].clear()
    go()
    assert whole(dist, index)


def test_accepted_files_are_not_sent_again_by_the_next_run_while_pages_are_stale(go, index):
    index.misbehave("page", *[stale] * 30)
    with pytest.raises(NetworkFailed):
        go(visible_seconds=2)
    with pytest.raises(NetworkFailed):
        go(visible_seconds=2)
    assert len(index.uploads()) == FILES - len(SDK)


def test_retry_after_is_honoured(go, index, waits):
    index.misbehave("upload", status(429, retry_after=7))
    go()
    assert 7 in waits.seconds


def test_it_gives_up_after_a_few_attempts_and_says_how_to_go_on(go, dist, index):
    index.misbehave("upload", *[status(503)] * 5)
    with pytest.raises(NetworkFailed, match="HTTP 503") as caught:
        go()
    assert "again" in caught.value.fix
    go()
    assert whole(dist, index)


@pytest.mark.parametrize("name", ["runtime", "sdk"])
def test_other_bytes_under_a_name_stop_it_before_anything_is_sent(name, go, dist, index):
    pattern = "codex_cli_bin-*.whl" if name == "runtime" else "codex_app_server_sdk-*.tar.gz"
    taken = next(dist.glob(pattern)).name
    index.add(taken, b"other bytes")
    with pytest.raises(IndexConflict, match=taken):
        go()
    assert index.uploads() == []


def test_other_bytes_that_appear_while_it_uploads_stop_it(go, dist, index):
    name = min(path.name for path in dist.glob("codex_cli_bin-*.whl"))

    def overtaken(exchange):
        exchange.index.add(name, b"somebody was faster")
        exchange.honest_upload()

    index.misbehave("upload", overtaken)
    with pytest.raises(IndexConflict, match=name):
        go()
    assert not set(index.uploads()) & SDK


def test_a_file_of_this_version_that_is_not_of_this_release_stops_it(go, index):
    index.add("codex_cli_bin-1.2.3.tar.gz", b"pip would take it where no wheel fits")
    with pytest.raises(IndexConflict, match=r"codex_cli_bin-1\.2\.3\.tar\.gz: it belongs to this version"):
        go()


def test_files_of_other_versions_are_nobodys_business(go, index):
    index.add("codex_cli_bin-1.2.2.tar.gz", b"old")
    go()
    assert set(index.files) - {"codex_cli_bin-1.2.2.tar.gz"} == set(index.uploads())


def test_a_yanked_runtime_stops_it(go, index):
    go()
    name = next(name for name in index.files if name not in SDK)
    index.files[name].yanked = "it crashes"
    with pytest.raises(IndexConflict, match=r"yanked .'it crashes'"):
        go()


def test_what_the_index_does_not_take_is_told_in_its_words(go, index):
    index.misbehave("upload", status(400, b"<html><p>File too large.\x1b[31m Limit for project is 100 MB.</p></html>"))
    with pytest.raises(Refused, match=r"HTTP 400, Bad Request: File too large\.\[31m Limit for project"):
        go()


def test_a_redirected_upload_is_not_followed(go, index):
    index.misbehave("upload", status(301, location="/elsewhere/"))
    with pytest.raises(UsageProblem, match="redirects an upload"):
        go()


def test_the_state_names_what_was_seen_and_no_credentials(go, dist):
    go()
    text = (dist / STATE_NAME).read_text()
    (files,) = json.loads(text)["repositories"].values()
    assert {file["step"] for file in files.values()} == {"seen"}
    assert "__token__" not in text


def test_a_state_that_is_garbage_is_no_obstacle(go, dist, index):
    (dist / STATE_NAME).write_text('{"schema": 1, "repositories": 7}')
    go()
    assert whole(dist, index)
