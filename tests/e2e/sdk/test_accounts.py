"""Accounts on the real server, with keys and tokens that are made up; the same names as in `test_async_accounts.py`."""

import pytest
from msgspec.structs import replace

from codex_app_server import Codex, InternalServerError, LoginError
from loopback_issuer import EMAIL, USER_CODE, LoopbackIssuer
from model_replies import DEADLINE_SECONDS
from sdk.fake_accounts import KEY, loudly, shown

pytestmark = pytest.mark.real


@pytest.fixture
def issuer():
    with LoopbackIssuer() as issuer:
        yield issuer


@pytest.fixture
def signing_config(config, issuer):
    return replace(config, env={**config.env, **issuer.env}, config_overrides=issuer.settings)


@pytest.fixture
def codex(signing_config):
    with Codex(signing_config) as codex:
        yield codex


def test_signing_in_with_a_key_and_out_again(codex, home):
    assert codex.account().account is None
    codex.login_api_key(KEY)
    assert codex.account().account.type == "apiKey"
    codex.logout()
    assert codex.account().account is None
    assert not (home.work.parent / "codex" / "auth.json").exists()


def test_a_person_signs_in_on_a_page(codex, issuer):
    with codex.login_chatgpt() as login:
        issuer.person_agrees(login.auth_url)
        login.wait(timeout_seconds=DEADLINE_SECONDS)
    account = codex.account().account
    assert (account.type, account.email, account.plan_type) == ("chatgpt", EMAIL, "pro")


def test_a_person_refuses_on_the_page(codex, issuer):
    login = codex.login_chatgpt()
    issuer.person_refuses(login.auth_url)
    with pytest.raises(LoginError, match="the person said no"):
        login.wait(timeout_seconds=DEADLINE_SECONDS)
    assert codex.account().account is None


def test_a_person_types_in_a_code(codex):
    login = codex.login_chatgpt_device_code()
    assert login.user_code == USER_CODE
    assert login.auth_url.endswith("/codex/device")
    login.wait(timeout_seconds=DEADLINE_SECONDS)
    assert codex.account().account.email == EMAIL


def test_leaving_cancels_what_is_not_over(codex):
    with codex.login_chatgpt() as login:
        assert login.user_code is None
    with pytest.raises(LoginError, match=r"cancelled|not completed"):
        login.wait(timeout_seconds=DEADLINE_SECONDS)
    login.cancel()
    assert codex.account().account is None


def test_a_second_sign_in_takes_the_place_of_the_first(codex, issuer):
    first, second = codex.login_chatgpt(), codex.login_chatgpt()
    with pytest.raises(LoginError, match=r"cancelled|not completed"):
        first.wait(timeout_seconds=DEADLINE_SECONDS)
    issuer.person_agrees(second.auth_url)
    second.wait(timeout_seconds=DEADLINE_SECONDS)


def test_a_code_that_cannot_be_had_is_told(config):
    nobody = {"CODEX_APP_SERVER_LOGIN_ISSUER": "http://127.0.0.1:9"}
    with (
        Codex(replace(config, env={**config.env, **nobody})) as codex,
        pytest.raises(InternalServerError, match="failed to request device code"),
    ):
        codex.login_chatgpt_device_code()


def test_nothing_shows_a_secret(signing_config, issuer, caplog):
    loudly(caplog)
    config = replace(signing_config, env={**signing_config.env, "RUST_LOG": "trace"})
    with Codex(config) as codex:
        codex.login_api_key(KEY)
        page = codex.login_chatgpt()
        issuer.person_agrees(page.auth_url)
        page.wait(timeout_seconds=DEADLINE_SECONDS)
        code = codex.login_chatgpt_device_code()
        code.wait(timeout_seconds=DEADLINE_SECONDS)
        told = shown(caplog, page, code, codex.account(), codex.client.config)
    assert "SECRET" not in told
    assert page.auth_url not in told
