"""What a server tells of a thread after a lost connection, as data for both test modules."""

import threading

from socket_server import SocketServer

ITEMS = [
    {"type": "userMessage", "id": "u", "content": [], "completedAtMs": 1},
    {"type": "agentMessage", "id": "m", "text": "hello you", "completedAtMs": 2},
]
NOT_YET = {"type": "agentMessage", "id": "c", "text": "more", "completedAtMs": None}
OF = {"threadId": "h", "turnId": "t"}
APPROVAL = {
    "method": "item/commandExecution/requestApproval",
    "params": {**OF, "itemId": "i", "command": "ls", "availableDecisions": ["accept", "decline"]},
}


def turn(status, items=(), turn_id="t", **more):
    return {"id": turn_id, "status": status, "items": [*items], "itemsView": "full", **more}


def thread(*turns, thread_id="h"):
    return {"thread": {"id": thread_id, "turns": [*turns]}}


def event(method, **params):
    return {"method": method, "params": params, "emittedAtMs": 0}


def completed(item):
    return event("item/completed", **OF, item=item, completedAtMs=1)


END = event("turn/completed", threadId="h", turn=turn("completed"))


def lost_threads(caplog):
    """How often it was said that a thread is lost."""
    return len([record for record in caplog.records if "thread h is lost" in record.getMessage()])


class Gap:
    """A server that starts a turn, tells its first item, and loses the connection when `lose` is called.

    Attributes:
        answers: to `thread/resume`; to be changed before `lose`.
        after: what is told after that answer.
    """

    def __init__(self, server: SocketServer):
        self.server = server
        self.after = []
        self._again = threading.Event()
        server.answers["turn/start"] = {"turn": turn("inProgress")}
        server.plays(self._first, self._second)

    def lose(self, resumed, *after):
        """Lose the connection; from then on a resumed thread is told of so."""
        self.server.answers["thread/resume"] = resumed
        self.after += after
        self.server.drop_until_back()

    def come_back(self):
        """Let the second connection be made."""
        self._again.set()

    def _first(self, peer):
        peer.accept().serve(3)
        peer.say(**completed(ITEMS[0]))
        peer.serve()

    def _second(self, peer):
        assert self._again.wait(60)
        peer.accept().serve(2)
        for each in self.after:
            peer.say(**each)
        peer.serve()
