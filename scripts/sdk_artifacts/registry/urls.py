"""URLs: what of them may be shown, which one is an address of a server, and where one may lead."""

import re
from ipaddress import ip_address
from urllib.parse import unquote, urljoin, urlsplit

import urllib3
from urllib3.util import Url, parse_url

from ..errors import NetworkFailed, UsageProblem


def server_address(given: str, source: str, *, fix: str) -> tuple[str, str]:
    """The address without credentials and without a slash at its end, and those as an Authorization header has them.

    Args:
        given: what the user wrote.
        source: where it stands, in a user's words.
        fix: what to do when it is no address.

    Raises:
        UsageProblem: it is none, or would send a password in plain text; credentials are never shown.
    """
    try:
        parsed = parse_url(given.strip())
    except urllib3.exceptions.LocationParseError:
        parsed = Url()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageProblem(f"{source} is no http or https address ({guarded(given)})", fix=fix)
    url = str(Url(parsed.scheme, None, parsed.host, parsed.port, parsed.path)).rstrip("/")
    if parsed.auth is None:
        return url, ""
    if not is_guarded(url):
        raise UsageProblem(f"{source} would send its password to {url} in plain text", fix="Use https://.")
    return url, urllib3.make_headers(basic_auth=unquote(parsed.auth))["authorization"]


def guarded(given: str) -> str:
    """What may be shown of what could not be taken apart."""
    return "its value is not shown, for it holds an @" if "@" in given else repr(given)


def step(url: str, target: str) -> str:
    """Where `target`, met at `url` as a redirect or a link, leads.

    Raises:
        NetworkFailed: to something that is no address, neither http nor https, or from https to http.
    """
    try:
        following = urljoin(url, target)
        scheme = urlsplit(following).scheme
    except ValueError as error:
        raise NetworkFailed(f"{public(url)} leads to {public(target)!r}, which is no address: {error}") from None
    if scheme not in ("http", "https"):
        raise NetworkFailed(f"{public(url)} leads to {public(following)}, which is neither http nor https")
    if scheme == "http" and urlsplit(url).scheme == "https":
        raise NetworkFailed(
            f"{public(url)} leads from https to plain http: {public(following)}",
            fix="Use a registry whose archives are served by https.",
        )
    return following


def public(url: str) -> str:
    """The URL without what may be secret: user, password, query."""
    bare = re.sub(r"[?#].*", "", url, flags=re.DOTALL)
    return re.sub(r"^([a-z][a-z0-9+.-]*://)?[^/]*@", r"\1", bare, flags=re.IGNORECASE)


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port."""
    parsed = parse_url(url)
    scheme = parsed.scheme or ""
    return scheme, (parsed.host or "").lower(), parsed.port or {"https": 443}.get(scheme, 80)


def is_guarded(url: str) -> bool:
    """Whether nobody between here and there can read or change what is sent: https, or this machine itself."""
    scheme, host, _ = origin_of(url)
    if scheme == "https" or host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
