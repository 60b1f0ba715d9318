"""An answer in the shape of a class, with asyncio."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from codex_app_server import AsyncCodex, OutputMismatch


@dataclass
class Issue:
    title: str
    severity: Literal["low", "high"]
    lines: list[int]


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run("What is the worst problem here?", output_type=Issue)
        try:
            issue = result.output
        except OutputMismatch as mismatch:
            print("not what was asked for:", mismatch.raw)
        else:
            print(type(issue).__name__, issue.severity)  # -> Issue high


asyncio.run(main())
