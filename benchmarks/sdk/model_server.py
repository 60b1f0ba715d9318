"""A model on loopback that answers every request with so many deltas: `model_server.py COUNT SIZE`; prints its port."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DELTAS_AT_ONCE = 200


def event(kind: str, **fields: Any) -> bytes:  # noqa: ANN401 - JSON
    """One server-sent event."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def message(text: str) -> dict[str, Any]:
    """An output item with that text."""
    content = [{"type": "output_text", "text": text}] if text else []
    return {"type": "message", "role": "assistant", "id": "msg_1", "content": content}


class Model(BaseHTTPRequestHandler):
    """Says the same to everybody."""

    protocol_version = "HTTP/1.1"
    count = 0
    size = 0

    def do_POST(self) -> None:
        """Stream the answer."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(event("response.created", response={"id": "r1"}))
        self.wfile.write(event("response.output_item.added", output_index=0, item=message("")))
        delta = event("response.output_text.delta", item_id="msg_1", delta="x" * self.size)
        for begin in range(0, self.count, DELTAS_AT_ONCE):
            self.wfile.write(delta * min(DELTAS_AT_ONCE, self.count - begin))
        self.wfile.write(event("response.output_item.done", output_index=0, item=message("x" * self.size)))
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        self.wfile.write(event("response.completed", response={"id": "r1", "usage": usage}))
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Model.count, Model.size = int(sys.argv[1]), int(sys.argv[2])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    print(server.server_port, flush=True)
    server.serve_forever()
