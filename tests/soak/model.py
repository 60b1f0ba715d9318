"""The model of a soak, as a process of its own: what it does is what the user's last words ask for.

`stream N` says N pieces, `stall` stops for a while in its midst, `approve` runs a command that has to be approved,
`tool` calls the tool `pause`; all end with an echo of the last words. It ends with its input.
"""

import re
import sys
import threading
from collections import deque

from loopback_model import LoopbackModel
from model_replies import Gate, calls, says

STALL_SECONDS = 1.0
ESCALATED = {"sandbox_permissions": "require_escalated", "justification": "on purpose"}


class Stall(Gate):
    """A gate that opens by itself: that the model hesitates is what some turns are about."""

    def pass_through(self):
        threading.Event().wait(STALL_SECONDS)


def answer(request):
    """The reply to what the user said last."""
    words = request.texts[-1]
    echo = f"echo: {words}"
    if words.startswith(("approve", "tool")) and not has_result(request):
        if words.startswith("tool"):
            return calls("pause", milliseconds=len(words) % 20)
        return calls("exec_command", cmd="true", **ESCALATED)
    if words.startswith("stall"):
        return says(echo[:2], Stall(), echo[2:])
    if found := re.match(r"stream (\d+)", words):
        return says(*["x"] * int(found[1]), echo)
    return says(echo)


def has_result(request):
    """Whether a tool has given something back since the user's last words."""
    for item in reversed(request.body["input"]):
        if item["type"].endswith("_call_output"):
            return True
        if item.get("role") == "user":
            return False
    return False


def main():
    with LoopbackModel() as model:
        model.answers_all = answer
        model.requests = deque(maxlen=1)  # nobody looks at them, and there will be many
        sys.stdout.write(f"{model.url}\n")
        sys.stdout.flush()
        sys.stdin.read()
