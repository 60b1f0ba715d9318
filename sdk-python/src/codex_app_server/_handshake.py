"""The first request of a connection: what it says, and what its answer must be."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from . import _fit, _typed
from ._metadata import ServerMetadata
from ._version import VERSION
from .errors import IncompatibleServerError, ProtocolError

if TYPE_CHECKING:
    from .config import AppServerConfig
    from .errors import ServerError
    from .generated.v2_all import InitializeResponse

METHOD = "initialize"
DONE = "initialized"

_logger = logging.getLogger("codex_app_server")


def params(config: AppServerConfig) -> dict[str, Any]:
    """Who is calling, and what it wants; plain values, for the types are not loaded yet."""
    client = {"name": config.client_name, "title": config.client_title, "version": config.client_version or VERSION}
    capabilities = {
        "experimentalApi": config.experimental_api,
        "optOutNotificationMethods": list(config.opt_out_notifications),
    }
    return {"clientInfo": client, "capabilities": capabilities}


def get_ready() -> None:
    """Load what reading the answer takes; a server that is just starting leaves the time for it."""
    from .generated.methods import INITIALIZE  # noqa: PLC0415 - not before there is that time

    _ = INITIALIZE.result


def metadata(line: bytes) -> InitializeResponse:
    """What the server tells about itself.

    Raises:
        IncompatibleServerError: that is not what an app-server tells.
    """
    from .generated.methods import INITIALIZE  # noqa: PLC0415 - see `get_ready`

    try:
        answer = _typed.result(INITIALIZE, line)
    except ProtocolError as error:
        raise IncompatibleServerError(str(error)) from error
    if not isinstance(answer.user_agent, str):
        raise IncompatibleServerError("the answer to initialize names no server; is this `codex app-server`?")
    return answer


def note_versions(answer: InitializeResponse, config: AppServerConfig) -> tuple[str | None, str]:
    """The server's version and the pinned one; what they are to each other is logged when they differ."""
    server = ServerMetadata.of(answer, config.client_name)
    match _fit.relation(server.version, server.pinned_version):
        case "newer patch":
            _logger.info("the server is %s; this SDK was made for %s", server.version, server.pinned_version)
        case "unknown":
            _logger.warning("the server does not tell its version; this SDK was made for %s", server.pinned_version)
        case "newer" | "older" as relation:
            _logger.warning(
                "the server, %s, is %s than %s, which this SDK was made for; `pip install codex-cli-bin==%s` gets that",
                server.version,
                relation,
                server.pinned_version,
                _fit.as_distribution(server.pinned_version),
            )
    return server.version, server.pinned_version


def refused(error: ServerError) -> IncompatibleServerError:
    """The error for a server that does not want to be initialized."""
    return IncompatibleServerError(f"the server refused the handshake: {error}")
