"""An app-server that is fine until a state is reached, and then goes wrong: `faulty_server.py STATE FAULT`.

Both are rows of `docs/explanation/faults.md`, which says what each fault is. It goes wrong once; after a harmless
fault it is fine again, after the others it writes nothing more. `late` is silent until a `fake/now`, a
`turn/interrupt` or the end of its input.
"""
# Every handler has the same signature:
# ruff: noqa: ARG002

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from fake_app_server import FakeServer, event, say, turn_events, write

WINDOW = 120
FLOOD = 40_000
EXIT_CODE = 3
DRIP_BYTES, DRIP_SECONDS = 64, 0.001
GARBAGE = b"garbage\n\n[]\n7\n{\n\xff\xfe\n" + b'{"id": 999}\n{"method": 7}\n'
TOO_SOON = {"id": 999, "result": {}}
FAULTS = {
    *("silent", "exit", "signal", "garbage", "half a line", "flood", "slow", "wrong order", "duplicate", "late"),
}
ASKING = {"approval pending": "item/commandExecution/requestApproval", "tool running": "item/tool/call"}
OF = {"threadId": "thread-1", "turnId": "turn-1"}


class FaultyServer(FakeServer):
    """Goes wrong by `fault` when `state` is reached."""

    def __init__(self, state: str, fault: str) -> None:
        super().__init__(set())
        assert fault in FAULTS, f"no such fault: {fault}"
        self.state, self.fault = state, fault
        self.mute = False
        self.late: Sequence[Any] = ()
        self.rest: list[Any] = []

    def reach(self, state: str, *due: Any) -> None:
        """In this state these messages are due."""
        if state == self.state:
            self.go_wrong(state)
            self.write_wrongly(due)
        else:
            say(*due)

    def go_wrong(self, state: str) -> None:
        """What does not wait for anything to be due."""
        match self.fault:
            case "exit":
                os._exit(EXIT_CODE)
            case "signal":
                os.kill(os.getpid(), signal.SIGKILL)
            case "garbage":
                write(GARBAGE)
            case "flood":
                of_turn = event("item/agentMessage/delta", **OF, itemId="item-1", delta="x")
                note = of_turn if state in TURN_STATES else event("fake/flood")
                for _ in range(FLOOD // 1000):
                    say(*[note] * 1000)

    def write_wrongly(self, due: Sequence[Any]) -> None:
        """What is due, in the way of the fault."""
        self.mute = self.fault in {"silent", "half a line", "late"}
        match self.fault:
            case "silent":
                pass
            case "half a line":
                line = json.dumps(due[0]).encode()
                write(line[: len(line) // 2])
            case "late":
                self.late = due
            case "slow":
                drip(due)
            case "wrong order":
                say(TOO_SOON, *reversed(due))
            case "duplicate":
                say(*(each for message in due for each in (message, message)))
            case _:
                say(*due)
        self.state = "over"

    def handle(self, line: bytes) -> None:
        message = json.loads(line)
        if self.late and message.get("method") in {"fake/now", "turn/interrupt"}:
            self.catch_up()
        if self.mute:
            return
        if message.get("method") == "initialized":
            self.reach("idle", event("fake/idle"))
        elif "method" in message:
            super().handle(line)
        elif self.rest:  # the answer that the turn waits for
            rest, self.rest = self.rest, []
            self.write_wrongly(rest)

    def catch_up(self) -> None:
        late, self.late, self.mute = self.late, (), False
        say(*late)

    def on_initialize(self, request_id: Any, params: Any) -> Any:
        agent = {"userAgent": f"{params['clientInfo']['name']}/1.2.3 (fake)", "codexHome": "/h"}
        answer = {"id": request_id, "result": {**agent, "platformFamily": "unix", "platformOs": "linux"}}
        self.reach("initializing", event("configWarning", summary="before the answer", details=None), answer)

    def on_fake_now(self, request_id: Any, params: Any) -> Any:
        return {"wentWrong": self.state == "over"}

    def on_fake_echo(self, request_id: Any, params: Any) -> Any:
        self.reach("request in flight", event("fake/progress"), {"id": request_id, "result": params})

    def on_fake_hold(self, request_id: Any, params: Any) -> Any:
        if self.state != "window full":
            return {}
        self.held.append(request_id)
        if len(self.held) == WINDOW:
            self.reach("window full", *({"id": each, "result": {}} for each in self.held))
        return None

    def on_turn_start(self, request_id: Any, params: Any) -> Any:
        answer = {"id": request_id, "result": {"turn": {"id": "turn-1", "items": [], "status": "inProgress"}}}
        events = turn_events("turn-1", 3)
        if self.state == "turn asked for":
            self.reach("turn asked for", answer, *events)
            return
        say(answer, *events[:3])
        if self.state in ASKING:
            self.ask(ASKING[self.state], events[3:])
        elif self.state != "interrupt sent":
            self.reach("streaming", *events[3:])
            self.reach("completed", event("thread/status/changed", threadId="thread-1", status={"type": "idle"}))

    def ask(self, method: str, rest: list[Any]) -> None:
        """Ask for an approval, or call a tool; the turn goes on with the answer, unless something is wrong."""
        params = {**OF, "itemId": "item-1", "startedAtMs": 0, "callId": "c", "tool": "wait", "arguments": {}}
        asked = {"id": 0, "method": method, "params": params}
        say(*[asked] * (2 if self.fault == "duplicate" else 1))
        self.go_wrong(self.state)
        if self.fault == "wrong order":
            resolved = event("serverRequest/resolved", threadId="thread-1", requestId=0)
            self.write_wrongly((resolved, rest[-1]))
        else:
            self.rest = rest

    def on_turn_interrupt(self, request_id: Any, params: Any) -> Any:
        self.reach("interrupt sent", {"id": request_id, "result": {}}, turn_events("turn-1", 0, "interrupted")[-1])

    def end_of_input(self) -> None:
        self.catch_up()
        if self.state == "closing":
            self.reach("closing", event("fake/end"))
            while self.mute:
                threading.Event().wait()


TURN_STATES = {"turn asked for", "streaming", "completed", "interrupt sent", *ASKING}


def drip(messages: Sequence[Any]) -> None:
    """Write a few bytes at a time, with pauses: that is the fault, nobody waits for anything here."""
    data = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
    for start in range(0, len(data), DRIP_BYTES):
        write(data[start : start + DRIP_BYTES])
        time.sleep(DRIP_SECONDS)


def main() -> None:
    server = FaultyServer(*sys.argv[1:])
    server.reach("starting", event("fake/start"))
    for line in sys.stdin.buffer:
        server.handle(line)
    server.end_of_input()


if __name__ == "__main__":
    main()
