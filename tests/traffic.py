"""Real traffic with the pinned runtime, recorded once; see `tests/data/traffic/README.md`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codex_app_server._methods import Method, NotificationMethod, ServerRequest
from codex_app_server.generated import methods

FILES = sorted((Path(__file__).parent / "data" / "traffic").glob("*.jsonl"))


def by_name(kind: type) -> dict[str, Any]:
    """The methods of one kind by their names on the wire."""
    return {method.name: method for method in vars(methods).values() if isinstance(method, kind)}


@dataclass(frozen=True, slots=True)
class Content:
    """Params or a result: what it should be read as, and what was on the wire.

    Attributes:
        label: says where it comes from.
        incoming: whether the server sent it.
    """

    label: str
    kind: Any
    value: Any
    incoming: bool


def recorded() -> list[Content]:
    """Every recorded content that is not empty."""
    requests, asked, told = by_name(Method), by_name(ServerRequest), by_name(NotificationMethod)
    contents = []
    for number, line in enumerate(line for path in FILES for line in path.read_text(encoding="utf-8").splitlines()):
        record = json.loads(line)
        message, name, client = record["message"], record["method"], record["from"] == "client"
        match record["kind"]:
            case "notification":
                kind, value = told[name].params, message.get("params")
            case "request":
                kind, value = (requests if client else asked)[name].params, message.get("params")
            case _:
                kind, value = (asked if client else requests)[name].result, message["result"]
        if value is not None:
            contents.append(Content(f"{number}-{name}-{record['kind']}", kind, value, not client))
    return contents
