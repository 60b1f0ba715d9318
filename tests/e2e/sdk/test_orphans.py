"""A program that is killed takes its real server along, in mid-turn, and what that has started."""

import os
import subprocess
import sys

import pytest

from e2e.sdk.processes import ONLY_LINUX, children, read_pid
from model_replies import calls
from sdk.fake_methods import ends

pytestmark = [pytest.mark.real, pytest.mark.skipif(bool(ONLY_LINUX), reason=ONLY_LINUX)]

SYNC_PROGRAM = """
import sys
from codex_app_server import Codex
codex = Codex()
codex.thread_start(approval_policy="never", sandbox="danger-full-access").turn("sleep")
sys.stdin.read()
"""
ASYNC_PROGRAM = """
import asyncio
from codex_app_server import AsyncCodex
async def main():
    async with AsyncCodex() as codex:
        thread = await codex.thread_start(approval_policy="never", sandbox="danger-full-access")
        await (await thread.turn("sleep")).run()
asyncio.run(main())
"""


@pytest.mark.parametrize("program", [SYNC_PROGRAM, ASYNC_PROGRAM], ids=["sync", "async"])
def test_a_killed_program_leaves_neither_server_nor_command(runtime, home, model, program):
    os.mkfifo(home.work / "pipe")
    model.replies(calls("exec_command", cmd="echo $$ > pipe; exec sleep 600"))
    env = {name: value for name, value in ({**os.environ, **home.env}).items() if value is not None}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, cwd=home.work, env={**env, "CODEX_BIN": str(runtime)}
    ) as parent:
        command = read_pid(home.work / "pipe")
        [server] = children(parent.pid)
        assert not ends(server, 0)
        assert not ends(command, 0)
        parent.kill()
    assert ends(server, 60)
    assert ends(command, 60)
