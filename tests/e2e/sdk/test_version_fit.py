"""What the real server says of its version and of methods that it lacks."""

import pytest
from msgspec.structs import replace

from codex_app_server import AppServerClient, InvalidRequestError, Method, MethodNotFoundError
from codex_app_server.generated import methods as m

pytestmark = pytest.mark.real


def test_the_pinned_server_fits_and_nothing_is_logged(codex, version, caplog):
    assert (codex.metadata.version, codex.metadata.pinned_version, codex.metadata.fits) == (version, version, True)
    assert caplog.records == []


@pytest.mark.parametrize("name", ["no/such/method", "nosuch", "thread/stat"])
def test_a_method_that_it_lacks_is_told_with_both_versions(client, version, name):
    with pytest.raises(MethodNotFoundError) as caught:
        client.request(Method(name, dict, dict))
    assert (caught.value.server_version, caught.value.pinned_version) == (version, version)
    told = f"{name}: error -32600: Invalid request: unknown variant `{name}`"
    assert str(caught.value) == f"{told} (the server's version is {version}; this SDK is for {version})"


@pytest.mark.parametrize(
    ("method", "params"),
    [(m.THREAD_READ, {}), (m.THREAD_START, {"model": 3}), (m.THREAD_START, {"sandbox": "no/such/sandbox"})],
)
def test_wrong_params_are_another_error(client, method, params):
    with pytest.raises(InvalidRequestError):
        client.request(method, params)


def test_what_is_experimental_without_the_opt_in_is_another_error(config):
    with (
        AppServerClient(replace(config, experimental_api=False)) as client,
        pytest.raises(InvalidRequestError, match="requires experimentalApi capability"),
    ):
        client.request(m.ACCOUNT_BEDROCK_DISCOVER, {})
