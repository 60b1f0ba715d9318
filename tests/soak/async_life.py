"""One server's life with `AsyncCodex`; the twin is `sync_life.py`, which is the one to read first."""

import asyncio
from contextlib import suppress
from random import Random
from time import monotonic

from codex_app_server import AppServerError, AsyncCodex, Decision, InvalidRequestError
from codex_app_server.tools import tool
from soak.ledger import LOST, told
from soak.plan import CAREFUL, DECISIONS, GIVEN_UP, WORKERS, choose_kind, choose_words, moment, starts_anew
from soak.servers import kill_server

TWIN = "async"


async def live(config, life, ledger, seed):
    """Start a server, have the workers use it, and end it as `life` has it."""
    async with AsyncCodex(config) as codex:
        await work(codex, life, ledger, seed)


async def work(codex, life, ledger, seed):
    """Have the workers use a server, and kill it if `life` has it so."""
    until = monotonic() + life.seconds
    workers = [Worker(codex, ledger, Random(f"{seed}-{number}"), doomed=life.killed) for number in range(WORKERS)]
    works = [asyncio.ensure_future(worker.work(until)) for worker in workers]
    if life.killed:
        await asyncio.sleep(life.seconds / 2)
        ledger.kill(TWIN)
        kill_server(TWIN)
    await asyncio.gather(*works)
    with suppress(AppServerError):
        async for _ in codex.client.notifications(timeout_seconds=0):
            pass


class Worker:
    """Runs one turn after another."""

    def __init__(self, codex, ledger, random, *, doomed):
        self.codex = codex
        self.ledger = ledger
        self.random = random
        self.doomed = doomed
        self.thread = None

    async def work(self, until):
        number, lost = 0, False
        while monotonic() < until and not lost:
            kind = choose_kind(self.random, tasks=True)
            number += 1
            self.ledger.begin()
            try:
                outcome = await self.act(kind, choose_words(self.random, kind, number))
            except AppServerError as error:
                outcome = type(error).__name__
            except Exception as error:  # noqa: BLE001 - a mistake, whatever it is
                outcome = repr(error)
            lost = outcome == LOST
            self.ledger.end(TWIN, kind, outcome, doomed=self.doomed)
            if kind in GIVEN_UP or starts_anew(self.random):
                await self.put_away()
        await self.put_away()

    async def act(self, kind, words):
        if self.thread is None:
            self.thread = await self.codex.thread_start(approvals=self.decide, tools=[wait], **CAREFUL)
        thread = self.thread
        match kind:
            case "give up":
                return (await thread.run(words, turn_timeout_seconds=0.05 + moment(self.random))).status
            case "plain" | "approve" | "tool":
                return told(await thread.run(words), words)
            case "cancel":
                return await self.cancel(thread.run(words))
        turn = await thread.turn(words)
        match kind:
            case "stream":
                count = 0
                async for _ in turn.stream():
                    count += 1
                    if count % 100 == 0:
                        await asyncio.sleep(moment(self.random))
            case "leave":
                await anext(aiter(turn.stream()))
            case "steer" | "interrupt":
                return await self.disturb(turn, kind)
        return told(await turn.run(), words)

    async def disturb(self, turn, kind):
        await asyncio.sleep(moment(self.random))
        if kind == "interrupt":
            await turn.interrupt()
        else:
            with suppress(InvalidRequestError):  # it may be over
                await turn.steer("steer")
        return (await turn.run()).status

    async def cancel(self, running):
        task = asyncio.ensure_future(running)
        await asyncio.sleep(moment(self.random))
        task.cancel()
        try:
            return (await task).status
        except asyncio.CancelledError:
            return "CancelledError"

    async def put_away(self):
        """Go on in another thread, and let the server and the client forget this one."""
        thread, self.thread = self.thread, None
        if thread is not None:
            with suppress(AppServerError):  # it may be lost
                await self.codex.thread_archive(thread.id)

    async def decide(self, request):
        await asyncio.sleep(moment(self.random))
        match self.random.choice(DECISIONS):
            case "accept":
                return Decision.accept
            case "decline":
                return Decision.decline
            case "raise":
                raise ValueError("on purpose")
        asyncio.get_running_loop().call_later(moment(self.random), request.respond, Decision.accept)
        return None


@tool(name="pause")
async def wait(milliseconds: int) -> str:
    """Take so long."""
    await asyncio.sleep(milliseconds / 1000)
    return "done"
