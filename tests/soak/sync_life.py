"""One server's life with `Codex`: workers run turns until it is closed or killed; the twin is `async_life.py`."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from time import monotonic

from codex_app_server import AppServerError, Codex, Decision, InvalidRequestError
from codex_app_server.tools import tool
from soak.ledger import LOST, told
from soak.plan import CAREFUL, DECISIONS, GIVEN_UP, WORKERS, choose_kind, choose_words, moment, starts_anew
from soak.servers import kill_server

TWIN = "sync"


def live(config, life, ledger, seed):
    """Start a server, have the workers use it, and end it as `life` has it."""
    with Codex(config) as codex:
        work(codex, life, ledger, seed)


def work(codex, life, ledger, seed):
    """Have the workers use a server, and kill it if `life` has it so."""
    until = monotonic() + life.seconds
    workers = [Worker(codex, ledger, Random(f"{seed}-{number}"), doomed=life.killed) for number in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        works = [pool.submit(worker.work, until) for worker in workers]
        if life.killed:
            pause(life.seconds / 2)
            ledger.kill(TWIN)
            kill_server(TWIN)
        for each in works:
            each.result()
    with suppress(AppServerError):  # until there are none left, or the server is lost
        for _ in codex.client.notifications(timeout_seconds=0):
            pass


class Worker:
    """Runs one turn after another."""

    def __init__(self, codex, ledger, random, *, doomed):
        self.codex = codex
        self.ledger = ledger
        self.random = random
        self.doomed = doomed
        self.thread = None

    def work(self, until):
        number, lost = 0, False
        while monotonic() < until and not lost:
            kind = choose_kind(self.random, tasks=False)
            number += 1
            self.ledger.begin()
            try:
                outcome = self.act(kind, choose_words(self.random, kind, number))
            except AppServerError as error:
                outcome = type(error).__name__
            except Exception as error:  # noqa: BLE001 - a mistake, whatever it is
                outcome = repr(error)
            lost = outcome == LOST
            self.ledger.end(TWIN, kind, outcome, doomed=self.doomed)
            if kind in GIVEN_UP or starts_anew(self.random):
                self.put_away()
        self.put_away()

    def act(self, kind, words):
        if self.thread is None:
            self.thread = self.codex.thread_start(approvals=self.decide, tools=[wait], **CAREFUL)
        thread = self.thread
        match kind:
            case "give up":
                return thread.run(words, turn_timeout_seconds=0.05 + moment(self.random)).status
            case "plain" | "approve" | "tool":
                return told(thread.run(words), words)
        turn = thread.turn(words)
        match kind:
            case "stream":
                for count, _ in enumerate(turn.stream()):
                    if count % 100 == 0:
                        pause(moment(self.random))
            case "leave":
                next(turn.stream())
            case "steer" | "interrupt":
                return self.disturb(turn, kind)
        return told(turn.run(), words)

    def disturb(self, turn, kind):
        pause(moment(self.random))
        if kind == "interrupt":
            turn.interrupt()
        else:
            with suppress(InvalidRequestError):  # it may be over
                turn.steer("steer")
        return turn.run().status

    def put_away(self):
        """Go on in another thread, and let the server and the client forget this one."""
        thread, self.thread = self.thread, None
        if thread is not None:
            with suppress(AppServerError):  # it may be lost
                self.codex.thread_archive(thread.id)

    def decide(self, request):
        pause(moment(self.random))
        match self.random.choice(DECISIONS):
            case "accept":
                return Decision.accept
            case "decline":
                return Decision.decline
            case "raise":
                raise ValueError("on purpose")
        threading.Timer(moment(self.random), request.respond, (Decision.accept,)).start()
        return None


@tool(name="pause")
def wait(milliseconds: int) -> str:
    """Take so long."""
    pause(milliseconds / 1000)
    return "done"


def pause(seconds):
    """Do nothing: that somebody is slow is what this is about."""
    threading.Event().wait(seconds)
