"""Lines as a server writes them."""

import json


def answer(request_id, **result):
    return json.dumps({"id": request_id, "result": result}).encode() + b"\n"


def refusal(request_id, code, message="no", data=None):
    return json.dumps({"id": request_id, "error": {"code": code, "message": message, "data": data}}).encode() + b"\n"


def call(request_id, method):
    return json.dumps({"id": request_id, "method": method, "params": {}}).encode() + b"\n"


def notification(method, /, **params):
    return json.dumps({"method": method, "params": params, "emittedAtMs": 0}).encode() + b"\n"


def delta(turn_id, text="x"):
    return notification("item/agentMessage/delta", threadId="h", turnId=turn_id, itemId="i", delta=text)


def item(turn_id, text, **fields):
    content = {"type": "agentMessage", "id": "i", "text": text, **fields}
    return notification("item/completed", threadId="h", turnId=turn_id, item=content, completedAtMs=0)


def usage(turn_id, total):
    tokens = dict.fromkeys(
        ("cachedInputTokens", "inputTokens", "outputTokens", "reasoningOutputTokens", "totalTokens"), total
    )
    return notification(
        "thread/tokenUsage/updated", threadId="h", turnId=turn_id, tokenUsage={"last": tokens, "total": tokens}
    )


def failure(turn_id, message):
    error = {"message": message, "codexErrorInfo": "serverOverloaded"}
    return notification("error", threadId="h", turnId=turn_id, error=error, willRetry=False)


def end(turn_id, status="completed", **fields):
    turn = {"id": turn_id, "items": [], "status": status, **fields}
    return notification("turn/completed", threadId="h", turn=turn)


def approval(request_id, turn_id):
    params = {"threadId": "h", "turnId": turn_id, "itemId": "i", "startedAtMs": 0}
    asked = {"id": request_id, "method": "item/commandExecution/requestApproval", "params": params}
    return json.dumps(asked).encode() + b"\n"
