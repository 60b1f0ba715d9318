"""A small app-server that misbehaves on request: what a client must survive is asked for by method.

Flags say how it starts and ends: --silent (never answers), --refuse (refuses initialize), --no-answer-object (answers
initialize with a list), --version V (tells that one), --die (exits with 3 before initialize), --ignore-eof,
--ignore-sigterm, --garbage (writes noise first). LAST_WORDS in the environment names a file to leave at a SIGTERM.

It never sleeps: it announces what it has done, with notifications and answers.
"""
# Every handler has the same signature:
# ruff: noqa: ARG002

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

BUSY = -32001
METHOD_NOT_FOUND = -32601


def say(*messages: Any) -> None:
    write(b"".join(json.dumps(message).encode() + b"\n" for message in messages))


def write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def event(method: str, /, **params: Any) -> dict[str, Any]:
    return {"method": method, "params": params, "emittedAtMs": 0}


def turn(turn_id: str, status: str, **more: Any) -> dict[str, Any]:
    return {"id": turn_id, "items": [], "status": status, **more}


def turn_events(
    turn_id: str, deltas: int, status: str = "completed", error: Any = None, text: str | None = None
) -> list[dict[str, Any]]:
    """A whole turn with one message of so many deltas."""
    of = {"threadId": "thread-1", "turnId": turn_id}
    item = {"type": "agentMessage", "id": "item-1", "text": "x" * deltas if text is None else text}
    usage = dict.fromkeys(
        ("cachedInputTokens", "inputTokens", "outputTokens", "reasoningOutputTokens", "totalTokens"), 7
    )
    end = turn(turn_id, status, error=error, startedAt=1, completedAt=3, durationMs=2000)
    return [
        event("turn/started", threadId="thread-1", turn=turn(turn_id, "inProgress")),
        event("item/started", **of, item={**item, "text": ""}, startedAtMs=0),
        *(event("item/agentMessage/delta", **of, itemId="item-1", delta="x") for _ in range(deltas)),
        event("item/completed", **of, item=item, completedAtMs=0),
        event("thread/tokenUsage/updated", **of, tokenUsage={"last": usage, "total": usage}),
        event("turn/completed", threadId="thread-1", turn=end),
    ]


