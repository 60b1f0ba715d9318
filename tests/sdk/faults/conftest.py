"""A client of the faulty server, and a look at what is left behind."""

import gc
import os
import sys
from pathlib import Path

import pytest

from codex_app_server import AppServerConfig
from sdk.conftest import nothing_is_left_behind, run  # noqa: F401 - the same rules hold here

FAULTY = Path(__file__).parent.parent.parent / "faulty_server.py"


@pytest.fixture
def faulty():
    """Makes the configuration of a client whose server goes wrong so in that state."""

    def faulty(state, fault, **options):
        return AppServerConfig(launch_args_override=[sys.executable, str(FAULTY), state, fault], **options)

    return faulty


@pytest.fixture(autouse=True)
def no_file_stays_open():
    before = open_files()
    yield
    gc.collect()
    assert open_files() == before


def open_files():
    """What this process has open, where the system can tell."""
    directory = Path("/proc/self/fd")
    if os.name == "nt" or not directory.exists():  # Wine shows Linux' own
        return []
    # The listing itself is one of them, and gone when it is looked at.
    return sorted((each.name, str(each.readlink())) for each in directory.iterdir() if each.is_symlink())
