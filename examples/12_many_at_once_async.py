"""Several threads at work on one server, with asyncio."""

import asyncio

from codex_app_server import AsyncCodex

QUESTIONS = ["Why is the sea blue?", "Why is it salty?", "Why does it move?"]


async def main() -> None:
    async with AsyncCodex() as codex:

        async def ask(question: str) -> str:
            result = await (await codex.thread_start()).run(question)
            return result.raise_for_status().final_response or ""

        answers = await asyncio.gather(*map(ask, QUESTIONS))
        print(len(answers))  # -> 3


asyncio.run(main())
