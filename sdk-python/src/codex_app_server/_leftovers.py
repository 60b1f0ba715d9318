"""What becomes of what the session leaves to the shells: requests of the server's are answered, faults are logged.

Nothing is approved by itself, and nothing is left without an answer: the server would wait for it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ._protocol import METHOD_NOT_FOUND, encode_error, encode_result

if TYPE_CHECKING:
    from ._protocol import Call, Fault

DECLINED: dict[str, dict[str, Any]] = {
    "item/commandExecution/requestApproval": {"decision": "decline"},
    "item/fileChange/requestApproval": {"decision": "decline"},
    "item/permissions/requestApproval": {"permissions": {}},  # grants none of them
    "mcpServer/elicitation/request": {"action": "decline"},
    "applyPatchApproval": {"decision": "denied"},
    "execCommandApproval": {"decision": "denied"},
}

_logger = logging.getLogger("codex_app_server")


class Decliner:
    """Answers for a connection whose caller handles no requests."""

    def __init__(self) -> None:
        self._warned = False

    def answer(self, call: Call) -> bytes:
        """The line that declines an approval, or says that the method is not supported."""
        if call.method not in DECLINED:
            _logger.debug("refused %s: not supported", call.method)
            return encode_error(call.id, METHOD_NOT_FOUND, f"this client does not support {call.method}")
        if not self._warned:
            self._warned = True
            _logger.warning("declined %s: no approval is given without a handler; this is said once", call.method)
        return encode_result(call.id, DECLINED[call.method])


def log_fault(fault: Fault) -> None:
    """Tell of a line that was passed over; not of its content, which may be secret."""
    _logger.warning("passed over a line of %d bytes from the server: %s", fault.size, fault.reason)
