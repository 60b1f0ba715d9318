"""What the model's commands may touch, with asyncio."""

import asyncio
from pathlib import Path

from codex_app_server import ApprovalPolicy, AsyncCodex, Sandbox


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start(sandbox=Sandbox.read_only(), approval_policy=ApprovalPolicy.NEVER)
        await thread.run("Run `touch a.txt`.")
    print(Path("a.txt").exists())  # -> False

    async with AsyncCodex() as codex:
        more = Sandbox.workspace_write(network=False, slash_tmp=False)
        thread = await codex.thread_resume(thread.id)
        await thread.run("Run `touch b.txt`.", sandbox_policy=more)  # for this turn and those that follow
    print(Path("b.txt").exists())  # -> True


asyncio.run(main())
