"""What makes the real server ask its client, for both halves of the tests."""

import json
import sys
from pathlib import Path

from model_replies import calls

MCP_SERVER = Path(__file__).parent.parent.parent / "mcp_server.py"
# More settings for the server: an MCP server, and a tool with which the model asks for permissions.
MORE_SETTINGS = f"""
[mcp_servers.names]
command = {json.dumps(sys.executable)}
args = [{json.dumps(str(MCP_SERVER))}]

[features]
request_permissions_tool = true
exec_permission_approvals = true
"""
# Settings of a thread that has to ask before it changes anything.
CAREFUL = {"approval_policy": "on-request", "sandbox": "read-only"}
MORE_NETWORK = {
    "sandbox_permissions": "with_additional_permissions",
    "additional_permissions": {"network": {"enabled": True}},
    "justification": "on purpose",
}
ADD = "*** Begin Patch\n*** Add File: a\n+hello\n*** End Patch\n"
MOVE = "*** Begin Patch\n*** Update File: a\n*** Move to: b\n@@\n-hello\n+hello you\n*** End Patch\n"
QUESTION = {
    "header": "colour",
    "id": "q",
    "question": "which?",
    "options": [{"label": "blue", "description": "like the sky"}, {"label": "red", "description": "like a rose"}],
}
PLAN = {"mode": "plan", "settings": {"model": "gpt-5.5", "reasoning_effort": None, "developer_instructions": None}}


def calls_of(namespace, name, **arguments):
    """A call of a tool in a namespace, as those of MCP servers are."""
    reply = calls(name, **arguments)
    reply.pieces[1]["item"]["namespace"] = namespace
    return reply


def tried(names, **more):
    """Calls of `touch`, one for each name, that have to be approved."""
    escalated = {"sandbox_permissions": "require_escalated", "justification": "on purpose"}
    return [calls("exec_command", cmd=f"touch {name}", **{**escalated, **more}) for name in names]


def statuses(result, kind="commandExecution"):
    """How the items of that type ended."""
    return [item.status for item in result.items if item.type == kind]
