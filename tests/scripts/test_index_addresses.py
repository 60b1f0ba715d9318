"""Where to upload and where to read: names, addresses, credentials from each place, and what is never shown."""

import logging
import os
from base64 import b64encode

import keyring
import pytest
from keyring.backends.null import Keyring
from requests.exceptions import ConnectionError as Cut
from twine.repository import TEST_WAREHOUSE, WAREHOUSE, WAREHOUSE_WEB
from twine.settings import Settings

from index_faults import accepted_and_held, status
from index_server import PASSWORD, USER, running_index
from publishing import address_with_credentials, sdk_wheel
from sdk_artifacts.errors import CheckFailed, NetworkFailed, UsageProblem
from sdk_artifacts.index.addresses import Repository, find_index, find_repository
from sdk_artifacts.index.uploads import Refused, Uploads, without_stdout
from sdk_artifacts.registry.patience import TryAgain

ELSEWHERE = "http://index.test/legacy/"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home without settings, and an empty keyring."""
    for name in [name for name in os.environ if name.startswith("TWINE_")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield tmp_path
    keyring.set_keyring(before)


@pytest.fixture
def find(waits, recorder):
    return lambda given, **more: find_index(given, patience=waits.patience(), reporter=recorder, **more)


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        yield running


def pypirc(home, address, **fields):
    lines = "".join(f"{key} = {value}\n" for key, value in fields.items())
    (home / ".pypirc").write_text(f"[distutils]\nindex-servers = own\n[own]\nrepository = {address}\n{lines}")


def test_a_repository_of_the_settings_brings_its_credentials(home, index, monkeypatch):
    pypirc(home, index.upload_url, username=USER, password=PASSWORD)
    monkeypatch.setenv("TWINE_REPOSITORY_URL", ELSEWHERE)
    repository = find_repository("own", interactive=False)
    assert repository.url == index.upload_url
    basic = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert (repository.authorization, repository.secrets) == (f"Basic {basic}", (PASSWORD, basic))
    assert repr(repository) == f"Repository(url={index.upload_url!r})"


def test_a_name_that_nobody_gave_is_told_with_what_to_do():
    with pytest.raises(UsageProblem, match="--repository: Missing 'own' section") as caught:
        find_repository("own", interactive=False)
    assert caught.value.fix.startswith("Name a repository of ~/.pypirc or give its address; the credentials belong")
    assert "TWINE_PASSWORD" in caught.value.fix


def test_credentials_are_missed_only_by_who_uploads():
    assert find_repository(ELSEWHERE, interactive=False, upload=False).authorization == ""
    with pytest.raises(UsageProblem, match="--repository: "):
        find_repository(ELSEWHERE, interactive=False)


def test_what_twine_logs_is_not_heard(monkeypatch):
    logger = logging.getLogger("twine")
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logger, "handlers", [logging.StreamHandler()])
    for _ in range(2):
        find_repository(ELSEWHERE, interactive=False, upload=False)
    assert not logger.propagate
    assert [type(handler) for handler in logger.handlers] == [logging.StreamHandler, logging.NullHandler]


def test_an_empty_password_is_none(home, index):
    pypirc(home, index.upload_url, username=USER, password="")
    assert find_repository("own", interactive=False, upload=False).authorization == ""


def test_no_password_goes_out_in_plain_text(home, find):
    pypirc(home, ELSEWHERE, username=USER, password=PASSWORD)
    with pytest.raises(UsageProblem, match=r"--repository would send its password to http://index\.test") as caught:
        find_repository("own", interactive=False)
    assert PASSWORD not in str(caught.value)
    assert caught.value.fix == "Use https://."
    with pytest.raises(UsageProblem, match=r"--index-url would send its password to http://index\.test") as caught:
        find(f"http://{USER}:{PASSWORD}@index.test/simple/")
    assert PASSWORD not in str(caught.value)


def test_an_address_with_a_password_is_never_quoted():
    with pytest.raises(UsageProblem, match="its value is not shown, for it holds an @") as caught:
        find_repository(f"ftp://{USER}:{PASSWORD}@index.test/", interactive=False)
    assert PASSWORD not in str(caught.value)


def test_a_token_that_cannot_be_had_is_the_networks(monkeypatch):
    def cut(_settings):
        raise Cut

    monkeypatch.setattr(Settings, "username", property(cut))  # in CI twine asks the index for one
    with pytest.raises(NetworkFailed, match="the token for publishing could not be had") as caught:
        find_repository(ELSEWHERE, interactive=False)
    assert caught.value.fix == "Run the same command again."
    assert find_repository(ELSEWHERE, interactive=False, upload=False).authorization == "", "who only reads needs none"


@pytest.mark.parametrize("given", ["-x", "--help", "-r own", "a//b"])
def test_a_name_that_looks_like_an_option_is_a_name(given):
    with pytest.raises(UsageProblem, match=f"--repository: Missing '{given}' section"):
        find_repository(given, interactive=False)


@pytest.mark.parametrize("given", ["", "index.test/simple", "ftp://index.test/", "http://[", "https:///simple/"])
def test_an_index_has_an_http_address(given, find):
    with pytest.raises(UsageProblem) as caught:
        find(given)
    assert caught.value.fix == "Give the address that pip would install from: --index-url URL."


def test_an_index_is_read_with_what_its_address_or_its_own_server_has(find):
    repository = Repository("https://index.test/legacy/", None, "Basic own")
    assert find("https://index.test/simple", repository=repository).authorization == "Basic own"
    assert find("https://other.test/simple", repository=repository).authorization == ""
    read = find("https://u:p%40@index.test/simple", repository=repository)
    assert (read.url, read.authorization) == ("https://index.test/simple/", "Basic dTpwQA==")


def test_the_index_of_a_repository_that_everybody_knows_is_known(find):
    for upload, web in ((WAREHOUSE, WAREHOUSE_WEB), (TEST_WAREHOUSE, TEST_WAREHOUSE)):
        assert find(None, repository=Repository(f"{upload}legacy/", None)).url == f"{web}simple/"
    for repository in (Repository(ELSEWHERE, None), None):
        with pytest.raises(UsageProblem, match="where the repository's files appear is not known"):
            find(None, repository=repository)


def test_a_file_has_its_metadata_beside_it_when_the_page_says_so(tmp_path, index, find):
    wheel = sdk_wheel(tmp_path, "codex-cli-bin==1.2.3")
    index.add(wheel.name, wheel.read_bytes())
    index.add(f"{wheel.name.partition('-')[0]}-1.2.2.tar.gz", b"no wheel")
    read = find(index.simple)
    project = read.project("codex-app-server-sdk")
    told = {name: read.metadata(project, file) for name, file in project.files.items()}
    assert told.pop(wheel.name).startswith(b"Metadata-Version: 2.4")
    assert [*told.values()] == [None]
    assert read.provenance(project, project.files[wheel.name]) is None


def test_an_index_that_answers_with_something_else_is_told(index, find):
    index.misbehave("page", status(418))
    with pytest.raises(NetworkFailed, match="answers HTTP 418"):
        find(index.simple).project("a")


@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        (401, UsageProblem, "refuses access .HTTP 401"),
        (301, UsageProblem, "redirects an upload"),
        (400, Refused, "does not take it .HTTP 400, Bad Request: no.$"),
    ],
)
def test_what_becomes_of_an_upload_is_the_indexs_to_say(code, error, told, tmp_path, index):
    index.misbehave("upload", status(code, b"<b>no</b>", location="/elsewhere/"))
    repository = find_repository(address_with_credentials(index.upload_url), interactive=False)
    with without_stdout(), pytest.raises(error, match=told):
        Uploads(repository).send(sdk_wheel(tmp_path, "x"), "0" * 64, lambda _: None)


def sent(repository, directory, **more):
    with without_stdout():
        Uploads(repository, **more).send(sdk_wheel(directory, "x"), "0" * 64, lambda _: None)


def test_an_upload_that_fails_may_be_tried_again_or_not(tmp_path, index):
    repository = find_repository(address_with_credentials(index.upload_url), interactive=False)
    index.misbehave("upload", status(503, retry_after=7), accepted_and_held)
    with pytest.raises(TryAgain, match="HTTP 503") as caught:
        sent(repository, tmp_path)
    assert caught.value.after_seconds == 7
    with pytest.raises(TryAgain, match="no answer, for too long"):
        sent(repository, tmp_path, answer_seconds=0.2)
    index.released.set()
    without_credentials = find_repository(index.upload_url, interactive=False, upload=False)
    with pytest.raises(NetworkFailed, match="legacy/: NonInteractive"):
        sent(without_credentials, tmp_path)
    over_tls = find_repository(address_with_credentials(index.upload_url).replace("http", "https"), interactive=False)
    with pytest.raises(NetworkFailed, match="TLS failed") as caught:
        sent(over_tls, tmp_path)
    assert "TWINE_CERT" in caught.value.fix


def test_what_is_no_distribution_is_not_sent(tmp_path, index):
    wheel = tmp_path / "a-1-py3-none-any.whl"
    wheel.write_bytes(b"no zip")
    repository = find_repository(address_with_credentials(index.upload_url), interactive=False)
    with pytest.raises(CheckFailed, match="twine does not take it"):
        Uploads(repository).send(wheel, "0" * 64, lambda _: None)
