"""A small app-server with accounts and lists in pages, on top of `fake_app_server.py`.

Flags say what is wrong with it: --early (a sign-in is over before its start is answered), --hollow (it starts one and
does not tell which), --tell-tale (refuses keys, and repeats them), --circle (the last page leads back to the first),
--no-list (a page holds none). What it is asked for, it tells with `fake/asked`.
"""
# Every handler has the same signature:
# ruff: noqa: ARG002

from typing import Any

from fake_app_server import FakeServer, event, main, say

PAGE = 2
LONGEST = 5


class AccountServer(FakeServer):
    """Whoever signs in is signed in by `fake/sign/in`."""

    def __init__(self, flags: set[str]) -> None:
        super().__init__(flags)
        self.account: dict[str, str] | None = None
        self.logins: list[str] = []

    def handle(self, line: bytes) -> None:
        if b'"account/' in line and b"apiKey" not in line:
            say(event("fake/asked", line=line.decode()))
        super().handle(line)

    def on_account_read(self, request_id: Any, params: Any) -> Any:
        return {"account": self.account, "requiresOpenaiAuth": True}

    def on_account_logout(self, request_id: Any, params: Any) -> Any:
        self.account = None
        return {}

    def on_account_login_start(self, request_id: Any, params: Any) -> Any:
        if params["type"] == "apiKey":
            return self.take_key(request_id, params["apiKey"])
        login_id = f"login-{len(self.logins) + 1}"
        self.logins.append(login_id)
        if "--early" in self.flags:
            self.end(login_id, success=True)
        if "--hollow" in self.flags:
            return {"type": params["type"]}
        if params["type"] == "chatgpt":
            return {"type": "chatgpt", "loginId": login_id, "authUrl": f"https://sign.in/?state=SECRET-{login_id}"}
        return {
            "type": "chatgptDeviceCode",
            "loginId": login_id,
            "userCode": f"SECRET-{login_id}",
            "verificationUrl": "https://sign.in/device",
        }

    def take_key(self, request_id: Any, key: str) -> Any:
        if "--tell-tale" in self.flags:
            error = {"code": -32600, "message": f"no such key: {key}", "data": {"keys": [key]}}
            return say({"id": request_id, "error": error})
        self.account = {"type": "apiKey"}
        self.end(None, success=True)
        return {"type": "apiKey"}

    def on_account_login_cancel(self, request_id: Any, params: Any) -> Any:
        known = params["loginId"] in self.logins
        if known:
            self.end(params["loginId"], success=False, error="Login cancelled")
        return {"status": "canceled" if known else "notFound"}

    def on_fake_sign_in(self, request_id: Any, params: Any) -> Any:
        self.end(**params)
        return {}

    def end(self, login_id: str | None, **outcome: Any) -> None:
        if login_id in self.logins:
            self.logins.remove(login_id)
        say(event("account/login/completed", loginId=login_id, **outcome))

    def on_list(self, request_id: Any, params: Any) -> Any:
        """Five of anything, so many on a page; a cursor is the number of the first."""
        if "--no-list" in self.flags:
            return {"data": None, "nextCursor": None}
        first = int(params.get("cursor") or 0)
        end = min(first + params.get("limit", PAGE), LONGEST)
        last = "0" if "--circle" in self.flags else None
        data = [{"id": f"id-{number}"} for number in range(first, end)]
        return {"data": data, "nextCursor": str(end) if end < LONGEST else last}

    on_thread_list = on_model_list = on_thread_turns_list = on_thread_items_list = on_list


if __name__ == "__main__":
    main(AccountServer)
