"""What a server asks for, and how to have the fake one ask it, as data for both test modules."""

import asyncio
import json
import logging

from codex_app_server import Decision, FileChange
from codex_app_server.generated import methods as m
from sdk.fake_methods import ASK

OF = {"threadId": "h", "turnId": "t", "itemId": "i", "startedAtMs": 0}
AMENDMENT = {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": ["touch", "a"]}}
RULE = {"applyNetworkPolicyAmendment": {"network_policy_amendment": {"host": "example.org", "action": "allow"}}}


def asking(method, /, *, before=(), after=(), **params):
    """The params of `fake/ask` for that method."""
    return {"method": method.name, "params": params, "before": before, "after": after}


def command(text="/bin/bash -lc 'touch a'", *, before=(), after=(), **more):
    """The same for the approval of a command."""
    asked = {**OF, "command": text, "cwd": "/w", "reason": "on purpose", **more}
    offered = ["accept", AMENDMENT, RULE, "cancel", {"newer": {}}]
    asked.setdefault("availableDecisions", offered)
    return asking(m.ITEM_COMMAND_EXECUTION_REQUEST_APPROVAL, before=before, after=after, **asked)


def event(method, /, **params):
    """A notification."""
    return {"method": method, "params": params, "emittedAtMs": 0}


def resolved(request_id):
    """The notification that a request of the server's needs no answer."""
    return event("serverRequest/resolved", threadId="h", requestId=request_id)


def unanswered(request_id):
    """A request for approval; the fake server ends at an answer to it."""
    return {"id": request_id, "method": command()["method"], "params": command()["params"]}


def raw(*messages):
    """The params of `fake/write` for these messages."""
    return {"chunks": [(json.dumps(each) + "\n").encode().hex() for each in messages]}


# A decision, and what the wire calls it.
DECISIONS = {
    "accept": (Decision.accept, "accept"),
    "accept_for_session": (Decision.accept_for_session, "acceptForSession"),
    "decline": (Decision.decline, "decline"),
    "cancel": (Decision.cancel, "cancel"),
    "commands": (Decision.accept_commands(["touch", "a"]), AMENDMENT),
    "network": (Decision.network_rule("example.org", "allow"), RULE),
}

CHANGES = [
    {"path": "/w/a", "kind": {"type": "add"}, "diff": "hello\n"},
    {"path": "/w/b", "kind": {"type": "update", "move_path": "/w/c"}, "diff": "@@ -1 +1 @@\n-x\n+y\n"},
]
TYPED_CHANGES = (FileChange("/w/a", "add", "hello\n"), FileChange("/w/b", "update", "@@ -1 +1 @@\n-x\n+y\n", "/w/c"))
ITEM = {"type": "fileChange", "id": "i", "status": "inProgress", "changes": CHANGES}
BEGINNING = event("item/started", threadId="h", turnId="t", item=ITEM, startedAtMs=0)
FILE_CHANGE = asking(m.ITEM_FILE_CHANGE_REQUEST_APPROVAL, before=[BEGINNING], **OF)
UNKNOWN_CHANGE = asking(m.ITEM_FILE_CHANGE_REQUEST_APPROVAL, **{**OF, "itemId": "other"})

OLD_COMMAND = asking(
    m.EXEC_COMMAND_APPROVAL, conversationId="h", callId="c", command=["git", "log", "a b"], cwd="/w", parsedCmd=[]
)
OLD_CHANGE = asking(
    m.APPLY_PATCH_APPROVAL,
    conversationId="h",
    callId="c",
    fileChanges={"/w/a": {"type": "add", "content": "hello\n"}, "/w/b": {"type": "delete", "content": "x"}},
)
OLD_WORDS = {
    "accept": "approved",
    "accept_for_session": "approved_for_session",
    "decline": {"denied": {"rejection": "declined"}},
    "cancel": "abort",
}

SECRET = "a-token-nobody-may-see"
# Another request of the server's, and an answer to it.
OTHERS = {
    "user input": (
        m.ITEM_TOOL_REQUEST_USER_INPUT,
        {**OF, "isBlocking": True, "questions": [{"header": "h", "id": "q", "question": "which?"}]},
        {"answers": {"q": {"answers": ["this"]}}},
    ),
    "elicitation": (
        m.MCP_SERVER_ELICITATION_REQUEST,
        {"mode": "url", "threadId": "h", "elicitationId": "e", "message": "go", "serverName": "s", "url": "u"},
        {"action": "accept", "content": {"a": 1}},
    ),
    "permissions": (
        m.ITEM_PERMISSIONS_REQUEST_APPROVAL,
        {**OF, "cwd": "/w", "permissions": {}},
        {"permissions": {"network": {"enabled": True}}, "scope": "turn"},
    ),
    "tool call": (
        m.ITEM_TOOL_CALL,
        {"threadId": "h", "turnId": "t", "callId": "c", "tool": "weather", "arguments": {"city": "here"}},
        {"contentItems": [{"type": "inputText", "text": "fine"}], "success": True},
    ),
    "tokens": (
        m.ACCOUNT_CHATGPT_AUTH_TOKENS_REFRESH,
        {"reason": "unauthorized"},
        {"accessToken": SECRET, "chatgptAccountId": "me"},
    ),
    "attestation": (m.ATTESTATION_GENERATE, {}, {"token": SECRET}),
    "time": (m.CURRENT_TIME_READ, {"threadId": "h"}, {"currentTimeAt": 7}),
}


def answer_to(codex, asking):
    """What the client answers."""
    return _told(codex.client.request(ASK, asking))


async def async_answer_to(codex, asking):
    """The same, in a task."""
    return _told(await codex.client.request(ASK, asking))


def _told(result):
    return result["answer"].get("result", result["answer"].get("error"))


def deciding(decision):
    """Policies that decide so: a coroutine function, a plain one, and a plain one that gives a coroutine."""

    async def policy(_request):
        await asyncio.sleep(0)
        return decision

    return policy, lambda _: decision, lambda request: policy(request)  # noqa: PLW0108 - it is not one itself


def errors_in(caplog):
    """What was logged as an error."""
    return [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
