"""The real, locked runtime, a model on loopback for it, and a home of its own for each test."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from codex_app_server import AppServerClient, AppServerConfig, AsyncAppServerClient, AsyncCodex, Codex
from loopback_model import LoopbackModel
from model_replies import DEADLINE_SECONDS
from sdk.conftest import nothing_is_left_behind, run, what_is_there_before  # noqa: F401 - the same rules hold here

# The names of the provider and the model are arbitrary, but for one thing: this model is also offered apply_patch.
SETTINGS = """\
model = "gpt-5.5"
model_provider = "loopback"

[model_providers.loopback]
name = "loopback"
base_url = "{url}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
supports_websockets = false
"""


@dataclass(frozen=True, slots=True)
class Home:
    """Where one server keeps its state.

    Attributes:
        work: the directory that its threads work in.
        env: what makes the server use this home, and nothing else of the machine's.
    """

    work: Path
    env: dict[str, str | None]


@pytest.fixture(scope="session")
def runtime():
    """The locked executable of this host: `CODEX_BIN`, else out of the cache, fetched once."""
    if given := os.environ.get("CODEX_BIN"):
        return Path(given)
    # Only here, for these tests also run on a Python that is too old for the toolkit.
    from sdk_artifacts.commands.fetch import host_runtime
    from sdk_artifacts.lock import load_lock
    from sdk_artifacts.reporting import Silent

    return host_runtime(load_lock(), registry=None, offline=False, reporter=Silent())


@pytest.fixture(scope="session")
def version(runtime):
    """What the executable itself says."""
    told = subprocess.run([runtime, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    return told.split()[-1]


@pytest.fixture
def model():
    with LoopbackModel() as model:
        yield model


@pytest.fixture
def home(tmp_path, model):
    codex_home, user_home, work = tmp_path / "codex", tmp_path / "home", tmp_path / "work"
    for directory in (codex_home, user_home, work):
        directory.mkdir()
    (codex_home / "config.toml").write_text(SETTINGS.format(url=model.url))
    if os.name == "nt":  # Wine refuses what the server does when there is none: to write a file that it has locked
        (codex_home / "installation_id").write_text("6f1c2f0e-6a0c-4f5e-9a5b-0a2f6c1d9e11")
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"))
    own = {
        "CODEX_HOME": str(codex_home),
        "HOME": str(user_home),  # commands run in a login shell
        "CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG": "1",
        "RUST_LOG": "warn",
    }
    return Home(work, proxies | own)


@pytest.fixture
def config(runtime, home):
    return AppServerConfig(codex_bin=runtime, cwd=home.work, env=home.env, turn_timeout_seconds=DEADLINE_SECONDS)


@pytest.fixture
def codex(config):
    with Codex(config) as codex:
        yield codex


@pytest.fixture
def client(config):
    with AppServerClient(config) as client:
        yield client


@pytest.fixture
def with_codex(config, run):  # noqa: F811 - the fixture from above
    """Runs a coroutine function with an AsyncCodex."""

    def with_codex(work):
        async def main():
            async with AsyncCodex(config) as codex:
                await work(codex)

        run(main())

    return with_codex


@pytest.fixture
def with_client(config, run):  # noqa: F811 - the fixture from above
    """Runs a coroutine function with an AsyncAppServerClient."""

    def with_client(work):
        async def main():
            async with AsyncAppServerClient(config) as client:
                await work(client)

        run(main())

    return with_client
