"""The same names as in `test_async_accounts.py`."""

import pickle
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from codex_app_server import (
    Codex,
    ConnectionClosedError,
    InvalidRequestError,
    LoginError,
    ProtocolError,
    RequestTimeoutError,
    UsageError,
)
from sdk.callers import next_of, press_ctrl_c
from sdk.fake_accounts import KEY, SIGN_IN, account_config, loudly, shown


@pytest.fixture
def codex():
    with Codex(account_config()) as codex:
        yield codex


def sign_in(codex, login, **outcome):
    codex.client.request(SIGN_IN, {"login_id": login.login_id, "success": True, **outcome})


def asked(codex):
    """The methods about accounts that have been asked for so far."""
    codex.client.request(SIGN_IN, {"login_id": "the end", "success": True})
    methods = []
    for each in codex.client.notifications():
        if each.method == "fake/asked":
            methods.append(each.params.raw["line"].split('"method":"')[1].partition('"')[0])
        if each.method == "account/login/completed" and each.params.login_id == "the end":
            return methods
    raise AssertionError


def test_signing_in_with_a_key_and_out_again(codex):
    assert codex.account().account is None
    codex.login_api_key(KEY)
    assert codex.account(refresh_token=False).account.type == "apiKey"
    codex.logout()
    assert codex.account().account is None


@pytest.mark.parametrize(("key", "message"), [("", "is empty"), (" ", "is empty"), (None, "NoneType"), ([KEY], "list")])
def test_what_cannot_be_a_key_is_refused(codex, key, message):
    with pytest.raises(UsageError, match=message) as caught:
        codex.login_api_key(key)
    assert KEY not in str(caught.value)


def test_a_key_that_the_server_repeats_is_hidden():
    with Codex(account_config("--tell-tale")) as codex, pytest.raises(InvalidRequestError) as caught:
        codex.login_api_key(KEY)
    error = caught.value
    assert "no such key: [hidden]" in str(error)
    assert error.data == "[hidden]"
    assert KEY.encode() not in pickle.dumps(error)
    assert KEY not in "".join(traceback.format_exception(error))


def test_a_person_signs_in_on_a_page(codex):
    login = codex.login_chatgpt()
    assert (login.auth_url, login.user_code) == ("https://sign.in/?state=SECRET-login-1", None)
    sign_in(codex, login)
    login.wait(timeout_seconds=30)
    login.wait(timeout_seconds=0)


def test_a_person_types_in_a_code(codex):
    login = codex.login_chatgpt_device_code()
    assert (login.auth_url, login.user_code) == ("https://sign.in/device", "SECRET-login-1")
    sign_in(codex, login)
    login.wait(timeout_seconds=30)


def test_the_end_of_a_sign_in_is_told_to_readers_of_notifications_too(codex):
    login = codex.login_chatgpt()
    sign_in(codex, login)
    login.wait(timeout_seconds=30)
    assert next_of(codex.client, "account/login/completed").params.login_id == login.login_id


def test_a_failure_says_why_and_shows_no_secret(codex):
    page, code = codex.login_chatgpt(), codex.login_chatgpt_device_code()
    for login, secret in ((page, page.auth_url), (code, code.user_code)):
        sign_in(codex, login, success=False, error=f"refused: {secret}")
        with pytest.raises(LoginError, match=r"^the sign-in failed: refused: \[hidden\]$"):
            login.wait(timeout_seconds=30)


def test_only_its_own_end_counts(codex):
    login = codex.login_chatgpt()
    for other in ("login-2", None):
        codex.client.request(SIGN_IN, {"login_id": other, "success": True})
    with pytest.raises(RequestTimeoutError, match=r"the sign-in was not over within 0.05 s"):
        login.wait(timeout_seconds=0.05)
    sign_in(codex, login, success=False)
    with pytest.raises(LoginError, match="the server gave no reason"):
        login.wait(timeout_seconds=30)


def test_an_end_that_comes_before_the_answer_counts():
    with Codex(account_config("--early")) as codex:
        codex.login_chatgpt().wait(timeout_seconds=30)


def test_several_wait_for_one_sign_in(codex):
    login = codex.login_chatgpt()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(login.wait, timeout_seconds=30) for _ in range(4)]
        sign_in(codex, login)
        assert [each.result() for each in waiting] == [None] * 4


def test_cancelling_ends_the_wait_and_can_be_repeated(codex):
    login = codex.login_chatgpt()
    login.cancel()
    with pytest.raises(LoginError, match="Login cancelled"):
        login.wait(timeout_seconds=30)
    login.cancel()
    assert asked(codex) == ["account/login/start", "account/login/cancel"]


def test_leaving_cancels_what_is_not_over(codex):
    with pytest.raises(ValueError, match="mine"), codex.login_chatgpt() as login:
        raise ValueError("mine")
    with pytest.raises(LoginError, match="Login cancelled"):
        login.wait(timeout_seconds=30)
    with codex.login_chatgpt() as login:
        sign_in(codex, login)
        login.wait(timeout_seconds=30)
    assert asked(codex) == ["account/login/start", "account/login/cancel", "account/login/start"]


def test_an_interrupted_wait_is_cancelled_on_the_way_out(codex):
    interrupter = threading.Timer(0.05, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt), codex.login_chatgpt() as login:
        interrupter.start()
        login.wait(timeout_seconds=30)
    interrupter.join()
    with pytest.raises(LoginError, match="Login cancelled"):
        login.wait(timeout_seconds=30)


def test_closing_ends_the_wait(codex):
    with codex.login_chatgpt() as login, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(login.wait)
        codex.close()
        with pytest.raises(ConnectionClosedError):
            waiting.result()
    with pytest.raises(ConnectionClosedError):
        codex.login_chatgpt()


def test_an_answer_that_names_no_sign_in_is_a_protocol_error():
    with Codex(account_config("--hollow")) as codex, pytest.raises(ProtocolError, match="names no sign-in"):
        codex.login_chatgpt()


def test_nothing_shows_a_secret(caplog):
    loudly(caplog)
    with Codex(account_config()) as codex:
        codex.login_api_key(KEY)
        logins = [codex.login_chatgpt(), codex.login_chatgpt_device_code()]
        for login in logins:
            login.cancel()
        account = codex.account()
        codex.logout()
    assert "SECRET" not in shown(caplog, account, codex, codex.client.config, *logins)
