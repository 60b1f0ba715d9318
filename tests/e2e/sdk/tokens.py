"""The two kinds of tokens that a real server can ask for: its options, a right one and a wrong one."""

import hmac
import json
from base64 import urlsafe_b64encode
from time import time


def capability(directory):
    """A text that both sides know."""
    file = directory / "token"
    file.write_text("a-token-of-32-characters-or-more\n")
    file.chmod(0o600)
    return ["--ws-auth", "capability-token", "--ws-token-file", str(file)], file.read_text().strip(), "another"


def signed(directory):
    """A token that is signed with a secret that both sides know."""
    file = directory / "secret"
    file.write_text("a-secret-of-32-characters-or-more")
    file.chmod(0o600)
    options = ["--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", str(file)]
    return options, _sign(file.read_bytes()), _sign(b"another-secret-of-32-characters-or-more")


def _sign(secret):
    claims = {"exp": int(time()) + 600}
    text = b".".join(_part(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (text + b"." + _part(hmac.digest(secret, text, "sha256"))).decode()


def _part(data):
    return urlsafe_b64encode(data).rstrip(b"=")


TOKENS = {"capability": capability, "signed": signed}
