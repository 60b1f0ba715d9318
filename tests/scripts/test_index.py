"""Reading an index: its two forms, its failures, its lies; and the upload of one file."""

import hashlib
import json

import pytest

from index_faults import page, stale, status
from index_server import PASSWORD, SIMPLE_JSON, USER, running_index
from publishing import address_with_credentials, sdk_wheel
from sdk_artifacts.errors import NetworkFailed, UsageProblem
from sdk_artifacts.index.addresses import find_index, find_repository
from sdk_artifacts.index.pages import parse_page
from sdk_artifacts.index.uploads import Refused, Uploads, without_stdout
from sdk_artifacts.registry.patience import TryAgain

NAME = "codex_cli_bin-1.2.3-py3-none-win32.whl"
SHA256 = hashlib.sha256(b"bytes").hexdigest()


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def read(index, waits, recorder):
    """The project as the index shows it."""

    def read(address=index.simple, name="codex-cli-bin"):
        return find_index(address, patience=waits.patience(), reporter=recorder).project(name)

    return read


def html(text):
    return page(text.encode(), "text/html; charset=utf-8")


def test_the_json_form_tells_everything(index, read):
    index.add(NAME, b"bytes", yanked="it crashes")
    (file,) = read().files.values()
    assert (file.name, file.sha256, file.size, file.yanked) == (NAME, SHA256, 5, "it crashes")
    assert file.uploaded.isoformat() == "2026-11-25T12:00:00+00:00"


def test_the_html_form_tells_name_digest_and_yanked(index, read):
    index.misbehave("page", html(f'<a href="../../files/{NAME}#sha256={SHA256}" data-yanked="">{NAME}</a>'))
    (file,) = read().files.values()
    assert (file.name, file.sha256, file.size, file.yanked) == (NAME, SHA256, None, "")


def test_a_project_that_is_not_there_has_no_files(read):
    project = read()
    assert (project.exists, project.files) == (False, {})


def test_what_another_index_has_is_not_there(index, read, tmp_path):
    with running_index(tmp_path / "other") as other:
        other.add(NAME, b"bytes")
        index.misbehave("page", status(302, location=f"{other.simple}codex-cli-bin/"))
        assert not read().exists
        assert other.log == []


def test_redirects_on_the_same_server_are_followed(index, read):
    index.add(NAME, b"bytes")
    index.misbehave("page", status(301, location="/simple/codex-cli-bin/"))
    assert NAME in read().files


def test_names_are_normalised(index, read):
    index.add(NAME, b"bytes")
    assert NAME in read(name="Codex_CLI.bin").files


def test_caches_on_the_way_are_told_to_ask_anew(index, read):
    seen = []

    def remember(exchange):
        seen.append((exchange.headers["Cache-Control"], exchange.headers["Accept"]))
        stale(exchange)

    index.misbehave("page", remember)
    read()
    ((cache, accept),) = seen
    assert "no-cache" in cache
    assert accept.startswith(SIMPLE_JSON)


@pytest.mark.parametrize("code", [429, 500, 502, 503])
def test_a_failing_index_is_asked_again(code, index, read, waits):
    index.add(NAME, b"bytes")
    index.misbehave("page", status(code, retry_after=3))
    assert NAME in read().files
    assert waits.seconds == [3]


def test_an_index_that_goes_on_failing_is_given_up(index, read):
    index.misbehave("page", *[status(503)] * 5)
    with pytest.raises(NetworkFailed, match="HTTP 503"):
        read()


def test_credentials_of_the_address_open_guarded_pages(tmp_path, read):
    with running_index(tmp_path / "guarded", guarded=True) as guarded:
        guarded.add(NAME, b"bytes")
        assert NAME in read(address_with_credentials(guarded.simple)).files
        with pytest.raises(UsageProblem, match="refuses access") as caught:
            read(guarded.simple)
        assert "--index-url" in caught.value.fix


def meta(files, version="1.1"):
    return page(json.dumps({"meta": {"api-version": version}, "files": files}).encode(), SIMPLE_JSON)


@pytest.mark.parametrize(
    "fault",
    [
        meta([], version="2.0"),
        meta([{"filename": NAME}]),
        meta([{"filename": NAME, "url": 7}]),
        page(b"[" * 100_000, SIMPLE_JSON),
        page(b"\xff\xfe", SIMPLE_JSON),
        page(b"{}", "application/json"),
        page(b"PK", ""),
    ],
)
def test_what_is_no_page_of_an_index_is_told(fault, index, read):
    index.misbehave("page", fault)
    with pytest.raises(NetworkFailed, match="does not answer like a package index") as caught:
        read()
    assert "--index-url" in caught.value.fix


def test_a_page_without_end_is_cut(index, read):
    index.misbehave("page", page(b" " * (17 << 20), SIMPLE_JSON))
    with pytest.raises(NetworkFailed, match="more than"):
        read()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x1b[31m.whl", "", "x" * 300, "a b.whl"])
def test_what_cannot_be_a_file_name_is_left_out(name, index, read):
    index.misbehave("page", meta([{"filename": name, "url": "x"}]))
    assert read().files == {}


@pytest.mark.parametrize("digest", ["", "abc", SHA256.upper(), f"{SHA256}0"])
def test_a_digest_that_is_none_is_none(digest):
    body = json.dumps(
        {"meta": {"api-version": "1.0"}, "files": [{"filename": NAME, "url": "x", "hashes": {"sha256": digest}}]}
    )
    assert parse_page("p", body.encode(), SIMPLE_JSON).files[NAME].sha256 is None


@pytest.fixture
def send(index, waits, tmp_path):
    """Upload one wheel."""
    wheel = sdk_wheel(tmp_path, "codex-cli-bin==1.2.3")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()

    def send(address=index.upload_url, sha256=digest):
        advanced = []
        repository = find_repository(address_with_credentials(address), interactive=False)
        with without_stdout():
            Uploads(repository, waits.patience()).send(wheel, sha256, advanced.append)
        return wheel, sum(advanced)

    return send


def test_an_upload_is_counted_in_bytes_and_says_nothing_on_stdout(send, index, capsys):
    wheel, advanced = send()
    assert index.uploads() == [wheel.name]
    assert advanced >= wheel.stat().st_size
    assert capsys.readouterr().out == ""


def test_the_index_holds_a_file_against_the_digest_that_was_proven(send, index):
    with pytest.raises(Refused):
        send(sha256="0" * 64)
    assert index.uploads() == []


def test_a_server_that_is_not_there_may_come_back_and_no_secret_is_told(send):
    with pytest.raises(TryAgain) as caught:
        send(address="http://127.0.0.1:9/legacy/")
    assert PASSWORD not in str(caught.value)


def test_a_repository_shows_no_secret_of_its_own(index, caplog):
    repository = find_repository(address_with_credentials(index.upload_url), interactive=False)
    assert PASSWORD not in repr(repository)
    assert repository.url == index.upload_url
    assert USER not in caplog.text
