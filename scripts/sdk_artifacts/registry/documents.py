"""What a registry says of a package: a small JSON document, asked for patiently and read into a struct."""

from typing import TypeVar

import msgspec

from ..errors import NetworkFailed
from ..reporting import Reporter
from .patience import Patience, TryAgain, patiently
from .settings import Registry
from .urls import public

ABSENT = {404, 405, 410}
DOCUMENT_BYTES_MAX = 1 << 20

_Shape = TypeVar("_Shape", bound=msgspec.Struct)


def ask(
    registry: Registry,
    path: str,
    *,
    label: str,
    accept: str = "application/json",
    limit_bytes: int = DOCUMENT_BYTES_MAX,
    patience: Patience,
    reporter: Reporter,
) -> tuple[int, bytes]:
    """Status and body of the document at `path`, which is quoted as the registry's URLs are.

    Args:
        label: what people call that which is asked for.

    Raises:
        NetworkFailed: the registry cannot be asked.
    """
    web = registry.web(patience)
    try:
        return patiently(
            lambda: web.document(f"{registry.url}/{path}", accept=accept, limit_bytes=limit_bytes),
            patience=patience,
            note=lambda text: reporter.note(f"{label}: {text}"),
        )
    except TryAgain as trouble:
        raise NetworkFailed(f"{label}: {trouble}", fix="Run the same command again later.") from None


def decoded(status: int, body: bytes, shape: type[_Shape], registry: Registry) -> _Shape:
    """The document as a struct.

    Raises:
        NetworkFailed: no npm registry answers like this.
    """
    fix = "Check that it is the address of an npm registry; a proxy's own page looks like this, too."
    if status != 200:  # noqa: PLR2004 - HTTP's own word for yes
        raise NetworkFailed(f"{public(registry.url)} answers HTTP {status} to a question about a package", fix=fix)
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NetworkFailed(f"{public(registry.url)} does not answer like an npm registry: {error}", fix=fix) from None
