"""A model on loopback that says one thing: as much of the Responses API as one turn of a real server takes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# The settings of a server that is to ask this model and nobody else.
SETTINGS = """\
model = "loopback"
model_provider = "loopback"

[model_providers.loopback]
name = "loopback"
base_url = "{url}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
supports_websockets = false
"""


class LoopbackModel(ThreadingHTTPServer):
    """Its server: `text` is what it says, `asked` how often it was asked."""

    def __init__(self, text: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.text = text
        self.asked = 0

    @property
    def settings(self) -> str:
        """A `config.toml` for `codex` that names this model."""
        return SETTINGS.format(url=f"http://127.0.0.1:{self.server_port}/v1")


@contextmanager
def loopback_model(text: str) -> Iterator[LoopbackModel]:
    """Serve a model that answers every request with `text`, until the block ends."""
    with LoopbackModel(text) as model:
        thread = threading.Thread(target=model.serve_forever, args=(0.02,), name="loopback-model", daemon=True)
        thread.start()
        try:
            yield model
        finally:
            model.shutdown()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer with one message."""
        model = self.server
        if not isinstance(model, LoopbackModel):
            raise TypeError(model)
        self.rfile.read(int(self.headers["Content-Length"]))
        model.asked += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in _message(model.text):
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
        """Say nothing: nobody reads it."""


def _message(text: str) -> Iterator[dict[str, Any]]:
    item = {"type": "message", "role": "assistant", "id": "message", "content": []}
    whole = item | {"content": [{"type": "output_text", "text": text}]}
    usage = dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 1)
    yield {"type": "response.created", "response": {"id": "response"}}
    yield {"type": "response.output_item.added", "item": item}
    yield {"type": "response.output_text.delta", "delta": text}
    yield {"type": "response.output_item.done", "item": whole}
    yield {"type": "response.completed", "response": {"id": "response", "usage": usage}}
