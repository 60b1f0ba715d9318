"""Redirects, TLS, proxies and credentials on the wire."""

import base64
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry_client import ARCHIVE, PACKAGE, VERSION, Fetch, Offer, Recorder, Waits, locked
from registry_server import Fault, Registry, cut, metadata_path, redirect, running_registry, sends, status
from sdk_artifacts.errors import NetworkFailed, ToolkitError, UsageProblem

SECRET = "s3cret"
ENCODED = base64.b64encode(f"me:{SECRET}".encode()).decode()
DOCUMENT = metadata_path(PACKAGE, VERSION)


def with_credentials(url: str) -> str:
    return url.replace("://", f"://me:{SECRET}@")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and its self-signed certificate for localhost, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not there")
    key, file = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", file],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_text(key.read_text() + file.read_text())
    return file


@pytest.fixture
def secure(certificate: Path, cache: Path) -> Iterator[Registry]:  # noqa: ARG001 - the cache must be set before a fetch
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with running_registry(tls) as running:
        running.publish(PACKAGE, VERSION, ARCHIVE)
        yield running


def test_a_private_ca_is_trusted_where_ssl_cert_file_says_so(
    fetch: Fetch, secure: Registry, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch(locked(ARCHIVE), registry=secure.url).read_bytes() == ARCHIVE


def test_an_unknown_certificate_is_refused_at_once(fetch: Fetch, secure: Registry, waits: Waits) -> None:
    with pytest.raises(NetworkFailed, match="certificate is not trusted") as caught:
        fetch(locked(ARCHIVE), registry=secure.url)
    assert "SSL_CERT_FILE" in caught.value.fix
    assert waits.seconds == []


def test_https_does_not_lead_to_plain_http(
    fetch: Fetch, secure: Registry, registry: Registry, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    path = registry.publish(PACKAGE, VERSION, ARCHIVE)
    secure.misbehave(path, redirect(registry.url + path))
    with pytest.raises(NetworkFailed, match="from https to plain http"):
        fetch(locked(ARCHIVE), registry=secure.url)
    secure.publish(PACKAGE, VERSION, ARCHIVE, tarball=registry.url + path)
    with pytest.raises(NetworkFailed, match="from https to plain http"):
        fetch(locked(ARCHIVE), registry=secure.url)
    assert registry.seen == []


def test_credentials_go_to_the_registry_and_nowhere_else(fetch: Fetch, offer: Offer, registry: Registry) -> None:
    with running_registry() as elsewhere:
        elsewhere.bodies["/x.tgz"] = ARCHIVE
        registry.misbehave(offer.path, redirect(f"{elsewhere.url}/x.tgz"))
        fetch(offer.locked, registry=with_credentials(registry.url))
        assert [seen.headers["Authorization"] for seen in registry.seen] == [f"Basic {ENCODED}"] * 2
        assert [seen.headers["Authorization"] for seen in elsewhere.seen] == [None]


@pytest.mark.parametrize(
    "faults",
    [
        [status(503)] * 5,
        [cut(3)] * 5,
        [status(401)],
        [status(400)],
        [status(404)],
        [sends(b"?")],
        [redirect("http://127.0.0.1:1/")] * 5,
        [redirect("/")] * 9,
        [redirect("ftp://x")],
    ],
)
@pytest.mark.parametrize("where", ["document", "archive"])
def test_no_error_and_no_note_shows_a_password(  # noqa: PLR0917 - fixtures
    faults: list[Fault], where: str, fetch: Fetch, offer: Offer, registry: Registry, recorder: Recorder
) -> None:
    registry.bodies.pop(metadata_path(PACKAGE))
    registry.misbehave(DOCUMENT if where == "document" else offer.path, *faults)
    with pytest.raises(ToolkitError) as caught:
        fetch(offer.locked, registry=with_credentials(registry.url))
    told = " ".join([caught.value.message, caught.value.fix, repr(caught.value), *recorder.notes])
    assert SECRET not in told
    assert ENCODED not in told


def test_a_proxy_is_used_with_its_credentials(
    fetch: Fetch, offer: Offer, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", with_credentials(registry.url))
    registry.url = "http://registry.invalid"
    registry.publish(PACKAGE, VERSION, ARCHIVE)
    assert fetch(offer.locked, registry=registry.url).read_bytes() == ARCHIVE
    assert {seen.headers["Proxy-Authorization"] for seen in registry.seen} == {f"Basic {ENCODED}"}


def test_no_proxy_is_respected(fetch: Fetch, offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert fetch(offer.locked).read_bytes() == ARCHIVE


@pytest.mark.parametrize(
    ("proxy", "kind", "message"),
    [
        (f"http://me:{SECRET}@127.0.0.1:1", NetworkFailed, "no connection|the proxy does not connect"),
        (f"socks5://me:{SECRET}@127.0.0.1:1", UsageProblem, "neither http nor https"),
    ],
)
def test_a_proxy_that_does_not_serve_is_said_without_its_password(  # noqa: PLR0917 - fixtures
    proxy: str, kind: type[ToolkitError], message: str, fetch: Fetch, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", proxy)
    with pytest.raises(kind, match=message) as caught:
        fetch(offer.locked)
    assert SECRET not in f"{caught.value.message}{caught.value.fix}"


def test_a_name_that_nobody_knows_is_said(fetch: Fetch, offer: Offer) -> None:
    with pytest.raises(NetworkFailed, match="its name cannot be resolved"):
        fetch(offer.locked, registry="http://registry.invalid")


def test_nobody_there_is_said(fetch: Fetch, offer: Offer) -> None:
    with pytest.raises(NetworkFailed, match=r"http://127\.0\.0\.1:1/.*: no connection"):
        fetch(offer.locked, registry="http://127.0.0.1:1")
