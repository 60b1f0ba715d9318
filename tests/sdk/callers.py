"""What the client tests do with a client again and again."""

from concurrent.futures import ThreadPoolExecutor


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
