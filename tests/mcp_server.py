"""A small MCP server over stdio: its only tool asks the user for a name, and gives back what the user said."""

import json
import sys
from typing import Any

ELICITATION = "elicitation-1"
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
TOOL = {"name": "ask", "description": "asks for a name", "inputSchema": {"type": "object", "properties": {}}}


def say(**message: Any) -> None:
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)  # noqa: T201 - its output is the protocol


def results(params: dict[str, Any]) -> dict[str, Any]:
    """The answers that are always the same, by method."""
    return {
        "initialize": {
            "protocolVersion": params.get("protocolVersion"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "names", "version": "1"},
        },
        "tools/list": {"tools": [{**TOOL, "annotations": {"readOnlyHint": True}}]},
    }


def main() -> None:
    caller = None
    for line in sys.stdin:
        message = json.loads(line)
        match message:
            case {"method": "tools/call", "id": caller}:
                params = {"message": "your name?", "requestedSchema": SCHEMA}
                say(id=ELICITATION, method="elicitation/create", params=params)
            case {"method": method, "id": request_id}:
                say(id=request_id, result=results(message.get("params") or {}).get(method, {}))
            case {"id": answered, "result": result} if answered == ELICITATION:
                say(id=caller, result={"content": [{"type": "text", "text": json.dumps(result)}]})


if __name__ == "__main__":
    main()
