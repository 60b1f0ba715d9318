"""A text and an image in one input."""

import base64
from pathlib import Path

from codex_app_server import Codex, LocalImageInput, TextInput

PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
Path("pixel.png").write_bytes(base64.b64decode(PIXEL))

with Codex() as codex:
    result = codex.thread_start().run([TextInput("What is in this picture?"), LocalImageInput("pixel.png")])
    print(result.status)  # -> completed
