"""What the everyday surface sends, as data for both test modules."""

import json
from dataclasses import dataclass

# What to do with a `Thread("h")` or a `Codex`, and what must be asked of the server.
ASKED = {
    "thread_start": (
        lambda codex: codex.thread_start(model="m", approval_policy="never"),
        "thread/start",
        {"model": "m", "approvalPolicy": "never"},
    ),
    "thread_resume": (
        lambda codex: codex.thread_resume("h", cwd="/x"),
        "thread/resume",
        {"threadId": "h", "cwd": "/x"},
    ),
    "thread_fork": (
        lambda codex: codex.thread_fork("h", ephemeral=True),
        "thread/fork",
        {"threadId": "h", "ephemeral": True},
    ),
    "thread_list": (
        lambda codex: codex.thread_list(limit=5, model_providers=[]),
        "thread/list",
        {"limit": 5, "modelProviders": []},
    ),
    "thread_archive": (lambda codex: codex.thread_archive("h"), "thread/archive", {"threadId": "h"}),
    "thread_unarchive": (lambda codex: codex.thread_unarchive("h"), "thread/unarchive", {"threadId": "h"}),
    "models": (lambda codex: codex.models(include_hidden=True), "model/list", {"includeHidden": True}),
    "read": (
        lambda codex: codex.thread("h").read(include_turns=True),
        "thread/read",
        {"threadId": "h", "includeTurns": True},
    ),
    "set_name": (lambda codex: codex.thread("h").set_name("n"), "thread/name/set", {"threadId": "h", "name": "n"}),
    "review": (
        lambda codex: codex.thread("h").review({"type": "commit", "sha": "a1"}),
        "review/start",
        {"threadId": "h", "target": {"type": "commit", "sha": "a1"}},
    ),
    "compact": (lambda codex: codex.thread("h").compact(), "thread/compact/start", {"threadId": "h"}),
}


def wish(**turn):
    """The text of a turn that the fake server plays so."""
    return json.dumps(turn)


ENDLESS = wish(endless=True)


@dataclass
class Answer:
    """What the turns' messages are asked to be."""

    number: int
