"""HTTP GET with the user's proxies and CAs, and without a downgrade to plain text on the way."""

import ssl
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin, urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import parse_url

from ..errors import NetworkFailed, UsageProblem
from .patience import Patience, TryAgain, retry_after_seconds
from .urls import origin_of, public, step

_REDIRECTS = 5
_PASSING = {408, 425, 429}
_REFUSED = {401, 403, 407}
_CHUNK_BYTES = 64 << 10  # more than one TLS record holds
_NO_DEADLINE = float("inf")


@dataclass(frozen=True, slots=True)
class Web:
    """Fetches URLs.

    Attributes:
        patience: for waits and timeouts.
        authorization: value of the Authorization header, sent to `origin` and nowhere else, whoever redirects there.
        origin: scheme, host and port as `origin_of` gives them.
        stays: redirects away from `origin` are not followed; their response is the answer.
        ways_in: what to do next when the server refuses access.
    """

    patience: Patience = field(default_factory=Patience)
    authorization: str = field(default="", repr=False)
    origin: tuple[str, str, int] = ("", "", 0)
    stays: bool = False
    ways_in: str = "Give credentials in the address: --registry or NPM_CONFIG_REGISTRY, https://USER:PASSWORD@HOST/."

    @contextmanager
    def get(self, url: str, headers: Mapping[str, str]) -> Iterator[urllib3.BaseHTTPResponse]:
        """One GET, redirects followed; the status is the caller's to judge, save those that everybody treats alike.

        Raises:
            TryAgain: the connection, the body (also while the context reads it) or the server failed for now.
            NetworkFailed: it failed for good.
            UsageProblem: the server wants other credentials.
        """
        with _failures_of(url):
            response = self._follow(url, headers)
            try:
                self._judge(response, url)
                yield response
            finally:
                response.close()

    def document(self, url: str, *, accept: str, limit_bytes: int) -> tuple[int, bytes]:
        """Status and body of a small document.

        Raises:
            TryAgain: as `get`, or it took too long.
            NetworkFailed: as `get`, or the body is larger than `limit_bytes`.
        """
        body = bytearray()
        with self.get(url, {"Accept": accept, "Accept-Encoding": "gzip"}) as response:
            for chunk in chunks(response, decode=True, deadline_seconds=self.patience.document_seconds):
                body += chunk
                if len(body) > limit_bytes:
                    raise NetworkFailed(
                        f"{public(url)} answered with more than {limit_bytes} bytes where a short document belongs",
                        fix="Check that the address is that of an npm registry.",
                    )
            return response.status, bytes(body)

    def _follow(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        timeout = urllib3.Timeout(connect=self.patience.stall_seconds, read=self.patience.stall_seconds)
        for _ in range(_REDIRECTS + 1):
            own = {"Authorization": self.authorization} if self.authorization and origin_of(url) == self.origin else {}
            response = _pool(url).request(
                "GET", url, headers={**headers, **own}, timeout=timeout,
                retries=False, redirect=False, preload_content=False,
            )  # fmt: skip
            location = response.get_redirect_location()
            if not location:
                return response
            if self.stays and origin_of(urljoin(url, location)) != self.origin:
                return response
            response.close()
            url = step(url, location)
        raise NetworkFailed(f"{public(url)}: more than {_REDIRECTS} redirects")

    def _judge(self, response: urllib3.BaseHTTPResponse, url: str) -> None:
        if response.status in _REFUSED:
            raise UsageProblem(f"{public(url)} refuses access (HTTP {response.status})", fix=self.ways_in)
        if response.status in _PASSING or response.status >= 500:  # noqa: PLR2004 - HTTP's own class of server errors
            asked = retry_after_seconds(response.headers.get("Retry-After"), self.patience.now())
            raise TryAgain(f"{public(url)}: HTTP {response.status}", after_seconds=asked)


def chunks(
    response: urllib3.BaseHTTPResponse, *, decode: bool = False, deadline_seconds: float = _NO_DEADLINE
) -> Iterator[bytes]:
    """The body as it arrives: whatever is there, so that a cut loses nothing that came before it."""
    end = time.monotonic() + deadline_seconds
    while chunk := response.read1(_CHUNK_BYTES, decode_content=decode):
        if time.monotonic() > end:
            raise TryAgain(f"the answer was not complete after {deadline_seconds:g} s")
        yield chunk


def _pool(url: str) -> urllib3.PoolManager:
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    # Knows SSL_CERT_FILE and SSL_CERT_DIR; reading all those certificates takes longer than asking a server nearby.
    context = ssl.create_default_context() if parts.scheme == "https" else None
    if not proxy or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return urllib3.PoolManager(ssl_context=context)
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme not in ("http", "https"):
        raise UsageProblem(f"the proxy {public(proxy)} is neither http nor https", fix="Set HTTPS_PROXY or NO_PROXY.")
    auth = parse_url(proxy).auth
    headers = urllib3.make_headers(proxy_basic_auth=unquote(auth)) if auth else None
    return urllib3.ProxyManager(proxy, proxy_headers=headers, ssl_context=context)


@contextmanager
def _failures_of(url: str) -> Iterator[None]:
    """Turn urllib3's errors into ours, which quote nothing of them: they may hold an address with its password."""
    try:
        yield
    except LocationValueError:
        raise NetworkFailed(f"{public(url)} is no address that can be asked") from None
    except HTTPError as error:
        if isinstance(error, SSLError) and "certificate verify failed" in str(error).lower():
            raise NetworkFailed(
                f"{public(url)}: its certificate is not trusted here",
                fix="Set SSL_CERT_FILE to a file with the CA certificates to trust.",
            ) from None
        raise TryAgain(f"{public(url)}: {_reason(error)}") from None


def _reason(error: HTTPError) -> str:
    reasons: dict[type[HTTPError], str] = {
        NameResolutionError: "its name cannot be resolved",
        ConnectTimeoutError: "no connection in time",
        NewConnectionError: "no connection",
        ReadTimeoutError: "no byte came for too long",
        ProxyError: "the proxy does not connect",
        SSLError: "TLS failed",
    }
    return next((text for kind, text in reasons.items() if isinstance(error, kind)), "the connection was cut")
