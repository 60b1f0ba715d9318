"""The real server with a model on loopback, in a directory of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import material
from sdk_artifacts import paths
from sdk_artifacts.targets import host_target

HERE = Path(__file__).parent
FAKE_SERVER = paths.REPOSITORY / "tests" / "fake_app_server.py"

DEADLINE_SECONDS = 120
PROVIDER = """
model = "gpt-5.5"
model_provider = "loopback"
[model_providers.loopback]
name = "loopback"
base_url = "http://127.0.0.1:{port}/v1"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
supports_websockets = false
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """Runs `worker.py` in a process of its own, on a real server that has this home."""

    codex_bin: str
    home: Path
    env: dict[str, str]

    def __call__(self, what: str, how: str, count: int, *more: object) -> dict[str, float]:
        """What it cost."""
        return answer(sys.executable, HERE / "worker.py", what, how, self.codex_bin, count, *more, env=self.env)


@contextmanager
def real_server(*, deltas: int = 1) -> Iterator[Measure]:
    """Gives `measure(what, how, count)`, which runs `worker.py` on the pinned server (or CODEX_BIN) in a fresh home."""
    with material.workplace() as work, model(deltas) as port:
        for name in ("home", "codex"):
            (work / name).mkdir()
        (work / "codex" / "config.toml").write_text(PROVIDER.format(port=port))
        env = {
            **os.environ,
            "HOME": str(work / "home"),
            "CODEX_HOME": str(work / "codex"),
            "CODEX_APP_SERVER_DISABLE_MANAGED_CONFIG": "1",
            "RUST_LOG": "warn",
            "PYTHONPYCACHEPREFIX": str(work / "bytecode"),  # as an installed package has it
        }
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        codex_bin = os.environ.get("CODEX_BIN") or staged(work)

        measure = Measure(codex_bin, work / "codex", env)
        measure("start", "hand", 0)  # the first start fills the home
        measure("start", "sync", 0)  # and the byte code
        measure("start", "async", 0)
        yield measure


@contextmanager
def model(deltas: int, size: int = 60) -> Iterator[int]:
    """A model that says so many deltas; gives its port."""
    command = [sys.executable, HERE / "model_server.py", str(deltas), str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def staged(work: Path) -> str:
    """The pinned runtime's executable."""
    return str(material.stage(host_target(), work / "stage") / "payload" / host_target().executable)


def answer(*command: object, env: dict[str, str] | None = None) -> dict[str, float]:
    """What a worker prints."""
    command_line = [str(part) for part in command]
    told = subprocess.run(command_line, env=env, stdout=subprocess.PIPE, check=True, timeout=DEADLINE_SECONDS)
    figures: dict[str, float] = json.loads(told.stdout)
    return figures
