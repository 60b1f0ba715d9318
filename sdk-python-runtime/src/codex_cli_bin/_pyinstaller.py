"""For PyInstaller, which finds this through the entry point `pyinstaller40`: where the hook is."""

import os


def get_hook_dirs() -> list[str]:
    """The directory of the hook."""
    return [os.path.dirname(__file__)]  # noqa: PTH120 - the package goes without pathlib
