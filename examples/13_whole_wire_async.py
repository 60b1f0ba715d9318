"""Every method of the protocol, typed: a command, files, a goal, with asyncio."""

import asyncio
import base64
from pathlib import Path

from codex_app_server import AsyncCodex
from codex_app_server import types as t
from codex_app_server.generated import methods as m

PLACE = Path("sea.txt").absolute()


async def main() -> None:
    async with AsyncCodex() as codex:
        echo = t.CommandExecParams(command=["echo", "hello"], timeout_ms=30_000)
        done = await codex.client.request(m.COMMAND_EXEC, echo)
        print(done.exit_code, done.stdout.strip())  # -> 0 hello

        path = str(PLACE)
        content = base64.b64encode(b"blue").decode()
        await codex.client.request(m.FS_WRITE_FILE, t.FsWriteFileParams(path=path, data_base64=content))
        read = await codex.client.request(m.FS_READ_FILE, {"path": path})  # a dict with the wire's names is fine, too
        print(base64.b64decode(read.data_base64).decode())  # -> blue

        thread = await codex.thread_start()
        await thread.run("Let us begin.")
        goal = t.ThreadGoalSetParams(thread_id=thread.id, objective="reach the sea", status="paused")
        print((await codex.client.request(m.THREAD_GOAL_SET, goal)).goal.objective)  # -> reach the sea


asyncio.run(main())
