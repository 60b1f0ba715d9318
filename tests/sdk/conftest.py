"""A fake server to connect to, a deadline for coroutines, and a look at what is left behind after each test."""

import asyncio
import gc
import os
import sys
import threading
from pathlib import Path

import pytest

from codex_app_server import AppServerClient, AppServerConfig, AsyncAppServerClient, AsyncCodex, Codex
from codex_app_server.generated.v2_all import GENERATED_FROM

FAKE = Path(__file__).parent.parent / "fake_app_server.py"
DEADLINE_SECONDS = 60
LAST_STEPS_SECONDS = 10


@pytest.fixture
def config():
    """Makes a configuration for the fake server: flags for it, keywords for the rest."""

    def make(*flags, **options):
        version = () if "--version" in flags else ("--version", GENERATED_FROM)
        return AppServerConfig(launch_args_override=[sys.executable, str(FAKE), *version, *flags], **options)

    return make


@pytest.fixture
def run():
    """Runs a coroutine in a loop of its own, with a deadline."""

    def run_it(coroutine):
        async def bounded():
            return await asyncio.wait_for(coroutine, DEADLINE_SECONDS)

        return asyncio.run(bounded())

    return run_it


@pytest.fixture
def connect(config):
    """Makes a client of the fake server, for a `with` block."""

    def connect(*flags, **options):
        return AppServerClient(config(*flags, **options))

    return connect


@pytest.fixture
def connected(config, run):
    """Runs a coroutine function with an asynchronous client of the fake server."""

    def connected(work, *flags, **options):
        async def main():
            async with AsyncAppServerClient(config(*flags, **options)) as client:
                return await work(client)

        return run(main())

    return connected


@pytest.fixture
def codex_with(config):
    """Makes a Codex on the fake server from who answers its requests; in the end all are closed."""
    made = []

    def codex_with(*, handlers=None, approvals=None, **options):
        made.append(Codex(config(**options), approvals=approvals, handlers=handlers))
        return made[-1]

    yield codex_with
    for each in made:
        each.close()


@pytest.fixture
def with_codex(config, run):
    """Runs a coroutine function with an AsyncCodex on the fake server, made from who answers its requests."""

    def with_codex(work, *, handlers=None, approvals=None, **options):
        async def main():
            async with AsyncCodex(config(**options), approvals=approvals, handlers=handlers) as codex:
                await work(codex)

        run(main())

    return with_codex


@pytest.fixture(scope="session", autouse=True)
def what_is_there_before():
    """What was imported is no garbage: looking through it after each test would take most of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    """No child, not even a zombie; no thread of ours; no unclosed file (a ResourceWarning fails the test)."""
    yield
    gc.collect()
    if os.name != "nt":  # Windows has no zombies, and no list of its children
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
    ours = [thread for thread in threading.enumerate() if thread.name.startswith("codex-app-server")]
    for thread in ours:  # one that has just been let go may still have its last instruction to run
        thread.join(LAST_STEPS_SECONDS)
    assert [thread.name for thread in ours if thread.is_alive()] == []
