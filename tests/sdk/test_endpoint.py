import pytest

from codex_app_server import AppServerConfig, UsageError
from codex_app_server._endpoint import find_endpoint, find_token

LOCAL = ["unix:///run/s", "ws://127.0.0.1:1", "ws://127.8.9.1:1", "ws://localhost:1", "ws://[::1]:1"]
REMOTE = ["ws://example.org:1", "ws://10.0.0.1:1", "ws://0.0.0.0:1", "ws://localhost.example.org:1"]


def test_a_url_names_a_socket_or_a_host_with_a_port():
    assert find_endpoint("unix:///run/my s").path == "/run/my s"
    endpoint = find_endpoint("ws://127.0.0.1:4500/x?y=1")
    assert (endpoint.path, endpoint.host, endpoint.port) == (None, "127.0.0.1", 4500)
    assert endpoint.uri == "ws://127.0.0.1:4500/x?y=1"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("unix://", "names no socket"),
        ("ws://127.0.0.1", "names no server"),
        ("ws://:1", "names no server"),
        ("ws://h:1#f", "names no server"),
        ("ws://h:99999", "out of range"),
        ("ws://[::1", "names no host; write unix:///PATH or ws://HOST:PORT"),
        ("http://h:1", "names no server"),
        ("/run/s", "names no server"),
        ("", "names no server"),
        ("wss://h:1", "TLS is not spoken here.*ssh -L"),
    ],
)
def test_other_urls_are_refused_with_what_to_write(url, text):
    with pytest.raises(UsageError, match=text):
        find_endpoint(url)


@pytest.mark.parametrize(
    ("url", "text"), [("ws://me:sekrit@h:1", "use auth_token"), ("ws://me:sekrit@\u2100:1", "names no host")]
)
def test_a_password_in_a_url_is_refused_and_not_told(url, text):
    with pytest.raises(UsageError, match=text) as caught:
        find_endpoint(url)
    assert "sekrit" not in str(caught.value)


@pytest.mark.parametrize("url", LOCAL)
def test_a_token_goes_to_this_machine(url):
    assert find_token(AppServerConfig(url=url, auth_token=lambda: "t"), find_endpoint(url)) == "t"
    assert find_token(AppServerConfig(url=url), find_endpoint(url)) is None


@pytest.mark.parametrize("url", REMOTE)
def test_a_token_goes_to_another_machine_only_when_asked(url):
    called = []
    config = AppServerConfig(url=url, auth_token=lambda: called.append(1) or "t")
    with pytest.raises(UsageError, match=r"anybody on the way could read it.*allow_plain_token"):
        find_token(config, find_endpoint(url))
    assert called == []
    assert find_token(AppServerConfig(url=url, auth_token="t", allow_plain_token=True), find_endpoint(url)) == "t"


@pytest.mark.parametrize("token", ["", "sekrit\n", "sekrit\r\nX: y", "sek rit", "sékrit", b"sekrit", 7])
def test_what_no_header_can_hold_is_refused_and_not_told(token):
    with pytest.raises(UsageError, match="visible ASCII") as caught:
        find_token(AppServerConfig(url=LOCAL[0], auth_token=token), find_endpoint(LOCAL[0]))
    assert "rit" not in str(caught.value).replace("characters", "").replace("written", "")


@pytest.mark.parametrize(
    "options",
    [
        {"codex_bin": "x"},
        {"launch_args_override": ["x"]},
        {"config_overrides": ["a=1"]},
        {"cwd": "/"},
        {"env": {"A": "b"}},
    ],
)
def test_what_is_for_a_server_of_our_own_is_refused_beside_a_url(options):
    with pytest.raises(UsageError, match=f"{next(iter(options))} is for a server that is started here"):
        AppServerConfig(url=LOCAL[0], **options)


def test_a_token_without_a_url_is_refused():
    with pytest.raises(UsageError, match="url does not name one"):
        AppServerConfig(auth_token="t")
