"""The same names as in `test_accounts.py`, which is the one to read first."""

import pytest
from msgspec.structs import replace

from codex_app_server import AsyncCodex, InternalServerError, LoginError
from loopback_issuer import EMAIL, USER_CODE, LoopbackIssuer
from model_replies import DEADLINE_SECONDS
from sdk.fake_accounts import KEY, loudly, shown

pytestmark = pytest.mark.real


@pytest.fixture
def issuer():
    with LoopbackIssuer() as issuer:
        yield issuer


@pytest.fixture
def with_codex(config, issuer, run):
    """Runs a coroutine function with an AsyncCodex that has somebody to ask, unless `env` says otherwise."""

    def with_codex(work, **env):
        own = replace(config, env={**config.env, **issuer.env, **env}, config_overrides=issuer.settings)

        async def main():
            async with AsyncCodex(own) as codex:
                await work(codex)

        run(main())

    return with_codex


def test_signing_in_with_a_key_and_out_again(with_codex, home):
    async def work(codex):
        assert (await codex.account()).account is None
        await codex.login_api_key(KEY)
        assert (await codex.account()).account.type == "apiKey"
        await codex.logout()
        assert (await codex.account()).account is None
        assert not (home.work.parent / "codex" / "auth.json").exists()

    with_codex(work)


def test_a_person_signs_in_on_a_page(with_codex, issuer):
    async def work(codex):
        async with await codex.login_chatgpt() as login:
            issuer.person_agrees(login.auth_url)
            await login.wait(timeout_seconds=DEADLINE_SECONDS)
        account = (await codex.account()).account
        assert (account.type, account.email, account.plan_type) == ("chatgpt", EMAIL, "pro")

    with_codex(work)


def test_a_person_refuses_on_the_page(with_codex, issuer):
    async def work(codex):
        login = await codex.login_chatgpt()
        issuer.person_refuses(login.auth_url)
        with pytest.raises(LoginError, match="the person said no"):
            await login.wait(timeout_seconds=DEADLINE_SECONDS)
        assert (await codex.account()).account is None

    with_codex(work)


def test_a_person_types_in_a_code(with_codex):
    async def work(codex):
        login = await codex.login_chatgpt_device_code()
        assert login.user_code == USER_CODE
        assert login.auth_url.endswith("/codex/device")
        await login.wait(timeout_seconds=DEADLINE_SECONDS)
        assert (await codex.account()).account.email == EMAIL

    with_codex(work)


def test_leaving_cancels_what_is_not_over(with_codex):
    async def work(codex):
        async with await codex.login_chatgpt() as login:
            assert login.user_code is None
        with pytest.raises(LoginError, match=r"cancelled|not completed"):
            await login.wait(timeout_seconds=DEADLINE_SECONDS)
        await login.cancel()
        assert (await codex.account()).account is None

    with_codex(work)


def test_a_second_sign_in_takes_the_place_of_the_first(with_codex, issuer):
    async def work(codex):
        first, second = await codex.login_chatgpt(), await codex.login_chatgpt()
        with pytest.raises(LoginError, match=r"cancelled|not completed"):
            await first.wait(timeout_seconds=DEADLINE_SECONDS)
        issuer.person_agrees(second.auth_url)
        await second.wait(timeout_seconds=DEADLINE_SECONDS)

    with_codex(work)


def test_a_code_that_cannot_be_had_is_told(with_codex):
    async def work(codex):
        with pytest.raises(InternalServerError, match="failed to request device code"):
            await codex.login_chatgpt_device_code()

    with_codex(work, CODEX_APP_SERVER_LOGIN_ISSUER="http://127.0.0.1:9")


def test_nothing_shows_a_secret(with_codex, issuer, caplog):
    async def work(codex):
        loudly(caplog)
        await codex.login_api_key(KEY)
        page = await codex.login_chatgpt()
        issuer.person_agrees(page.auth_url)
        await page.wait(timeout_seconds=DEADLINE_SECONDS)
        code = await codex.login_chatgpt_device_code()
        await code.wait(timeout_seconds=DEADLINE_SECONDS)
        told = shown(caplog, page, code, await codex.account(), codex.client.config)
        assert "SECRET" not in told
        assert page.auth_url not in told

    with_codex(work, RUST_LOG="trace")
