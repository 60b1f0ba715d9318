"""Fixtures that several test modules share."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from natives import native_files


@pytest.fixture(scope="session")
def natives() -> Mapping[str, Path]:
    """Real native files by name, see `tests/natives.py`."""
    return native_files()
