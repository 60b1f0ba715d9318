"""What the client tests do with a client again and again."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor


def press_ctrl_c():
    """What Ctrl-C does to this process, from any of its threads."""
    if os.name == "nt":  # where `os.kill` would just end the process
        signal.raise_signal(signal.SIGINT)
    else:
        os.kill(os.getpid(), signal.SIGINT)


def kill(pid):
    """End a process at once."""
    os.kill(pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)


def next_of(client, method):
    """The next notification of that method."""
    return next(each for each in client.notifications() if each.method == method)


async def anext_of(client, method):
    """The same, in a task."""
    async for each in client.notifications():
        if each.method == method:
            return each
    raise AssertionError(method)


async def all_of(events):
    """What an asynchronous iterator gives, to its end."""
    return [each async for each in events]


def at_once(count, work):
    """The results of as many threads."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: work(), range(count)))
