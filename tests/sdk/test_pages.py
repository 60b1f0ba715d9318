"""The same names as in `test_async_pages.py`."""

from itertools import islice

import pytest

from codex_app_server import Codex, ConnectionClosedError, ProtocolError
from sdk.callers import next_of
from sdk.fake_accounts import LISTS, SIGN_IN, account_config


@pytest.fixture
def codex():
    with Codex(account_config()) as codex:
        yield codex


def ids(each):
    return [one.id if hasattr(one, "id") else one.unknown_fields["id"] for one in each]


def asked(codex):
    """The params of the lists that have been asked for so far."""
    codex.client.request(SIGN_IN, {"login_id": "the end", "success": True})
    params = []
    for each in codex.client.notifications():
        if each.method == "fake/asked" and "line" not in each.params.raw:
            params.append(each.params.raw["params"])
        if each.method == "account/login/completed":
            return params
    raise AssertionError


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_followed_to_its_end(codex, name):
    of, _, first = LISTS[name]
    assert ids(of(codex)) == [f"id-{number}" for number in range(5)]
    assert asked(codex) == [first, {**first, "cursor": "2"}, {**first, "cursor": "4"}]


def test_a_page_is_asked_for_when_it_is_needed(codex):
    threads = codex.threads()
    assert asked(codex) == []
    assert ids(islice(threads, 2)) == ["id-0", "id-1"]
    assert len(asked(codex)) == 1
    assert ids(threads) == ["id-2", "id-3", "id-4"]
    assert len(asked(codex)) == 2


def test_the_length_of_a_page_and_the_beginning_can_be_chosen(codex):
    assert ids(codex.threads(limit=3, cursor="1")) == ["id-1", "id-2", "id-3", "id-4"]
    assert asked(codex) == [{"limit": 3, "cursor": "1"}, {"limit": 3, "cursor": "4"}]


def test_the_order_of_what_was_said_can_be_turned_round(codex):
    assert len(list(codex.thread("h").turns(sort_direction="desc", items_view="summary"))) == 5
    assert asked(codex)[0] == {"threadId": "h", "sortDirection": "desc", "itemsView": "summary"}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("cursor", [None, "0"])
def test_a_server_that_leads_in_a_circle_is_not_followed_for_ever(name, cursor):
    with Codex(account_config("--circle")) as codex:
        seen = []
        with pytest.raises(ProtocolError, match=r"leads back to a page that has been read, '[02]'"):
            seen.extend(LISTS[name][0](codex, cursor=cursor))
        assert len(seen) == 5 + (2 if cursor is None else 0)


@pytest.mark.parametrize("name", LISTS)
def test_a_page_that_is_none_is_a_protocol_error(name):
    with (
        Codex(account_config("--no-list")) as codex,
        pytest.raises(ProtocolError, match=f"{LISTS[name][1]}: a page has another shape"),
    ):
        list(LISTS[name][0](codex))


@pytest.mark.parametrize("name", LISTS)
def test_a_wrong_option_is_told_at_once(codex, name):
    with pytest.raises(TypeError, match="has no 'limmit'; did you mean 'limit'"):
        LISTS[name][0](codex, limmit=3)


def test_a_server_that_ends_ends_the_list(codex):
    threads = codex.threads()
    next(threads)
    codex.close()
    with pytest.raises(ConnectionClosedError):
        list(threads)


def test_other_readers_of_notifications_are_not_disturbed(codex):
    list(codex.threads())
    assert next_of(codex.client, "configWarning").params.summary == "before the answer"
