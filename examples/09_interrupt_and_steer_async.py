"""A turn that is told more while it runs, and then stopped, with asyncio."""

import asyncio

from codex_app_server import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        turn = await thread.turn("Tell a long story.")
        async for piece in turn.text():
            print(piece)
            break  # leaving is fine: the turn goes on
        await turn.steer("Make it about the sea.")
        await turn.interrupt()
        print((await turn.run()).status)  # -> interrupted


asyncio.run(main())
