"""How an index is asked, what each answer means, and what is said when it gives none."""

import gzip
import json

import pytest

import sdk_artifacts.index as index_module
from index_faults import page, status
from index_server import SIMPLE_JSON, running_index
from sdk_artifacts.errors import NetworkFailed, UsageProblem
from sdk_artifacts.index import Index
from sdk_artifacts.index.addresses import find_index

NAME = "x-1-py3-none-any.whl"
FRESH = {"Cache-Control": "no-cache, max-age=0", "Pragma": "no-cache", "Accept-Encoding": "gzip"}


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def other(tmp_path):
    with running_index(tmp_path / "other") as running:
        yield running


@pytest.fixture
def read(index, waits, recorder):
    return find_index(index.simple, patience=waits.patience(), reporter=recorder)


def listed(**fields):
    """A page of one file, which has all of itself beside it."""
    file = {"filename": NAME, "url": f"{NAME}#sha256=0", "core-metadata": True, **fields}
    return page(json.dumps({"meta": {"api-version": "1.0"}, "files": [file]}).encode(), SIMPLE_JSON)


def test_bounds_are_generous():
    assert index_module._PAGE_BYTES_MAX == 16_777_216  # noqa: SLF001 - nobody waits for such a page in a test
    assert index_module._METADATA_BYTES_MAX == 4_194_304  # noqa: SLF001 - the same


@pytest.mark.parametrize("code", [404, 410])
def test_a_project_may_be_absent_or_gone(code, index, read):
    index.misbehave("page", status(code))
    assert read.project("x").exists is False


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_an_index_that_sends_elsewhere_has_no_such_project(code, index, other, read):
    index.misbehave("page", status(code, location=other.simple))
    assert read.project("x").exists is False
    assert other.log == []


def test_any_other_answer_is_told_with_the_address(index, read):
    index.misbehave("page", status(418))
    with pytest.raises(NetworkFailed, match=f"{index.simple}x-y/ answers HTTP 418") as caught:
        read.project("X_y")
    assert caught.value.fix == "Check the address (--index-url)."


def test_nothing_that_a_cache_kept_is_taken_and_what_is_beside_a_file_is_asked_for_as_it_is(index, read):
    seen = []

    def remember(exchange):
        seen.append(exchange.headers)
        exchange.send(200, b"beside", {})

    index.misbehave("page", listed(provenance="p"), remember, remember)
    project = read.project("x")
    assert read.metadata(project, project.files[NAME]) == b"beside"
    assert read.provenance(project, project.files[NAME]) == b"beside"
    assert [what for what in index.log if what[1].startswith("x/")] == [("page", f"x/{NAME}.metadata"), ("page", "x/p")]
    for headers in seen:
        assert {name: headers[name] for name in FRESH} == FRESH
        assert headers["Accept"] == "*/*"


def test_what_is_beside_a_file_may_be_elsewhere_or_not_at_all(index, other, read):
    index.misbehave("page", listed(), status(302, location=f"{other.simple}there"), status(404))
    other.misbehave("page", page(b"beside", "text/plain"))
    project = read.project("x")
    assert read.metadata(project, project.files[NAME]) == b"beside"
    assert read.metadata(project, project.files[NAME]) is None


def test_an_answer_is_cut_past_its_bound_and_not_before(index, read, monkeypatch):
    body = b'{"meta":{"api-version":"1.0"},"files":[]}'
    index.misbehave("page", page(body, SIMPLE_JSON), page(body + b" ", SIMPLE_JSON))
    monkeypatch.setattr(index_module, "_PAGE_BYTES_MAX", len(body))
    assert read.project("x").files == {}
    with pytest.raises(NetworkFailed, match=f"/simple/x/ answers with more than {len(body)} bytes"):
        read.project("x")


def test_a_packed_answer_is_unpacked(index, read):
    def packed(exchange):
        body = gzip.compress(b'{"meta":{"api-version":"1.0"},"files":[]}')
        exchange.send(200, body, {"Content-Type": SIMPLE_JSON, "Content-Encoding": "gzip"})

    index.misbehave("page", packed)
    assert read.project("x").exists is True


def test_waits_are_told_and_in_the_end_what_to_do(index, read, recorder):
    index.misbehave("page", *[status(503)] * 9)
    with pytest.raises(NetworkFailed, match=r"^reading x: http.*HTTP 503") as caught:
        read.project("x")
    assert caught.value.fix == "Run the same command again later."
    assert recorder.notes
    assert all(note.startswith("reading x: http") for note in recorder.notes)


def test_an_index_that_wants_credentials_is_given_them_in_its_address(tmp_path, waits, recorder):
    with running_index(tmp_path / "guarded", guarded=True) as guarded:
        read = find_index(guarded.simple, patience=waits.patience(), reporter=recorder)
        with pytest.raises(UsageProblem, match="refuses access") as caught:
            read.project("x")
    assert caught.value.fix == "Give credentials in the address: --index-url https://USER:PASSWORD@HOST/simple/."


def test_an_index_does_not_show_its_credentials(waits, recorder):
    assert "Basic" not in repr(Index("https://index.test/", waits.patience(), recorder, "Basic abc"))


def test_an_index_stays_as_it_is(read):
    with pytest.raises(AttributeError, match="cannot assign"):
        read.url = "https://other.test/"
