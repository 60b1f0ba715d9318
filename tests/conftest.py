"""Fixtures that several test modules share."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from natives import native_files

# A loaded machine is no finding: what takes too long is caught by the suite's timeout.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def natives() -> Mapping[str, Path]:
    """Real native files by name, see `tests/natives.py`."""
    return native_files()
