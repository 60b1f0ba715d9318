"""Which message belongs to which waiter or turn. No I/O, no clock, no user code; the shells lock.

* After `receive`, write `data_to_send()` and handle the requests and faults that it returned.
* After any other method, write `data_to_send()`.

A waiter is a future of the shell's. The session settles it, with a `Reply` or an error, and never times out: a shell
that gives up calls `forget`. Closing is an event like others: `close(reason)` fails every waiter, and every later call
raises. So is a loss that may be made good: after `lose(reason)` requests wait, but for urgent ones, which shake hands
and resume the threads; `restore` lets the others go.

Memory: a turn that somebody holds keeps up to UNREAD_TURN_BYTES of events for each of its readers; the notifications of
the connection take UNREAD_BYTES; turns that nobody holds, 32 at most, half a MiB each; finished turns FINISHED_BYTES.
What is beyond that is dropped and counted, deltas first.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from . import _protocol
from ._asked import Asked, OpenRequests
from ._catching_up import missed
from ._known_turns import KnownTurns
from ._mailbox import Mailbox, Waiter
from ._protocol import Answer, Call, Event, Fault
from ._sequel import Sequel, Sequels
from ._strays import INTERRUPT, START, STARTED, Nobody, Strays
from ._subscriptions import Subscriptions, thread_of
from ._window import Reply, Window

if TYPE_CHECKING:
    from ._turns import OpenTurn
    from .errors import AppServerError

WINDOW = 120
"""Requests in flight. The server's queue takes 128 messages, notifications and answers of ours among them; of what is
beyond that it refuses some, and drops others without an answer."""
UNREAD_BYTES = 8 * 1024 * 1024


class Session:
    """One connection's state between bytes and callers.

    Attributes:
        notifications: those of the connection.
        closed: why it is closed, None while it is open.
        versions: of the server and of the one that this SDK was made for, as far as known; for errors.
        requests: the server's, which wait for an answer.
        threads: whose notifications come.
        hurried: whether an answer was awaited when something came last: whoever gets it may well ask for more.
        pressed: whether a reader of what came last has just fallen behind.
    """

    def __init__(self, *, window: int = WINDOW) -> None:
        self.notifications = Mailbox(UNREAD_BYTES)
        self.requests = OpenRequests()
        self.threads = Subscriptions()
        self.closed: AppServerError | None = None
        self.versions: tuple[str | None, str | None] = (None, None)
        self.hurried = False
        self.pressed = False
        self._receiver = _protocol.Receiver()
        self._outgoing: list[bytes] = []
        self._window = Window(window, self._outgoing)
        self._turns = KnownTurns()
        self._sequels = Sequels()
        self._strays = Strays()

    @property
    def lost(self) -> AppServerError | None:
        """Why there is no connection just now, None while there is one."""
        return self._window.held

    def check_open(self) -> None:
        """Raise why the connection is closed, if it is."""
        if self.closed is not None:
            raise copy.copy(self.closed)

    def request(
        self,
        method: str,
        params: object,
        waiter: Waiter,
        sequel: Sequel[Any] | None = None,
        *,
        urgent: AppServerError | None = None,
    ) -> int:
        """Send a request, or queue it when the window is full; the id is for `forget`; `sequel` sees what follows.

        Raises:
            UsageError: `params` cannot be sent.
            AppServerError: why the connection is closed.
        """
        self.check_open()
        self.threads.check(method, params)
        request_id = self._window.add(method, params, waiter, sequel, urgent=urgent)
        self._sequels.open(sequel)
        return request_id

    def send(self, line: bytes, *, urgent: bool = False) -> None:
        """Send a notification, which needs no place in the window; raises why there is no connection."""
        self.check_open()
        if not urgent:
            self._window.check()
        self._outgoing.append(line)

    def answer(self, asked: Asked, line: bytes, now: float) -> None:
        """Send the answer to a request of the server's, if it still waits; `now` is on the shell's clock."""
        if not asked.resolved and self.requests.settle(asked.call.id, now, answered=True):
            self._outgoing.append(line)

    def forget(self, request_id: int) -> None:
        """Free the request's slot: its answer is dropped when it comes, and while queued it is not sent at all."""
        self._strays.give_up(request_id, self._window.forget(request_id))

    def disown(self, reply: Reply, method: str, params: object) -> None:
        """Let go of the turn that an answer told of, for its caller gave up before reading it."""
        turn, thread_id = reply.turn, thread_of(params)
        if self.closed is None and method == START and turn is not None and thread_id is not None:
            turn.claimed -= 1
            self._strays.add(turn.turn_id, thread_id)
            self._interrupt_stray(turn.turn_id)

    def data_to_send(self) -> bytes:
        """What has to be written now; often nothing."""
        if not self._outgoing:
            return b""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        return data

    def receive(self, data: bytes, now: float) -> list[Asked | Fault]:
        """Settle and deliver everything in `data`, which came `now`; what is left the shell has to answer or to log."""
        left: list[Asked | Fault] = []
        if self.closed is not None:  # the rest of a flood is not worth decoding
            return left
        self.hurried = self._window.busy
        batches: defaultdict[str | None, list[Event]] = defaultdict(list)
        for message in self._receiver.receive(data):
            match message:
                case Event():
                    batches[message.turn_id].append(message)
                case Answer():
                    left += self._settle(message, now)
                case Call():
                    left.append(self.requests.open(message, now))
                case _:
                    left.append(message)
        self.pressed = False
        for turn_id, events in batches.items():
            self._deliver(turn_id, events, now)
        for each in left:
            if isinstance(each, Asked) and each.turn_id is not None:
                each.join(self._turns.find(each.turn_id))
        return left

    def turn(self, turn_id: str) -> OpenTurn:
        """The turn, whether it has been heard of or not; the caller's to hold."""
        return self._turns.claim(turn_id)

    def lose(self, reason: AppServerError) -> bool:
        """The connection is lost, maybe not for good; what was sent fails with `reason`. Whether this is news."""
        if self.closed is not None:
            return False
        self._turns.set_adrift()
        self._receiver = _protocol.Receiver()
        self._outgoing.clear()
        self.requests.close()
        self._sequels.close(reason)
        return self._window.hold(reason)

    def resumption(self, thread_id: str) -> dict[str, object]:
        """The params to resume a thread with: its turns are only asked for when some were running at the loss."""
        return {"threadId": thread_id, "excludeTurns": not self._turns.adrift}

    def restore(self, loss: AppServerError | None) -> bool:
        """After that loss, the connection is back and its threads are resumed. False when it has been lost again."""
        if loss is None or self.lost is not loss:
            return False
        self._turns.give_up_adrift(loss)
        self._window.release()
        return True

    def close(self, reason: AppServerError, *, orderly: bool = False) -> None:
        """End the session: all who wait get (a copy of) `reason`. Only the first call counts.

        When the caller closes it, which is `orderly`, `notifications` just end.
        """
        if self.closed is not None:
            return
        self.closed = reason
        self._window.close(reason)
        self._outgoing.clear()
        self.requests.close()
        self.notifications.close(None if orderly else reason)
        self._sequels.close(reason)
        self._turns.close(reason)

    def _settle(self, answer: Answer, now: float) -> list[Fault]:
        request = self._window.take(answer.id)
        if request is None or request.waiter.done():
            self._strays.give_up(answer.id, request)
            if answer.turn_id and self._strays.answered(answer.id, answer.turn_id):
                self._interrupt_stray(answer.turn_id)
            elif request is None:
                late = self._window.was_made(answer.id)
                reason = "a late or second answer" if late else "an answer to a request that was never made"
                return [Fault(reason, len(answer.line))]
            return []
        if answer.error is None:
            self.threads.note(request.method, request.line, answer.line)
            if self.lost is not None:
                self._catch_up(answer.line, now)
            turn = self.turn(answer.turn_id) if answer.turn_id else None
            request.waiter.set_result(Reply(answer.line, turn))
            if request.sequel is not None:
                request.sequel.answered(answer.line)
        else:
            request.waiter.set_exception(answer.error.to_exception(request.method, self.versions))
        return []

    def _catch_up(self, line: bytes, now: float) -> None:
        """Right now, for what follows `line` may already tell of what came later."""
        for turn_id, events in missed(line, self._turns.running):
            self._turns.find_again(turn_id)
            if events:
                self._deliver(turn_id, events, now)

    def _deliver(self, turn_id: str | None, events: list[Event], now: float) -> None:
        self._sequels.receive(events)
        if turn_id is None:
            self.requests.resolve(events, now)
            self.notifications.put(events)
            self.pressed |= self.notifications.pressed
            return
        if turn_id in self._strays and any(event.method == STARTED for event in events):
            self._interrupt_stray(turn_id)
        turn = self._turns.find(turn_id)
        late = turn.receive(events, now)
        self.pressed |= turn.pressed
        if late:
            self.notifications.put(late)
        if self._turns.settle(turn):
            self.requests.end_turn(turn_id, now)

    def _interrupt_stray(self, turn_id: str) -> None:
        if not self._turns.find(turn_id).claimed:
            self._window.add(INTERRUPT, self._strays.interruption(turn_id), Nobody())
