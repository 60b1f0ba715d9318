"""The processes around a soak: its model, and the servers, found by a mark in their environment. Linux only."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from codex_app_server import AppServerConfig
from e2e.sdk.conftest import SETTINGS
from e2e.sdk.processes import children

MARK = "SOAK_TWIN"


@contextmanager
def running_model():
    """A model in a process of its own, so that what it holds is not counted; gives its URL."""
    program = [sys.executable, "-c", "from soak.model import main; main()"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(program, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()


def make_config(runtime, directory, url, twin):
    """How to start the server of one twin, with a home of its own."""
    codex_home, user_home, work = (directory / twin / name for name in ("codex", "home", "work"))
    for each in (codex_home, user_home, work):
        each.mkdir(parents=True)
    (codex_home / "config.toml").write_text(SETTINGS.format(url=url))
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"))
    own = {
        "CODEX_HOME": str(codex_home),
        "HOME": str(user_home),
        "CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG": "1",
        "RUST_LOG": "error",
        MARK: twin,
    }
    return AppServerConfig(codex_bin=runtime, cwd=work, env=proxies | own, turn_timeout_seconds=60)


def kill_server(twin):
    """Kill the server of that twin, at once."""
    for pid in children():
        with suppress(ProcessLookupError, FileNotFoundError):  # another one that has just ended
            if f"{MARK}={twin}\0".encode() in Path(f"/proc/{pid}/environ").read_bytes():
                os.kill(pid, signal.SIGKILL)
