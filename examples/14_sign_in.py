"""A person signs in with a code, in a browser anywhere."""

from codex_app_server import Codex, LoginError

with Codex() as codex:
    if codex.account().account is None:
        with codex.login_chatgpt_device_code() as login:
            print("open", login.auth_url, "and type", login.user_code)
            try:
                login.wait(timeout_seconds=600)
            except LoginError as error:
                print("not signed in:", error)
    account = codex.account().account
    print(account.type if account else "nobody")  # -> chatgpt
