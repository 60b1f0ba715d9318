"""A model that does what the documentation's prompts say, so that no block needs a script of its own.

- "... `a command` ..." has that command run; unless the thread never asks, with a request to leave the sandbox.
- A tool of the program's own is called once in a turn, with arguments that its schema allows.
- A wanted output is given as its schema says.
- "Tell a long story." begins one and does not come to its end, nor does it when told to "Make it" another.
- An unknown model ("no-such-model") is refused.
- All else is echoed.
"""

import json
import re

from loopback_model import LoopbackModel
from model_replies import Gate, calls, echoes, refuses, says

BUILT_IN = frozenset(
    {
        *("exec_command", "write_stdin", "request_user_input", "apply_patch", "view_image", "update_plan"),
        *("get_goal", "create_goal", "update_goal", "tool_search", "web_search", "request_permissions"),
    }
)
NEVER_ASKS = "Approval policy is currently never"
VALUES = {"string": "sea", "integer": 3, "number": 1.5, "boolean": True, "null": None}


def willing_model() -> LoopbackModel:
    """The model's server, not started yet."""
    model = LoopbackModel()
    model.answers_all = answer
    return model


def answer(request):
    """The reply to any request: that of the first rule that has one."""
    replies = (rule(request, request.body, request.texts[-1]) for rule in RULES)
    return next(reply for reply in replies if reply is not None)


def _refuse_model(_request, body, _prompt):
    return refuses(404, "model_not_found") if body["model"] == "no-such-model" else None


def _tell_story(_request, _body, prompt):
    return says("Once ", "upon ", "a time ", Gate()) if re.search("long story|Make it", prompt) else None


def _fill_schema(_request, body, _prompt):
    wanted = body.get("text", {}).get("format", {}).get("schema")
    return None if wanted is None else says(json.dumps(_example(wanted, wanted)))


def _finish(_request, body, _prompt):
    return says("Done.") if _already_called(body["input"]) else None


def _run_command(_request, body, prompt):
    asks = {} if NEVER_ASKS in str(body["input"]) else _ESCALATED
    command = re.search(r"`([^`]+)`", prompt)
    return None if command is None else calls("exec_command", cmd=command[1], **asks)


def _call_tool(_request, body, _prompt):
    functions = (tool for tool in body.get("tools", ()) if tool["type"] == "function")
    own = next((tool for tool in functions if tool["name"] not in BUILT_IN), None)
    return None if own is None else calls(own["name"], **_example(own["parameters"], own["parameters"]))


def _echo(request, _body, _prompt):
    return echoes(request)


RULES = (_refuse_model, _tell_story, _fill_schema, _finish, _run_command, _call_tool, _echo)
_ESCALATED = {"sandbox_permissions": "require_escalated", "justification": "you asked for it"}


def _already_called(items):
    """Whether the model has called something since the user spoke last."""
    for item in reversed(items):
        if item["type"].endswith("_call_output"):
            return True
        if item.get("role") == "user":
            return False
    return False


def _example(schema, root):
    """A value that the schema allows."""
    match schema:
        case {"$ref": str(place)}:
            value = _example(root["$defs"][place.rpartition("/")[2]], root)
        case {"enum": [value, *_]} | {"const": value}:
            pass
        case {"anyOf": [first, *_]}:
            value = _example(first, root)
        case {"type": "object"}:
            value = {name: _example(each, root) for name, each in schema.get("properties", {}).items()}
        case {"type": "array"}:
            value = [_example(schema["items"], root)]
        case {"type": kind}:
            value = VALUES[kind]
    return value
