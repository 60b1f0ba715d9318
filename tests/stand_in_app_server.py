"""What the stand-in executable becomes as `app-server`: a server of version 1.2.3 that asks its model over HTTP.

Enough for one turn: the answer of the turn is what the model of `$CODEX_HOME/config.toml` says.
"""

import json
import os
import re
import sys
import urllib.request
from pathlib import Path
from typing import Any

from fake_app_server import event, say, turn

THREAD = {"threadId": "thread-1"}


def ask_model() -> str:
    """The text that the model says, all deltas together."""
    settings = Path(os.environ["CODEX_HOME"], "config.toml").read_text(encoding="utf-8")
    url = re.search(r'base_url = "(.*)"', settings)
    assert url, settings
    request = urllib.request.Request(f"{url[1]}/responses", data=b"{}", method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        events = [json.loads(line[5:]) for line in answer if line.startswith(b"data:")]
    return "".join(each["delta"] for each in events if each["type"] == "response.output_text.delta")


def answer(request_id: Any, method: str, params: dict[str, Any]) -> None:
    """Answer a request; a turn's events follow."""
    if method == "initialize":
        agent = f"{params['clientInfo']['name']}/1.2.3 (stand-in)"
        result = {"userAgent": agent, "codexHome": "/h", "platformFamily": "unix", "platformOs": "linux"}
        say({"id": request_id, "result": result})
    elif method == "thread/start":
        say({"id": request_id, "result": {"thread": {"id": "thread-1"}}})
    elif method == "turn/start":
        of = {**THREAD, "turnId": "turn-1"}
        item = {"type": "agentMessage", "id": "item-1", "text": ask_model()}
        say(
            {"id": request_id, "result": {"turn": turn("turn-1", "inProgress")}},
            event("turn/started", **THREAD, turn=turn("turn-1", "inProgress")),
            event("item/completed", **of, item=item, completedAtMs=0),
            event("turn/completed", **THREAD, turn=turn("turn-1", "completed", error=None)),
        )


if __name__ == "__main__":
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if "id" in message:
            answer(message["id"], message["method"], message.get("params") or {})
