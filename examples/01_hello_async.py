"""One thread, one turn, with asyncio."""

import asyncio

from codex_app_server import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run("Say hello.")
        print(result.status)  # -> completed
        print(result.final_response)


asyncio.run(main())
