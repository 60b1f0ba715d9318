"""The same names as in `test_pages.py`, which is the one to read first."""

import pytest

from codex_app_server import AsyncCodex, ConnectionClosedError, ProtocolError
from sdk.callers import all_of, anext_of
from sdk.fake_accounts import LISTS, SIGN_IN, account_config


@pytest.fixture
def with_codex(run):
    """Runs a coroutine function with an AsyncCodex on the fake server."""

    def with_codex(work, *flags):
        async def main():
            async with AsyncCodex(account_config(*flags)) as codex:
                await work(codex)

        run(main())

    return with_codex


def ids(each):
    return [one.id if hasattr(one, "id") else one.unknown_fields["id"] for one in each]


async def asked(codex):
    """The params of the lists that have been asked for so far."""
    await codex.client.request(SIGN_IN, {"login_id": "the end", "success": True})
    params = []
    async for each in codex.client.notifications():
        if each.method == "fake/asked" and "line" not in each.params.raw:
            params.append(each.params.raw["params"])
        if each.method == "account/login/completed":
            return params
    raise AssertionError


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_followed_to_its_end(with_codex, name):
    of, _, first = LISTS[name]

    async def work(codex):
        assert ids(await all_of(of(codex))) == [f"id-{number}" for number in range(5)]
        assert await asked(codex) == [first, {**first, "cursor": "2"}, {**first, "cursor": "4"}]

    with_codex(work)


def test_a_page_is_asked_for_when_it_is_needed(with_codex):
    async def work(codex):
        threads = codex.threads()
        assert await asked(codex) == []
        assert ids([await anext(threads), await anext(threads)]) == ["id-0", "id-1"]
        assert len(await asked(codex)) == 1
        assert ids(await all_of(threads)) == ["id-2", "id-3", "id-4"]
        assert len(await asked(codex)) == 2

    with_codex(work)


def test_the_length_of_a_page_and_the_beginning_can_be_chosen(with_codex):
    async def work(codex):
        assert ids(await all_of(codex.threads(limit=3, cursor="1"))) == ["id-1", "id-2", "id-3", "id-4"]
        assert await asked(codex) == [{"limit": 3, "cursor": "1"}, {"limit": 3, "cursor": "4"}]

    with_codex(work)


def test_the_order_of_what_was_said_can_be_turned_round(with_codex):
    async def work(codex):
        assert len(await all_of(codex.thread("h").turns(sort_direction="desc", items_view="summary"))) == 5
        assert (await asked(codex))[0] == {"threadId": "h", "sortDirection": "desc", "itemsView": "summary"}

    with_codex(work)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("cursor", [None, "0"])
def test_a_server_that_leads_in_a_circle_is_not_followed_for_ever(with_codex, name, cursor):
    async def work(codex):
        seen = []
        with pytest.raises(ProtocolError, match=r"leads back to a page that has been read, '[02]'"):
            async for each in LISTS[name][0](codex, cursor=cursor):
                seen.append(each)  # noqa: PERF401 - what was seen before the error counts
        assert len(seen) == 5 + (2 if cursor is None else 0)

    with_codex(work, "--circle")


@pytest.mark.parametrize("name", LISTS)
def test_a_page_that_is_none_is_a_protocol_error(with_codex, name):
    async def work(codex):
        with pytest.raises(ProtocolError, match=f"{LISTS[name][1]}: a page has another shape"):
            await all_of(LISTS[name][0](codex))

    with_codex(work, "--no-list")


@pytest.mark.parametrize("name", LISTS)
def test_a_wrong_option_is_told_at_once(with_codex, name):
    async def work(codex):
        with pytest.raises(TypeError, match="has no 'limmit'; did you mean 'limit'"):
            LISTS[name][0](codex, limmit=3)

    with_codex(work)


def test_a_server_that_ends_ends_the_list(with_codex):
    async def work(codex):
        threads = codex.threads()
        await anext(threads)
        await codex.close()
        with pytest.raises(ConnectionClosedError):
            await all_of(threads)

    with_codex(work)


def test_other_readers_of_notifications_are_not_disturbed(with_codex):
    async def work(codex):
        await all_of(codex.threads())
        assert (await anext_of(codex.client, "configWarning")).params.summary == "before the answer"

    with_codex(work)
