"""The Pythons of this machine."""

import os
import shutil
from pathlib import Path

SUPPORTED = ("3.10", "3.11", "3.12", "3.13")


def interpreter(version: str) -> Path | None:
    """Where such a Python is: pyenv's newest, else the one on the PATH."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = sorted(versions.glob(f"{version}.*/bin/python"))
    found = kept[-1] if kept else shutil.which(f"python{version}")
    return Path(found) if found else None
