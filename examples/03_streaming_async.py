"""What a turn says and does, while it does it, with asyncio."""

import asyncio

from codex_app_server import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start(approval_policy="never")

        turn = await thread.turn("Say something about the sea.")
        async for piece in turn.text():
            print(piece, end="", flush=True)
        print()

        turn = await thread.turn("Run `echo hello`.")
        async for view in turn.events():
            if view.completed:
                print(view.type, view.status)
        result = await turn.run()
        print(result.status)  # -> completed


asyncio.run(main())
