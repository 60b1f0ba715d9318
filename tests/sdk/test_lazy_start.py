"""AsyncCodex starts by itself, once, and a caller that gives up takes nobody along."""

import asyncio

import pytest

from codex_app_server import (
    AsyncCodex,
    ConnectionClosedError,
    StartTimeoutError,
    UsageError,
    accept_all,
    accept_for_session,
)
from codex_app_server.generated.v2_all import GENERATED_FROM
from sdk import fake_approvals as fake
from sdk.fake_methods import ENVIRONMENT


def test_it_is_not_started_before_it_is_used(config, run):
    async def main():
        codex = AsyncCodex(config())
        codex.thread("h")
        with pytest.raises(UsageError, match="not been initialized"):
            _ = codex.metadata
        with pytest.raises(UsageError, match="not been started"):
            await codex.client.request(ENVIRONMENT)
        await codex.models()
        assert codex.metadata.version == GENERATED_FROM
        await codex.close()

    run(main())


def test_many_first_users_start_one_server(config, run):
    async def main():
        codex = AsyncCodex(config())

        async def use():
            await codex.models()
            return (await codex.client.request(ENVIRONMENT))["pid"]

        assert len(set(await asyncio.gather(*(use() for _ in range(20))))) == 1
        await codex.close()

    run(main())


@pytest.mark.parametrize("steps", [0, 1, 3, 6, 12])
def test_a_first_user_that_gives_up_does_not_harm_the_next(config, run, steps):
    async def main():
        codex = AsyncCodex(config())
        first, second = asyncio.create_task(codex.models()), asyncio.create_task(codex.models())
        for _ in range(steps):
            await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await second
        await codex.close()

    run(main())


def test_who_answers_requests_does_so_on_the_connection_of_the_next_as_well(config, run):
    async def main():
        codex = AsyncCodex(config(), approvals=accept_all)
        codex.thread("h", approvals=accept_for_session)
        first = asyncio.create_task(codex.models())
        await asyncio.sleep(0)
        lost = codex.client
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await codex.models()
        assert codex.client is not lost
        assert await fake.async_answer_to(codex, fake.command()) == {"decision": "acceptForSession"}
        assert await fake.async_answer_to(codex, fake.command(threadId="other")) == {"decision": "accept"}
        await codex.close()

    run(main())


def test_a_start_that_fails_can_be_tried_again(config, run):
    async def main():
        codex = AsyncCodex(config("--silent", start_timeout_seconds=0.1))
        for _ in range(2):
            with pytest.raises(StartTimeoutError):
                await codex.models()
        await codex.close()

    run(main())


def test_closing_while_it_starts_ends_the_start(config, run):
    async def main():
        codex = AsyncCodex(config("--silent"))
        first = asyncio.create_task(codex.models())
        for _ in range(3):
            await asyncio.sleep(0)
        await codex.close()
        with pytest.raises(ConnectionClosedError):
            await first
        with pytest.raises(ConnectionClosedError):
            await codex.models()

    run(main())
