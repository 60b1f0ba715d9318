"""What the registry calls the latest version of the runtime."""

from urllib.parse import quote

import msgspec

from ..errors import NetworkFailed, UsageProblem
from ..reporting import Reporter
from ..versions import RuntimeVersion
from . import PACKAGE
from .patience import Patience, TryAgain, patiently
from .settings import WAYS_OUT, Registry
from .urls import public

_DOCUMENT_BYTES_MAX = 1 << 20
_OK, _ABSENT = 200, {404, 410}


class _Document(msgspec.Struct):
    version: str


def newest(registry: Registry, *, patience: Patience, reporter: Reporter) -> RuntimeVersion:
    """The version under the registry's tag `latest`: its publisher's word for the one to use.

    Raises:
        NetworkFailed: it cannot be asked, or answers what no npm registry answers.
        UsageProblem: it has no such package, or calls something the latest that is no runtime version.
    """
    label, web = f"{PACKAGE}@latest", registry.web(patience)
    url = f"{registry.url}/{quote(PACKAGE, safe='@')}/latest"
    try:
        status, body = patiently(
            lambda: web.document(url, accept="application/json", limit_bytes=_DOCUMENT_BYTES_MAX),
            patience=patience,
            note=lambda text: reporter.note(f"{label}: {text}"),
        )
    except TryAgain as trouble:
        raise NetworkFailed(f"{label}: {trouble}", fix="Run the same command again later.") from None
    if status in _ABSENT:
        raise UsageProblem(f"{public(registry.url)} has no {label}", fix=WAYS_OUT)
    try:
        found = msgspec.json.decode(body, type=_Document).version if status == _OK else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if found is None:
        raise NetworkFailed(f"{public(registry.url)} does not answer like an npm registry (HTTP {status})")
    return RuntimeVersion.parse(found)
