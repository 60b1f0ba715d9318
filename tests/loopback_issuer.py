"""Who signs people in, on loopback, for the real server to ask: every token is made up, and has SECRET in it.

with LoopbackIssuer() as issuer:
    ... a server with issuer.env and issuer.settings ...
    issuer.person_agrees(login.auth_url)
"""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlparse
from urllib.request import ProxyHandler, build_opener

if TYPE_CHECKING:
    from typing_extensions import Self

EMAIL = "person@loopback.example"
USER_CODE = "ABCD-SECRET"
CLAIMS = {
    "email": EMAIL,
    "sub": "SECRET-subject",
    "exp": 4102444800,
    "https://api.openai.com/auth": {
        "chatgpt_plan_type": "pro",
        "chatgpt_account_id": "account-1",
        "chatgpt_user_id": "user-1",
    },
}
WORKSPACE = {
    "id": "account-1",
    "workspace_backend_origin": "https://loopback.example",
    "account_routing_override": "NO_CONSTRAINT",
}


class LoopbackIssuer:
    """The issuer's server, in a thread of its own; a context manager."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = False  # closing waits for them
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="loopback-issuer")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def env(self) -> dict[str, str | None]:
        """What makes a server ask here."""
        return {"CODEX_APP_SERVER_LOGIN_ISSUER": self._url}

    @property
    def settings(self) -> dict[str, Any]:
        """What makes a server that uses a loopback model want somebody to be signed in."""
        return {"chatgpt_base_url": f"{self._url}/backend-api/", "model_providers.loopback.requires_openai_auth": True}

    @staticmethod
    def person_agrees(auth_url: str) -> None:
        """What a browser does when the person on the page agrees."""
        _go_back(auth_url, code="SECRET-code")

    @staticmethod
    def person_refuses(auth_url: str) -> None:
        """What a browser does when the person on the page refuses."""
        _go_back(auth_url, error="access_denied", error_description="the person said no")

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = f"{_part({'alg': 'none'})}.{_part(CLAIMS)}.{_part('SECRET')}"
        match self.path:
            case "/api/accounts/deviceauth/usercode":
                self._answer({"device_auth_id": "SECRET-device", "user_code": USER_CODE, "interval": "0"})
            case "/api/accounts/deviceauth/token":  # the person has typed it in already
                self._answer({"authorization_code": "SECRET-code", "code_challenge": "c", "code_verifier": "v"})
            case _:
                self._answer({"id_token": token, "access_token": token, "refresh_token": "SECRET-refresh"})

    def do_GET(self) -> None:
        self._answer({"accounts": [WORKSPACE]})

    def _answer(self, content: Any) -> None:
        data = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
        """Say nothing."""


def _part(content: Any) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _go_back(auth_url: str, **answer: str) -> None:
    asked = parse_qs(urlparse(auth_url).query)
    back = f"{asked['redirect_uri'][0]}?{urlencode({**answer, 'state': asked['state'][0]})}"
    with build_opener(ProxyHandler({})).open(back, timeout=30) as page:
        page.read()
