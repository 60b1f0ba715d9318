"""A user's program: a turn with each client; prints what was answered, or the error that came, as a JSON list.

Its first argument may be a JSON object: `config` and `thread` are keywords for the two, `to` names a file to print to.
"""

import asyncio
import json
import sys
from pathlib import Path

from codex_app_server import AppServerConfig, AppServerError, AsyncCodex, Codex

OPTIONS = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
CONFIG = AppServerConfig(turn_timeout_seconds=60, **OPTIONS.get("config", {}))
THREAD = OPTIONS.get("thread", {})


def synchronous():
    with Codex(CONFIG) as codex:
        return codex.thread_start(**THREAD).run("Say it.").final_response


async def asynchronous():
    async with AsyncCodex(CONFIG) as codex:
        thread = await codex.thread_start(**THREAD)
        return (await thread.run("Say it.")).final_response


def outcome(work):
    try:
        return {"answer": work()}
    except AppServerError as error:
        return {"error": type(error).__name__, "text": str(error)}


told = json.dumps([outcome(synchronous), outcome(lambda: asyncio.run(asynchronous()))])
if "to" in OPTIONS:
    Path(OPTIONS["to"]).write_text(told)
else:
    sys.stdout.write(f"{told}\n")
