"""The low-level client on the real server; the same names as in `test_client.py`."""

import asyncio

import pytest
from msgspec.structs import replace

from codex_app_server import (
    AsyncAppServerClient,
    ConnectionClosedError,
    InvalidRequestError,
    Method,
    MethodNotFoundError,
    ServerMetadata,
    UsageError,
)
from codex_app_server.generated import methods as m
from codex_app_server.types import ThreadListParams

pytestmark = pytest.mark.real

BURST = 2_000


def test_initializing_tells_what_the_server_is(with_client, config, home, version):
    async def work(client):
        told = ServerMetadata.of(client.initialized, client.config.client_name)
        assert told.version == version
        assert told.codex_home == home.env["CODEX_HOME"]
        assert told.platform_family
        async with AsyncAppServerClient(replace(config, client_name="a/b c/9.9")) as other:
            assert ServerMetadata.of(other.initialized, "a/b c/9.9").version == version

    with_client(work)


def test_params_and_results_are_typed(with_client):
    async def work(client):
        assert (await client.request(m.THREAD_LIST, ThreadListParams(limit=1, model_providers=[]))).data == []
        assert (await client.request(m.THREAD_LIST, {"limit": 1})).next_cursor is None

    with_client(work)


def test_params_may_be_left_out_where_none_are_needed(with_client):
    async def work(client):
        assert (await client.request(m.THREAD_LIST)).data == []
        assert (await client.request(m.CONFIG_REQUIREMENTS_READ)).requirements is None

    with_client(work)


def test_what_the_server_refuses_is_a_typed_error(with_client):
    async def work(client):
        for method, params, kind in (
            (Method("no/such", dict, dict), {}, MethodNotFoundError),
            (m.THREAD_READ, {"thread": 1}, InvalidRequestError),
            (m.INITIALIZE, {}, InvalidRequestError),
        ):
            with pytest.raises(kind) as caught:
                await client.request(method, params)
            assert (caught.value.code, caught.value.method) == (-32600, method.name)
        assert (await client.request(m.THREAD_LIST, {})).data == []

    with_client(work)


def test_experimental_methods_take_an_opt_in(with_client, config):
    async def work(client):
        assert (await client.request(m.COLLABORATION_MODE_LIST, {})).data
        async with AsyncAppServerClient(replace(config, experimental_api=False)) as other:
            with pytest.raises(InvalidRequestError, match="requires experimentalApi capability"):
                await other.request(m.COLLABORATION_MODE_LIST, {})

    with_client(work)


def test_notifications_of_the_connection_are_typed(with_client):
    async def work(client):
        answer = await client.request(m.THREAD_START, {})
        notifications = client.notifications(timeout_seconds=60)
        told = await anext(event async for event in notifications if event.method == m.THREAD_STARTED.name)
        assert told.params.thread.id == answer.thread.id

    with_client(work)


def test_notifications_that_were_opted_out_do_not_come(config, run):
    async def main():
        async with AsyncAppServerClient(replace(config, opt_out_notifications=["thread/started"])) as client:
            thread_id = (await client.request(m.THREAD_START, {})).thread.id
            await client.request(m.THREAD_NAME_SET, {"threadId": thread_id, "name": "n"})
            methods = []
            async for event in client.notifications(timeout_seconds=60):
                methods.append(event.method)
                if event.method == m.THREAD_NAME_UPDATED.name:
                    break
            assert "thread/started" not in methods

    run(main())


def test_a_text_with_a_lone_surrogate_is_refused_before_it_is_sent(with_client):
    async def work(client):
        with pytest.raises(UsageError, match="surrogate"):
            await client.request(m.THREAD_LIST, {"cursor": "\ud800"})
        assert (await client.request(m.THREAD_LIST, {})).data == []

    with_client(work)


def test_a_burst_of_requests_loses_none(with_client):
    async def work(client):
        answers = await asyncio.gather(*(client.request(m.MODEL_LIST, {}) for _ in range(BURST)))
        assert len(answers) == BURST
        assert all(answer.data for answer in answers)

    with_client(work)


def test_closing_fails_whoever_still_waits(with_client):
    async def work(client):
        waiting = [asyncio.ensure_future(client.request(m.MODEL_LIST, {})) for _ in range(BURST)]
        closing = asyncio.ensure_future(client.close())
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        await closing
        assert isinstance(outcomes[-1], ConnectionClosedError)
        errors = {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)}
        assert errors == {ConnectionClosedError}

    with_client(work)
