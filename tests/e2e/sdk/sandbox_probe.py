"""What a command can do in its sandbox, found out by a command that tries it all."""

import shlex
import socket
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codex_app_server import Sandbox
from e2e.sdk.outcomes import item_of
from model_replies import calls, says

WORK, EXTRA, ELSEWHERE, NETWORK = "work", "extra", "elsewhere", "network"
EVERYTHING = {WORK, EXTRA, ELSEWHERE, NETWORK}


@dataclass(frozen=True, slots=True)
class Probe:
    """A command that tries to write into three directories and to connect to a port of this test's.

    Attributes:
        extra: a directory beside the thread's.
    """

    extra: Path
    elsewhere: Path
    port: int

    @property
    def command(self) -> str:
        """For a shell; it prints what it could do."""
        connect = f"import socket; socket.create_connection(('127.0.0.1', {self.port}), 5)"
        tries = {
            WORK: "touch probe",
            EXTRA: f"touch {shlex.quote(str(self.extra / 'probe'))}",
            ELSEWHERE: f"touch {shlex.quote(str(self.elsewhere / 'probe'))}",
            NETWORK: f"{shlex.quote(sys.executable)} -c {shlex.quote(connect)}",
        }
        return "; ".join(f"{attempt} 2>/dev/null && echo {name}" for name, attempt in tries.items()) + "; true"

    def replies(self, turns: int = 1):
        """Have the model call it once in each turn."""
        return [each for _ in range(turns) for each in (calls("exec_command", cmd=self.command), says("done"))]

    # No temporary directories: those of the tests lie there.
    def boxes(self):
        """Sandboxes for threads, each with what a command can do in it."""
        tight = {"slash_tmp": False, "tmpdir": False}
        return [
            (Sandbox.read_only(), set()),
            (Sandbox.workspace_write(**tight), {WORK}),
            (Sandbox.workspace_write(writable_roots=[self.extra], **tight), {WORK, EXTRA}),
            (Sandbox.workspace_write(network=True, **tight), {WORK, NETWORK}),
            (Sandbox.danger_full_access(), EVERYTHING),
        ]

    def more_boxes(self):
        """Those that only turns can have."""
        return [(Sandbox.read_only(network=True), {NETWORK}), (Sandbox.external(), EVERYTHING)]


@contextmanager
def probing(directory: Path):
    """A probe with a port that really listens."""
    extra, elsewhere = directory / "extra", directory / "elsewhere"
    extra.mkdir()
    elsewhere.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Probe(extra, elsewhere, server.getsockname()[1])


def done(result):
    """What the command of a turn could do."""
    return set((item_of(result, "commandExecution").aggregated_output or "").split())
