"""Every method of the protocol, typed: a command, files, a goal."""

import base64
from pathlib import Path

from codex_app_server import Codex
from codex_app_server import types as t
from codex_app_server.generated import methods as m

with Codex() as codex:
    done = codex.client.request(m.COMMAND_EXEC, t.CommandExecParams(command=["echo", "hello"], timeout_ms=30_000))
    print(done.exit_code, done.stdout.strip())  # -> 0 hello

    path = str(Path("sea.txt").absolute())
    content = base64.b64encode(b"blue").decode()
    codex.client.request(m.FS_WRITE_FILE, t.FsWriteFileParams(path=path, data_base64=content))
    read = codex.client.request(m.FS_READ_FILE, {"path": path})  # a dict with the wire's names is fine, too
    print(base64.b64decode(read.data_base64).decode())  # -> blue

    thread = codex.thread_start()
    thread.run("Let us begin.")
    goal = t.ThreadGoalSetParams(thread_id=thread.id, objective="reach the sea", status="paused")
    print(codex.client.request(m.THREAD_GOAL_SET, goal).goal.objective)  # -> reach the sea
