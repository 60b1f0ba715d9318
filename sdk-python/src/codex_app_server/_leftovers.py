"""What becomes of the lines that are no messages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._protocol import Fault

_logger = logging.getLogger("codex_app_server")


def log_fault(fault: Fault) -> None:
    """Tell of a line that was passed over; not of its content, which may be secret."""
    _logger.warning("passed over a line of %d bytes from the server: %s", fault.size, fault.reason)
