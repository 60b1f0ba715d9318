"""A conversation of several turns that a later program goes on with, with asyncio."""

import asyncio

from codex_app_server import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        await thread.run("My favourite colour is blue.")
        await thread.set_name("colours")
        thread_id = thread.id

    async with AsyncCodex() as codex:  # another process, another day
        thread = await codex.thread_resume(thread_id)
        result = await thread.run("Which colour do I like?")
        print(result.final_response)

        branch = await codex.thread_fork(thread_id)
        await branch.run("Suppose it were red.")
        turns = [turn async for turn in thread.turns()]
        further = [turn async for turn in branch.turns()]
        print(len(turns), len(further))  # -> 2 3


asyncio.run(main())
