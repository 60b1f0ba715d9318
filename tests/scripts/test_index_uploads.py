"""One upload: what leaves, how long it may take, and what each answer of the index means."""

import hashlib
import io

import pytest
from requests.auth import HTTPBasicAuth
from twine import package as twine_package

from index_faults import accepted_and_held, dropped_at, status
from index_server import PASSWORD, receive, running_index
from publishing import address_with_credentials, sdk_wheel
from sdk_artifacts.errors import CheckFailed, NetworkFailed, UsageProblem
from sdk_artifacts.index import uploads as uploads_module
from sdk_artifacts.index.addresses import find_repository
from sdk_artifacts.index.uploads import Refused, Uploads, without_stdout
from sdk_artifacts.registry.patience import Patience, TryAgain

NAME = "codex_app_server_sdk-1.2.3-py3-none-any.whl"


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def repository(index):
    return find_repository(address_with_credentials(index.upload_url), interactive=False)


@pytest.fixture
def send(repository, tmp_path):
    """Upload one wheel, within 5 s per wait; the bytes that left, block by block."""
    wheel = sdk_wheel(tmp_path, "x")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()

    def send(sha256=digest, patience=Patience(stall_seconds=5, now=lambda: 0.0), **more):  # noqa: B008 - it never changes
        advanced = []
        with without_stdout():
            Uploads(repository, patience, **more).send(wheel, sha256, advanced.append)
        return advanced

    return send


@pytest.mark.parametrize("code", [200, 201])
def test_a_file_is_taken(code, send, index):
    index.misbehave("upload", status(code))
    send()


@pytest.mark.parametrize(
    ("code", "error", "told"),
    [
        *((code, TryAgain, f"the index answers HTTP {code}") for code in (408, 425, 429, 500, 599)),
        (401, UsageProblem, "/legacy/ refuses access (HTTP 401, Unauthorized: not now)"),
        (403, UsageProblem, "/legacy/ refuses access (HTTP 403, Forbidden: not now)"),
        (407, UsageProblem, "/legacy/ refuses access (HTTP 407, Proxy Authentication Required: not now)"),
        *((code, UsageProblem, "/legacy/ redirects an upload, and no file is sent anew") for code in (300, 301, 399)),
        (202, Refused, f"{NAME}: the index does not take it (HTTP 202, Accepted: not now)"),
        (400, Refused, f"{NAME}: the index does not take it (HTTP 400, Bad Request: not now)"),
        (409, Refused, f"{NAME}: the index does not take it (HTTP 409, Conflict: not now)"),
        (426, Refused, f"{NAME}: the index does not take it (HTTP 426, Upgrade Required: not now)"),
    ],
)
def test_what_an_answer_means(code, error, told, send, index):
    index.misbehave("upload", status(code, b"<b>not</b><i>now</i>", retry_after=3))
    with pytest.raises(error) as caught:
        send()
    assert told in str(caught.value)
    assert getattr(caught.value, "after_seconds", 3) == 3


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        (401, "Set TWINE_USERNAME and TWINE_PASSWORD, or see to ~/.pypirc or the keyring."),
        (301, "Give the address that it leads to, often the same with a slash at its end."),
    ],
)
def test_what_the_user_can_do_is_said(code, fix, send, index):
    index.misbehave("upload", status(code))
    with pytest.raises(UsageProblem) as caught:
        send()
    assert caught.value.fix == fix


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("x" * 1000, f"Bad Request: {'x' * 287}"),
        ("<b></b>" * 428 + "abcdefgh", "Bad Request: abcd"),
        (f"\x1b[31m{PASSWORD}\x07 is wrong", "Bad Request: [31m*** is wrong"),
        ("", "Bad Request:"),
    ],
)
def test_of_the_reason_a_printable_part_is_told(body, told, send, index):
    index.misbehave("upload", status(400, body.encode(), content_type="text/html; charset=utf-8"))
    with pytest.raises(Refused) as caught:
        send()
    assert str(caught.value).endswith(f"(HTTP 400, {told})")


def test_a_server_error_is_asked_once_only(send, index):
    index.misbehave("upload", status(503))
    with pytest.raises(TryAgain):
        send()
    assert index.uploads() == []
    send()
    assert index.uploads() == [NAME]


def test_a_connection_that_is_cut_may_come_back(send, index):
    index.misbehave("upload", dropped_at(0))
    with pytest.raises(TryAgain, match=r"^the connection was cut or refused$"):
        send()


def test_an_index_has_minutes_to_think_and_no_more(send, index):
    assert Uploads(None).answer_seconds == 300
    index.misbehave("upload", accepted_and_held)
    with pytest.raises(TryAgain, match=r"^the index took no byte, or gave no answer, for too long$"):
        send(answer_seconds=0.2)


def test_what_cannot_succeed_is_told_with_the_address(index, tmp_path):
    index.misbehave("upload", status(503))
    over_tls = find_repository(address_with_credentials(index.upload_url).replace("http", "https"), interactive=False)
    with without_stdout(), pytest.raises(NetworkFailed, match=r"/legacy/: TLS failed, or its certificate") as caught:
        Uploads(over_tls).send(sdk_wheel(tmp_path, "x"), "0" * 64, lambda _: None)
    assert caught.value.fix == "Set TWINE_CERT or REQUESTS_CA_BUNDLE to a file with the CA certificates to trust."


def test_what_is_no_distribution_is_told_by_its_name(repository, tmp_path):
    wheel = tmp_path / "a-1-py3-none-any.whl"
    wheel.write_bytes(b"no zip")
    with pytest.raises(CheckFailed, match=r"^a-1-py3-none-any\.whl: twine does not take it: "):
        Uploads(repository).send(wheel, "0" * 64, lambda _: None)


def test_the_index_is_told_one_digest_which_is_the_one_that_was_proven(send, index):
    told = {}

    def remember(exchange):
        fields, *_ = receive(exchange)
        told.update(fields)
        exchange.send(200, b"")

    index.misbehave("upload", remember)
    before = twine_package.HashManager
    send(sha256="ab" * 32)
    assert twine_package.HashManager is before
    assert {name: value for name, value in told.items() if name.endswith("_digest")} == {"sha256_digest": "ab" * 32}


def test_a_body_leaves_in_large_blocks_and_is_counted():
    advanced, size = [], 1_048_576
    body = uploads_module._Counted(io.BytesIO(bytes(size + 1)), advanced.append)  # noqa: SLF001 - a sender's view
    assert [len(body.read(10)), len(body.read()), body.read(10)] == [size, 1, b""]
    assert advanced == [size, 1, 0]


def test_the_bytes_that_leave_are_counted_and_nothing_is_printed(send, capsys):
    assert sum(send()) > 1000
    assert capsys.readouterr().out == ""


def test_each_upload_proves_who_asks_anew(repository, send, monkeypatch):
    renewed = property(lambda _: HTTPBasicAuth("__token__", "the next token"))  # trusted publishing's last minutes
    monkeypatch.setattr(type(repository.settings.auth), "authenticator", renewed)
    with pytest.raises(UsageProblem, match="refuses access"):
        send()


def test_who_is_done_leaves_no_connection_open():
    class Adapter:
        closed = False

        def close(self):
            self.closed = True

    adapter = Adapter()
    uploads_module._Watched(adapter, None, None).close()  # noqa: SLF001 - requests closes it
    assert adapter.closed
