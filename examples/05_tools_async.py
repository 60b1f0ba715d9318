"""A Python function that the model can call, with asyncio."""

import asyncio

from codex_app_server import AsyncCodex, tool


@tool
async def depth(sea: str) -> int:
    """Tell how deep a sea is, in metres.

    Args:
        sea: its name.
    """
    print("asked for", sea)
    await asyncio.sleep(0)  # ask a service; when the turn is interrupted this is cancelled
    return 3800


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start(tools=[depth])
        result = await thread.run("How deep is it?")
        calls = [item for item in result.items if item.type == "dynamicToolCall"]
        print(calls[0].tool, calls[0].status)  # -> depth completed
        print(result.final_response)

    print(await depth("Baltic"))  # -> 3800


asyncio.run(main())
