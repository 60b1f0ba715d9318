"""What can go wrong, and what is worth a retry, with asyncio."""

import asyncio

from codex_app_server import (
    AsyncCodex,
    InvalidRequestError,
    TurnFailedError,
    TurnTimeoutError,
    retry_on_overload,
)


async def main() -> None:
    async with AsyncCodex() as codex:
        models = await retry_on_overload(codex.models, deadline_seconds=10)
        print(len(models.data) > 0)  # -> True

        try:
            thread = await codex.thread_start(model="no-such-model")
            (await thread.run("hi")).raise_for_status()
        except TurnFailedError as error:
            print(type(error).__name__)  # -> TurnFailedError

        try:
            thread = await codex.thread_start()
            await thread.run("Tell a long story.", turn_timeout_seconds=1)
        except TurnTimeoutError as error:  # the turn has been interrupted
            print(type(error).__name__)  # -> TurnTimeoutError

        try:
            await codex.thread_resume("00000000-0000-7000-8000-000000000000")
        except InvalidRequestError as error:
            print(error.code)  # -> -32600


asyncio.run(main())
