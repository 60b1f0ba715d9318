"""Every path of the repository, and the user's cache."""

import os
from pathlib import Path

import platformdirs

REPOSITORY = Path(__file__).resolve().parents[2]
PLATFORMS = REPOSITORY / "platforms"
LOCK = PLATFORMS / "runtime.lock"
PARTS = PLATFORMS / "parts.toml"
RUNTIME_TEMPLATE = REPOSITORY / "sdk-python-runtime"
SDK_TEMPLATE = REPOSITORY / "sdk-python"
LICENSE = REPOSITORY / "LICENSE"
CHANGELOG = REPOSITORY / "CHANGELOG.md"
GENERATED_TYPES = REPOSITORY / "sdk-python" / "src" / "codex_app_server" / "generated"
DIST = REPOSITORY / "dist"
HISTORY = REPOSITORY / "benchmarks" / "history.jsonl"
FIGURES = REPOSITORY / "benchmarks" / "figures.json"

CACHE_VARIABLE = "CODEX_ARTIFACTS_CACHE"


def cache_directory() -> Path:
    """Where downloads are kept between runs: `$CODEX_ARTIFACTS_CACHE`, else the user's cache directory."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("codex-python-artifacts")
