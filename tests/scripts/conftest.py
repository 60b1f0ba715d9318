"""Fixtures of tests that download: a registry, an empty cache, waits that take no time, a reporter that records."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry_client import ARCHIVE, PACKAGE, VERSION, Fetch, Offer, Recorder, Waits, locked
from registry_server import Registry, running_registry
from runtime.conftest import python, uv  # noqa: F401 - fixtures
from sdk_artifacts.lock import LockedTarget
from sdk_artifacts.paths import CACHE_VARIABLE
from sdk_artifacts.registry import fetch_archive
from small_release import lock, make, publish, sdk_template, small_cache  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.lower() == "npm_config_registry":
            monkeypatch.delenv(name)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "cache"
    monkeypatch.setenv(CACHE_VARIABLE, str(directory))
    return directory


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running_registry() as running:
        yield running


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def offer(registry: Registry, cache: Path) -> Offer:  # noqa: ARG001 - the cache must be set before anything is fetched
    return Offer(registry.publish(PACKAGE, VERSION, ARCHIVE), locked(ARCHIVE))


@pytest.fixture
def fetch(registry: Registry, recorder: Recorder, waits: Waits) -> Fetch:
    own = registry.url

    def fetch(locked: LockedTarget, *, registry: str | None = None, offline: bool = False) -> Path:
        return fetch_archive(
            locked, registry=registry or own, offline=offline, reporter=recorder, patience=waits.patience()
        )

    return fetch
