"""What the registry calls the latest version of the runtime."""

from urllib.parse import quote

import msgspec

from ..errors import UsageProblem
from ..reporting import Reporter
from ..versions import RuntimeVersion
from . import PACKAGE
from .documents import ABSENT, ask, decoded
from .patience import Patience
from .settings import WAYS_OUT, Registry
from .urls import public


class _Document(msgspec.Struct):
    version: str


def newest(registry: Registry, *, patience: Patience, reporter: Reporter) -> RuntimeVersion:
    """The version under the registry's tag `latest`: its publisher's word for the one to use.

    Raises:
        NetworkFailed: it cannot be asked, or answers what no npm registry answers.
        UsageProblem: it has no such package, or calls something the latest that is no runtime version.
    """
    label, path = f"{PACKAGE}@latest", f"{quote(PACKAGE, safe='@')}/latest"
    status, body = ask(registry, path, label=label, patience=patience, reporter=reporter)
    if status in ABSENT:
        raise UsageProblem(f"{public(registry.url)} has no {label}", fix=WAYS_OUT)
    return RuntimeVersion.parse(decoded(status, body, _Document, registry).version)