class FakeServer:
    """Handles one line after another; a method's handler is the function named after it."""

    def __init__(self, flags: set[str]) -> None:
        self.flags = flags
        self.held: list[Any] = []
        self.asking: dict[int, Any] = {}
        self.asked = 0
        self.asleep: dict[str, list[Any]] = {}
        self.turns = 0

    def handle(self, line: bytes) -> None:
        message = json.loads(line)
        request_id, method, params = message.get("id"), message.get("method"), message.get("params") or {}
        if method is None:
            say({"id": self.asking.pop(request_id), "result": {"answer": message}})
            return
        if request_id is None:
            say(event("fake/heard", method=method))
            return
        if "--silent" in self.flags:
            return
        handler = getattr(self, "on_" + method.replace("/", "_"), None)
        if handler is None:
            say({"id": request_id, "error": {"code": METHOD_NOT_FOUND, "message": f"no {method}"}})
            return
        if method.startswith(("thread/", "turn/", "model/", "review/")):
            say(event("fake/asked", method=method, params=params))
        result = handler(request_id, params)
        if result is not None:
            say({"id": request_id, "result": result})

    def on_initialize(self, request_id: Any, params: Any) -> Any:
        if "--refuse" in self.flags:
            return say({"id": request_id, "error": {"code": -32600, "message": "not you"}})
        if "--no-answer-object" in self.flags:
            return []
        say(event("configWarning", summary="before the answer", details=None))
        version = sys.argv[sys.argv.index("--version") + 1] if "--version" in self.flags else "1.2.3"
        agent = f"{params['clientInfo']['name']}/{version} (fake)"
        return {"userAgent": agent, "codexHome": "/h", "platformFamily": "unix", "platformOs": "linux"}

    def on_fake_echo(self, request_id: Any, params: Any) -> Any:
        return params

    def on_fake_environment(self, request_id: Any, params: Any) -> Any:
        return {"path": os.environ.get("PATH"), "pid": os.getpid(), "cwd": str(Path.cwd()), "argv": sys.argv[1:]}

    def on_fake_lose(self, request_id: Any, params: Any) -> Any:
        """Never answer; `announce` says that it has come."""
        say(event("fake/lost", id=request_id))

    def on_fake_hold(self, request_id: Any, params: Any) -> Any:
        """Answer only when so many are held together, or when `fake/release` says so."""
        self.held.append(request_id)
        if len(self.held) == params.get("until"):
            self.release(len(self.held))

    def on_fake_release(self, request_id: Any, params: Any) -> Any:
        self.release(len(self.held))
        return {}

    def release(self, count: int) -> None:
        held, self.held = self.held, []
        say(*({"id": each, "result": {"together": count}} for each in held))

    def on_fake_refuse(self, request_id: Any, params: Any) -> Any:
        say({"id": request_id, "error": params})

    def on_fake_write(self, request_id: Any, params: Any) -> Any:
        """Write these chunks (in hexadecimal), then answer."""
        for chunk in params["chunks"]:
            write(bytes.fromhex(chunk))
        return {}

    def on_fake_long_line(self, request_id: Any, params: Any) -> Any:
        return {"text": "x" * params["size"]}

    def on_fake_flood(self, request_id: Any, params: Any) -> Any:
        """So many notifications, ready-made; then the answer."""
        note = event(params["method"], **params.get("params", {}))
        lines = (json.dumps(note).encode() + b"\n") * 1000
        for _ in range(params["count"] // 1000):
            write(lines)
        return {}

    def on_fake_die(self, request_id: Any, params: Any) -> Any:
        os.write(2, params.get("stderr", "").encode())
        if "signal" in params:
            os.kill(os.getpid(), params["signal"])
        os._exit(params["code"])

    def on_fake_orphan(self, request_id: Any, params: Any) -> Any:
        """Leave a child behind that holds all pipes open, and die."""
        import subprocess  # every other server starts without it

        idle = [sys.executable, "-c", "import threading; threading.Event().wait()"]
        child = subprocess.Popen(idle, stdin=0, stdout=1, stderr=2, start_new_session=True)
        say(event("fake/orphan", pid=child.pid))
        os._exit(9)

    def on_fake_mute(self, request_id: Any, params: Any) -> Any:
        """Close the output, and live on."""
        os.close(1)

    def on_fake_ask(self, request_id: Any, params: Any) -> Any:
        """Ask the client back, between these messages, and answer with its answer."""
        ask_id, self.asked = self.asked, self.asked + 1
        self.asking[ask_id] = request_id
        asked = {"id": ask_id, "method": params["method"], "params": params.get("params", {})}
        say(*params.get("before", ()), asked, *params.get("after", ()))

    def on_thread(self, request_id: Any, params: Any) -> Any:
        """All of thread/..., model/list and turn/steer: tell what came, and answer with as little as possible."""
        thread_id = params.get("threadId") or "thread-1"
        return {"thread": {"id": thread_id}, "data": [], "nextCursor": None, "turnId": "t", "asked": params}

    on_thread_start = on_thread_resume = on_thread_fork = on_thread_list = on_thread_archive = on_thread
    on_thread_unarchive = on_thread_read = on_thread_name_set = on_model_list = on_thread

    def on_review_start(self, request_id: Any, params: Any) -> Any:
        say({"id": request_id, "result": {"turn": turn("review", "inProgress")}}, *turn_events("review", 1))

    def on_thread_compact_start(self, request_id: Any, params: Any) -> Any:
        """Compact in a turn of its own, which the answer does not name; a thread "asleep" never gets to it."""
        self.turns += 1
        item = {"type": "contextCompaction", "id": "item-1"}
        of = {"threadId": params["threadId"], "turnId": f"turn-{self.turns}"}
        started = {"threadId": params["threadId"], "turn": turn(of["turnId"], "inProgress")}
        completed = {"threadId": params["threadId"], "turn": turn(of["turnId"], "completed")}
        events = [
            event("turn/started", **started),
            event("item/started", **of, item=item, startedAtMs=0),
            event("item/completed", **of, item=item, completedAtMs=0),
            event("turn/completed", **completed),
        ]
        say({"id": request_id, "result": {}}, *(events if params["threadId"] != "asleep" else []))

    def on_turn_start(self, request_id: Any, params: Any) -> Any:
        """A turn as `params` or their first text want it: its events before or after the answer, maybe without end.

        One that is "asleep" goes on only after it has been steered or interrupted in vain, or, when it has an end, just
        before that.
        """
        self.turns += 1
        params = json.loads(params["input"][0]["text"]) if params.get("input") else params
        turn_id = params.get("turnId") or f"turn-{self.turns}"
        wanted = params.get("status", "completed"), params.get("error"), params.get("text")
        events = turn_events(turn_id, params.get("deltas", 3), *wanted)
        if params.get("endless"):
            events = events[:-1]
        answer = {"id": request_id, "result": {"turn": turn(turn_id, "inProgress")}}
        if "dieAfter" in params:
            say(answer, *events[: params["dieAfter"]])
            os._exit(4)
        if params.get("asleep"):
            self.asleep[turn_id] = [] if params.get("deaf") else events
            say(answer)
        elif params.get("eventsFirst"):
            say(*events, answer)
        else:
            say(answer, *events)

    def on_turn_interrupt(self, request_id: Any, params: Any) -> Any:
        if params["turnId"] in self.asleep:
            return self.wake(request_id, params["turnId"])
        return say({"id": request_id, "result": {}}, *turn_events(params["turnId"], 0, "interrupted")[3:])

    def on_turn_steer(self, request_id: Any, params: Any) -> Any:
        if params["expectedTurnId"] in self.asleep:
            return self.wake(request_id, params["expectedTurnId"])
        return self.on_thread(request_id, params)

    def wake(self, request_id: Any, turn_id: str) -> None:
        refusal = {"id": request_id, "error": {"code": -32600, "message": "no active turn"}}
        events = self.asleep.pop(turn_id)
        ends = bool(events) and events[-1]["method"] == "turn/completed"
        say(*((*events, refusal) if ends else (refusal, *events[:1])))


def main(kind: type[FakeServer] = FakeServer) -> None:
    flags = set(sys.argv[1:])
    if "--ignore-sigterm" in flags:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif "LAST_WORDS" in os.environ:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(Path(os.environ["LAST_WORDS"]).touch()))
    if "--die" in flags:
        os.write(2, b"".join(b"\x1b[31mline %d\x1b[0m\n" % number for number in range(10_000)))
        os._exit(3)
    if "--garbage" in flags:
        write(b"garbage\n\n[]\n{\n\xff\xfe\n")
    server = kind(flags)
    for line in sys.stdin.buffer:
        server.handle(line)
    while "--ignore-eof" in flags:
        threading.Event().wait()


if __name__ == "__main__":
    main()
