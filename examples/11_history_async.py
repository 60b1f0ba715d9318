"""All threads, and all that was said in one, over all pages, with asyncio."""

import asyncio

from codex_app_server import AsyncCodex


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        for text in ("one", "two", "three"):
            await thread.run(text)

        async for recorded in codex.threads(limit=1):
            print(recorded.id == thread.id)  # -> True
        async for turn in thread.turns(limit=2):
            print(turn.status, len(turn.items))  # -> completed 2
        async for entry in thread.items():
            print(entry.item.type)
        # -> userMessage
        # -> agentMessage

        compaction = await thread.compact()
        print((await compaction.run()).status)  # -> completed
        await codex.thread_archive(thread.id)


asyncio.run(main())
