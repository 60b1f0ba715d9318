"""A text and an image in one input, with asyncio."""

import asyncio
import base64
from pathlib import Path

from codex_app_server import AsyncCodex, LocalImageInput, TextInput

PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
Path("pixel.png").write_bytes(base64.b64decode(PIXEL))


async def main() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run([TextInput("What is in this picture?"), LocalImageInput("pixel.png")])
        print(result.status)  # -> completed


asyncio.run(main())
