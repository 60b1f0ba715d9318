"""A person signs in with a code, in a browser anywhere, with asyncio."""

import asyncio

from codex_app_server import AsyncCodex, LoginError


async def main() -> None:
    async with AsyncCodex() as codex:
        if (await codex.account()).account is None:
            async with await codex.login_chatgpt_device_code() as login:
                print("open", login.auth_url, "and type", login.user_code)
                try:
                    await login.wait(timeout_seconds=600)
                except LoginError as error:
                    print("not signed in:", error)
        account = (await codex.account()).account
        print(account.type if account else "nobody")  # -> chatgpt


asyncio.run(main())
