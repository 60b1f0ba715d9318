"""Lists that come in pages, followed to their end as far as somebody reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from ._methods import Method
    from .async_client import AsyncAppServerClient
    from .client import AppServerClient
    from .config import Deadline

SHOWN_CHARACTERS = 80


def follow(
    client: AppServerClient,
    method: Method[Any, Any],
    params: Any,  # noqa: ANN401 - whatever the method wants
    seconds: Deadline,
) -> Iterator[Any]:
    """All that the pages hold, each page asked for when it is needed; raises what a request raises.

    Raises:
        ProtocolError: a page is none, or leads back to one that has been read.
    """
    trail = _Trail(method, params)
    while trail.goes_on:
        yield from trail.take(client.request(method, trail.params, timeout_seconds=seconds))
        trail.advance()


async def follow_async(
    connect: Callable[[], Awaitable[AsyncAppServerClient]],
    method: Method[Any, Any],
    params: Any,  # noqa: ANN401 - whatever the method wants
    seconds: Deadline,
) -> AsyncIterator[Any]:
    """The same, for asyncio."""
    client, trail = await connect(), _Trail(method, params)
    while trail.goes_on:
        for each in trail.take(await client.request(method, trail.params, timeout_seconds=seconds)):
            yield each
        trail.advance()


class _Trail:
    """Where a list goes on; no place is visited twice.

    Attributes:
        params: those of the next page.
        goes_on: whether there is one.
    """

    def __init__(self, method: Method[Any, Any], params: Any) -> None:  # noqa: ANN401 - whatever the method wants
        self.params = params
        self.goes_on = True
        self._method = method.name
        self._visited = {params.cursor} if isinstance(params.cursor, str) else set()
        self._next: Any = None

    def take(self, page: Any) -> list[Any]:  # noqa: ANN401 - whatever the method answers
        """What a page holds."""
        self._next = page.next_cursor
        if not isinstance(page.data, list) or not isinstance(self._next, str | None):
            raise ProtocolError(f"{self._method}: a page has another shape than it should")
        return page.data

    def advance(self) -> None:
        """Go to the next page."""
        from msgspec.structs import replace  # noqa: PLC0415 - it costs an import, and most lists have one page

        if self._next is None:
            self.goes_on = False
            return
        if self._next in self._visited:
            shown = self._next[:SHOWN_CHARACTERS]
            raise ProtocolError(f"{self._method}: the server leads back to a page that has been read, {shown!r}")
        self._visited.add(self._next)
        self.params = replace(self.params, cursor=self._next)
