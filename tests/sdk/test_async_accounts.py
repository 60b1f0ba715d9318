"""The same names as in `test_accounts.py`, which is the one to read first."""

import asyncio
import pickle
import traceback

import pytest

from codex_app_server import (
    AsyncCodex,
    ConnectionClosedError,
    InvalidRequestError,
    LoginError,
    ProtocolError,
    RequestTimeoutError,
    UsageError,
)
from sdk.callers import anext_of
from sdk.fake_accounts import KEY, SIGN_IN, account_config, loudly, shown


@pytest.fixture
def with_codex(run):
    """Runs a coroutine function with an AsyncCodex on the fake server."""

    def with_codex(work, *flags):
        async def main():
            async with AsyncCodex(account_config(*flags)) as codex:
                await work(codex)

        run(main())

    return with_codex


async def sign_in(codex, login, **outcome):
    await codex.client.request(SIGN_IN, {"login_id": login.login_id, "success": True, **outcome})


async def asked(codex):
    """The methods about accounts that have been asked for so far."""
    await codex.client.request(SIGN_IN, {"login_id": "the end", "success": True})
    methods = []
    async for each in codex.client.notifications():
        if each.method == "fake/asked":
            methods.append(each.params.raw["line"].split('"method":"')[1].partition('"')[0])
        if each.method == "account/login/completed" and each.params.login_id == "the end":
            return methods
    raise AssertionError


def test_signing_in_with_a_key_and_out_again(with_codex):
    async def work(codex):
        assert (await codex.account()).account is None
        await codex.login_api_key(KEY)
        assert (await codex.account(refresh_token=False)).account.type == "apiKey"
        await codex.logout()
        assert (await codex.account()).account is None

    with_codex(work)


@pytest.mark.parametrize(("key", "message"), [("", "is empty"), (" ", "is empty"), (None, "NoneType"), ([KEY], "list")])
def test_what_cannot_be_a_key_is_refused(with_codex, key, message):
    async def work(codex):
        with pytest.raises(UsageError, match=message) as caught:
            await codex.login_api_key(key)
        assert KEY not in str(caught.value)

    with_codex(work)


def test_a_key_that_the_server_repeats_is_hidden(with_codex):
    async def work(codex):
        with pytest.raises(InvalidRequestError) as caught:
            await codex.login_api_key(KEY)
        error = caught.value
        assert "no such key: [hidden]" in str(error)
        assert error.data == "[hidden]"
        assert KEY.encode() not in pickle.dumps(error)
        assert KEY not in "".join(traceback.format_exception(error))

    with_codex(work, "--tell-tale")


def test_a_person_signs_in_on_a_page(with_codex):
    async def work(codex):
        login = await codex.login_chatgpt()
        assert (login.auth_url, login.user_code) == ("https://sign.in/?state=SECRET-login-1", None)
        await sign_in(codex, login)
        await login.wait(timeout_seconds=30)
        await login.wait(timeout_seconds=0)

    with_codex(work)


def test_a_person_types_in_a_code(with_codex):
    async def work(codex):
        login = await codex.login_chatgpt_device_code()
        assert (login.auth_url, login.user_code) == ("https://sign.in/device", "SECRET-login-1")
        await sign_in(codex, login)
        await login.wait(timeout_seconds=30)

    with_codex(work)


def test_the_end_of_a_sign_in_is_told_to_readers_of_notifications_too(with_codex):
    async def work(codex):
        login = await codex.login_chatgpt()
        await sign_in(codex, login)
        await login.wait(timeout_seconds=30)
        assert (await anext_of(codex.client, "account/login/completed")).params.login_id == login.login_id

    with_codex(work)


def test_a_failure_says_why_and_shows_no_secret(with_codex):
    async def work(codex):
        page, code = await codex.login_chatgpt(), await codex.login_chatgpt_device_code()
        for login, secret in ((page, page.auth_url), (code, code.user_code)):
            await sign_in(codex, login, success=False, error=f"refused: {secret}")
            with pytest.raises(LoginError, match=r"^the sign-in failed: refused: \[hidden\]$"):
                await login.wait(timeout_seconds=30)

    with_codex(work)


def test_only_its_own_end_counts(with_codex):
    async def work(codex):
        login = await codex.login_chatgpt()
        for other in ("login-2", None):
            await codex.client.request(SIGN_IN, {"login_id": other, "success": True})
        with pytest.raises(RequestTimeoutError, match=r"the sign-in was not over within 0.05 s"):
            await login.wait(timeout_seconds=0.05)
        await sign_in(codex, login, success=False)
        with pytest.raises(LoginError, match="the server gave no reason"):
            await login.wait(timeout_seconds=30)

    with_codex(work)


def test_an_end_that_comes_before_the_answer_counts(with_codex):
    async def work(codex):
        await (await codex.login_chatgpt()).wait(timeout_seconds=30)

    with_codex(work, "--early")


def test_several_wait_for_one_sign_in(with_codex):
    async def work(codex):
        login = await codex.login_chatgpt()
        waiting = [asyncio.create_task(login.wait(timeout_seconds=30)) for _ in range(4)]
        await sign_in(codex, login)
        assert await asyncio.gather(*waiting) == [None] * 4

    with_codex(work)


def test_cancelling_ends_the_wait_and_can_be_repeated(with_codex):
    async def work(codex):
        login = await codex.login_chatgpt()
        await login.cancel()
        with pytest.raises(LoginError, match="Login cancelled"):
            await login.wait(timeout_seconds=30)
        await login.cancel()
        assert await asked(codex) == ["account/login/start", "account/login/cancel"]

    with_codex(work)


def test_leaving_cancels_what_is_not_over(with_codex):
    async def work(codex):
        with pytest.raises(ValueError, match="mine"):
            async with await codex.login_chatgpt() as login:
                raise ValueError("mine")
        with pytest.raises(LoginError, match="Login cancelled"):
            await login.wait(timeout_seconds=30)
        async with await codex.login_chatgpt() as login:
            await sign_in(codex, login)
            await login.wait(timeout_seconds=30)
        assert await asked(codex) == ["account/login/start", "account/login/cancel", "account/login/start"]

    with_codex(work)


def test_an_interrupted_wait_is_cancelled_on_the_way_out(with_codex):
    async def work(codex):
        with pytest.raises(asyncio.TimeoutError):
            async with await codex.login_chatgpt() as login:
                await asyncio.wait_for(login.wait(timeout_seconds=30), 0.05)
        with pytest.raises(LoginError, match="Login cancelled"):
            await login.wait(timeout_seconds=30)

    with_codex(work)


def test_closing_ends_the_wait(with_codex):
    async def work(codex):
        async with await codex.login_chatgpt() as login:
            waiting = asyncio.create_task(login.wait(timeout_seconds=30))
            await codex.close()
            with pytest.raises(ConnectionClosedError):
                await waiting
        with pytest.raises(ConnectionClosedError):
            await codex.login_chatgpt()

    with_codex(work)


def test_an_answer_that_names_no_sign_in_is_a_protocol_error(with_codex):
    async def work(codex):
        with pytest.raises(ProtocolError, match="names no sign-in"):
            await codex.login_chatgpt()

    with_codex(work, "--hollow")


def test_nothing_shows_a_secret(with_codex, caplog):
    async def work(codex):
        loudly(caplog)
        await codex.login_api_key(KEY)
        logins = [await codex.login_chatgpt(), await codex.login_chatgpt_device_code()]
        for login in logins:
            await login.cancel()
        account = await codex.account()
        await codex.logout()
        assert "SECRET" not in shown(caplog, account, codex, codex.client.config, *logins)

    with_codex(work)
