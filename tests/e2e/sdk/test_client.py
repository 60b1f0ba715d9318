"""The low-level client on the real server; the same names as in `test_async_client.py`."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from codex_app_server import (
    AppServerClient,
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


def test_initializing_tells_what_the_server_is(client, config, home, version):
    told = ServerMetadata.of(client.initialized, client.config.client_name)
    assert told.version == version
    assert told.codex_home == home.env["CODEX_HOME"]
    assert told.platform_family
    with AppServerClient(replace(config, client_name="a/b c/9.9")) as other:
        assert ServerMetadata.of(other.initialized, "a/b c/9.9").version == version


def test_params_and_results_are_typed(client):
    assert client.request(m.THREAD_LIST, ThreadListParams(limit=1, model_providers=[])).data == []
    assert client.request(m.THREAD_LIST, {"limit": 1}).next_cursor is None


def test_params_may_be_left_out_where_none_are_needed(client):
    assert client.request(m.THREAD_LIST).data == []
    assert client.request(m.CONFIG_REQUIREMENTS_READ).requirements is None


def test_what_the_server_refuses_is_a_typed_error(client):
    for method, params, kind in (
        (Method("no/such", dict, dict), {}, MethodNotFoundError),
        (m.THREAD_READ, {"thread": 1}, InvalidRequestError),
        (m.INITIALIZE, {}, InvalidRequestError),
    ):
        with pytest.raises(kind) as caught:
            client.request(method, params)
        assert (caught.value.code, caught.value.method) == (-32600, method.name)
    assert client.request(m.THREAD_LIST, {}).data == []


def test_experimental_methods_take_an_opt_in(client, config):
    assert client.request(m.COLLABORATION_MODE_LIST, {}).data
    with (
        AppServerClient(replace(config, experimental_api=False)) as other,
        pytest.raises(InvalidRequestError, match="requires experimentalApi capability"),
    ):
        other.request(m.COLLABORATION_MODE_LIST, {})


def test_notifications_of_the_connection_are_typed(client):
    answer = client.request(m.THREAD_START, {})
    notifications = client.notifications(timeout_seconds=60)
    told = next(event for event in notifications if event.method == m.THREAD_STARTED.name)
    assert told.params.thread.id == answer.thread.id


def test_notifications_that_were_opted_out_do_not_come(config):
    with AppServerClient(replace(config, opt_out_notifications=["thread/started"])) as client:
        thread_id = client.request(m.THREAD_START, {}).thread.id
        client.request(m.THREAD_NAME_SET, {"threadId": thread_id, "name": "n"})
        methods = []
        for event in client.notifications(timeout_seconds=60):
            methods.append(event.method)
            if event.method == m.THREAD_NAME_UPDATED.name:
                break
        assert "thread/started" not in methods


def test_a_text_with_a_lone_surrogate_is_refused_before_it_is_sent(client):
    with pytest.raises(UsageError, match="surrogate"):
        client.request(m.THREAD_LIST, {"cursor": "\ud800"})
    assert client.request(m.THREAD_LIST, {}).data == []


def test_a_burst_of_requests_loses_none(client):
    with ThreadPoolExecutor(1_000) as pool:
        answers = list(pool.map(lambda _: client.request(m.MODEL_LIST, {}), range(BURST)))
    assert len(answers) == BURST
    assert all(answer.data for answer in answers)


def test_closing_fails_whoever_still_waits(client):
    with ThreadPoolExecutor(400) as pool:
        waiting = [pool.submit(client.request, m.MODEL_LIST, {}) for _ in range(BURST)]
        client.close()
        outcomes = [each.exception(60) for each in waiting]
    assert isinstance(outcomes[-1], ConnectionClosedError)
    assert {type(outcome) for outcome in outcomes} <= {type(None), ConnectionClosedError}
