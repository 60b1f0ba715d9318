"""What the public index takes: bytes per file and per project, and until when. Other indexes have other rules."""

from datetime import datetime, timedelta

from ..checks.size import DEFAULT_LIMIT_BYTES, LAST_LIMIT_BYTES

__all__ = ["DEFAULT_LIMIT_BYTES", "LAST_LIMIT_BYTES", "LATE_AFTER", "PROJECT_LIMIT_BYTES", "deadline"]

PROJECT_LIMIT_BYTES = 10 << 30
LATE_AFTER = timedelta(days=14)


def deadline(uploaded: list[datetime], now: datetime) -> datetime:
    """When the index begins to refuse files of a version whose files were uploaded at these times, if any were."""
    return min(uploaded, default=now) + LATE_AFTER
