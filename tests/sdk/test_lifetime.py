"""What is left when a program ends in other ways than by `close()`."""

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from codex_app_server import AppServerClient, AsyncAppServerClient, ConnectionClosedError
from codex_app_server._child import Child
from codex_app_server._launch import Launch
from sdk import fake_methods as fake
from sdk.callers import press_ctrl_c
from sdk.conftest import FAKE
from sdk.fake_methods import ECHO, ENVIRONMENT, FLOOD

SYNC_PROGRAM = """
import sys, os
from codex_app_server import *
client = AppServerClient(AppServerConfig(launch_args_override=[sys.executable, sys.argv[1]]))
client.start()
client.initialize()
print(client.request(Method("fake/environment", dict, dict))["pid"], flush=True)
"""
ASYNC_PROGRAM = """
import sys, os, asyncio
from codex_app_server import *
async def main():
    client = AsyncAppServerClient(AppServerConfig(launch_args_override=[sys.executable, sys.argv[1]]))
    await client.start()
    await client.initialize()
    print((await client.request(Method("fake/environment", dict, dict)))["pid"], flush=True)
    {last_words}
asyncio.run(main())
"""
ENDLESS = {"method": "item/agentMessage/delta", "params": fake.DELTA, "count": 10_000_000}


def running(program):
    """A program of our own, and the server that it started, whose number it prints."""
    return subprocess.Popen([sys.executable, "-c", program, str(FAKE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.mark.skipif(sys.platform == "darwin", reason="nothing there watches a process of another without polling")
@pytest.mark.parametrize(
    "program",
    [SYNC_PROGRAM + "sys.stdin.read()", ASYNC_PROGRAM.format(last_words="sys.stdin.read()")],
    ids=["sync", "async"],
)
def test_a_killed_program_leaves_no_server(program):
    with running(program) as parent, fake.watched(int(parent.stdout.readline())) as ends_within:
        assert not ends_within(0)
        parent.kill()
        assert ends_within(10)


@pytest.mark.skipif(sys.platform == "darwin", reason="nothing there watches a process of another without polling")
@pytest.mark.parametrize("program", [SYNC_PROGRAM, ASYNC_PROGRAM.format(last_words="")], ids=["sync", "async"])
def test_a_program_that_forgets_to_close_ends_all_the_same(program):
    with running(program) as parent:
        server = int(parent.stdout.readline())
        assert parent.wait(30) == 0
        assert fake.ends(server, 10)


def test_an_interrupted_close_still_ends_a_stubborn_server(config):
    client = AppServerClient(config("--ignore-eof", "--ignore-sigterm", close_timeout_seconds=None))
    with client, pytest.raises(KeyboardInterrupt):
        pid = client.request(ENVIRONMENT)["pid"]
        interrupter = threading.Timer(0.05, press_ctrl_c)
        interrupter.start()
        client.close()
    interrupter.join()
    assert fake.is_gone(pid)


def test_a_cancelled_close_still_ends_a_stubborn_server(config, run):
    async def main():
        client = AsyncAppServerClient(config("--ignore-eof", "--ignore-sigterm", close_timeout_seconds=None))
        async with client:
            pid = (await client.request(ENVIRONMENT))["pid"]
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.close(), 0.05)
        assert fake.is_gone(pid)

    run(main())


@pytest.mark.parametrize("steps", range(12))
def test_a_start_cancelled_at_any_step_leaves_nothing(config, run, steps):
    async def main():
        async def use():
            async with AsyncAppServerClient(config()) as client:
                await client.request(ECHO)

        task = asyncio.create_task(use())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


def test_tasks_use_no_executor_and_no_thread_for_events(config, run):
    async def main():
        async with AsyncAppServerClient(config()) as client:
            before = threading.active_count()
            await client.request(FLOOD, {**ENDLESS, "count": 10_000})
            await asyncio.gather(*(client.request(ECHO) for _ in range(500)))
            assert threading.active_count() == before
            assert asyncio.get_running_loop()._default_executor is None  # noqa: SLF001 - it is what must not exist

    run(main())


def test_threads_are_as_many_for_many_events_as_for_none(config):
    with AppServerClient(config()) as client:
        before = threading.active_count()
        client.request(FLOOD, {**ENDLESS, "count": 10_000})
        assert threading.active_count() == before


def test_a_client_may_be_closed_in_a_flood(config, run):
    with ThreadPoolExecutor(1) as pool, AppServerClient(config(close_timeout_seconds=0.2)) as client:
        flood = pool.submit(client.request, FLOOD, ENDLESS)
        next(client.read(client.turn("t").read(), fake.PATIENT))
        client.close()
        assert isinstance(flood.exception(), ConnectionClosedError)

    async def main():
        async with AsyncAppServerClient(config(close_timeout_seconds=0.2)) as client:
            flood = asyncio.ensure_future(client.request(FLOOD, ENDLESS))
            await anext(client.read(client.turn("t").read(), fake.PATIENT))
            await client.close()
            with pytest.raises(ConnectionClosedError):
                await flood

    run(main())


def test_a_child_that_cannot_have_its_threads_is_not_left(monkeypatch):
    def start(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    launch = Launch((sys.executable, "-c", "input()"), dict(os.environ), None, "test")
    with pytest.raises(RuntimeError, match="new thread"):
        Child(launch, lambda _data: 0.0, lambda _code, _tail: None)
