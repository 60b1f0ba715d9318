"""Files of an index come into the cache by their digest, or not at all."""

import dataclasses
import hashlib

import pytest

from index_server import running_index
from registry_client import Recorder, Waits
from sdk_artifacts.errors import IntegrityFailed, NetworkFailed
from sdk_artifacts.index.addresses import find_index
from sdk_artifacts.index.downloads import download

NAME, DATA = "codex_cli_bin-1.2.3-py3-none-win32.whl", b"the bytes" * 1000
PROJECT = "codex-cli-bin"


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEX_ARTIFACTS_CACHE", str(tmp_path / "cache"))
    with running_index(tmp_path / "index") as running:
        running.add(NAME, DATA)
        yield running


@pytest.fixture
def get(server):
    def get():
        index = find_index(server.simple, patience=Waits().patience(), reporter=Recorder())
        project = index.project(PROJECT)
        return download(index, project, project.files[NAME])

    return get


def downloads(server):
    return [name for what, name in server.log if what == "download"]


def test_a_file_is_downloaded_once_and_keeps_its_name(server, get):
    path = get()
    assert (path.name, path.read_bytes()) == (NAME, DATA)
    assert get() == path
    assert downloads(server) == [NAME]


def test_a_damaged_copy_is_downloaded_again(server, get):
    path = get()
    path.write_bytes(b"x")
    assert get().read_bytes() == DATA
    assert len(downloads(server)) == 2


def test_other_bytes_than_promised_are_refused_and_not_kept(server, get, tmp_path):
    server.files[NAME].path.write_bytes(DATA.swapcase())
    with pytest.raises(IntegrityFailed, match=hashlib.sha256(DATA).hexdigest()):
        get()
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.name != ".lock"]


def test_more_bytes_than_promised_are_not_read(server):
    server.files[NAME].path.write_bytes(DATA * 2)
    server.files[NAME].size = 2 * len(DATA)
    index = find_index(server.simple, patience=Waits().patience(), reporter=Recorder())
    project = index.project(PROJECT)
    server.files[NAME].sha256 = hashlib.sha256(DATA).hexdigest()
    promised = dataclasses.replace(project.files[NAME], size=len(DATA))
    with pytest.raises(IntegrityFailed, match=f"more than the {len(DATA)} bytes"):
        download(index, project, promised)


def test_a_file_without_a_digest_is_refused(server, get):
    server.files[NAME].sha256 = ""
    with pytest.raises(IntegrityFailed, match="no SHA-256"):
        get()


def test_a_cut_download_is_tried_again_and_then_given_up(server, get):
    server.files[NAME].size *= 2  # the server promises more than it sends
    with pytest.raises(NetworkFailed, match=NAME):
        get()
    assert len(downloads(server)) == 5


def test_an_end_before_the_promised_size_is_a_cut_and_no_forgery(server):
    index = find_index(server.simple, patience=Waits().patience(), reporter=Recorder())
    project = index.project(PROJECT)
    server.files[NAME].path.write_bytes(DATA[:-1])
    server.files[NAME].size = len(DATA) - 1
    with pytest.raises(NetworkFailed, match="the server ended the file too early"):
        download(index, project, dataclasses.replace(project.files[NAME], size=len(DATA)))
    assert len(downloads(server)) == 5


def test_a_file_that_is_listed_and_not_there_is_told(server):
    index = find_index(server.simple, patience=Waits().patience(), reporter=Recorder())
    project = index.project(PROJECT)
    server.files.clear()
    with pytest.raises(NetworkFailed, match="answers HTTP 404, and the index lists it"):
        download(index, project, project.files[NAME])
