"""Streams one turn of ready-made lines and prints its deltas a second: `replay_worker.py WHO HOW FAKE_SERVER COUNT`.

WHO is `codex_app_server` or the peer's package; both have Codex and AsyncCodex with threads, turns and streams.
"""

# The two packages share names, not types, and neither need be installed where the other is:
# ruff: noqa: ANN001, ANN201, ANN202, ANN204, PLC0415, SLF001

import asyncio
import json
import sys
from time import perf_counter, process_time
from types import SimpleNamespace

METHOD = "item/agentMessage/delta"


class Watch:
    """Counts from the first delta to the last, and looks at each as a caller does."""

    def __init__(self):
        self.count = self.size = 0

    def see(self, notification, params):
        """Look at one notification."""
        if notification.method == METHOD:
            if not self.count:
                self.begin, self.cpu = perf_counter(), process_time()
            self.count += 1
            self.size += len(params.delta)
            self.end = perf_counter()

    def report(self, count):
        """What the deltas took."""
        seconds, cpu_seconds = self.end - self.begin, process_time() - self.cpu
        return {
            "per_second": self.count / seconds,
            "cpu_us": cpu_seconds / self.count * 1e6,
            "lost": count - self.count,  # the peer drops what comes before it has subscribed
        }


def ours(server):
    """This SDK."""
    import codex_app_server as sdk

    config = sdk.AppServerConfig(launch_args_override=[sys.executable, server])
    threads = SimpleNamespace(sync=lambda codex: codex.thread("h"), asynchronous=lambda codex: codex.thread("h"))
    return sdk.Codex, sdk.AsyncCodex, config, threads, lambda notification: notification.params


def peers(server):
    """The peer."""
    import openai_codex as sdk
    from openai_codex import api

    config = sdk.CodexConfig(launch_args_override=(sys.executable, server))
    threads = SimpleNamespace(
        sync=lambda codex: api.Thread(codex._client, "h"), asynchronous=lambda codex: api.AsyncThread(codex, "h")
    )
    return sdk.Codex, sdk.AsyncCodex, config, threads, lambda notification: notification.payload


def main(who, how, server, count):
    """Stream one turn."""
    codex_class, async_class, config, threads, params = (ours if who == "codex_app_server" else peers)(server)
    watch, text = Watch(), json.dumps({"deltas": count})

    async def stream():
        async with async_class(config) as codex:
            turn = await threads.asynchronous(codex).turn(text)
            async for each in turn.stream():
                watch.see(each, params(each))

    if how == "async":
        asyncio.run(stream())
    else:
        with codex_class(config) as codex:
            for each in threads.sync(codex).turn(text).stream():
                watch.see(each, params(each))
    print(json.dumps(watch.report(count)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
