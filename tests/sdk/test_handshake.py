"""What a client says of itself, first of all."""

import msgspec
import pytest

from codex_app_server import AppServerConfig, __version__, _handshake
from codex_app_server._wire import decode
from codex_app_server.generated import methods as m

CHOSEN = {
    "client_name": "reviewer",
    "client_title": "The reviewer",
    "client_version": "2.1",
    "experimental_api": False,
    "opt_out_notifications": ["thread/started"],
}


def said(**options):
    """The first params, as the protocol's own type reads them."""
    params = msgspec.json.encode(_handshake.params(AppServerConfig(**options)))
    return decode(m.INITIALIZE.params, params)


def test_it_says_what_the_configuration_does():
    told = said(**CHOSEN)
    client = told.client_info
    assert (client.name, client.title, client.version) == ("reviewer", "The reviewer", "2.1")
    assert told.capabilities.experimental_api is False
    assert told.capabilities.opt_out_notification_methods == ["thread/started"]


def test_without_a_choice_the_version_is_ours_and_nothing_is_opted_out():
    told = said()
    assert told.client_info.version == __version__
    assert told.capabilities.opt_out_notification_methods == []


@pytest.mark.parametrize("options", [{}, CHOSEN], ids=["as it is", "all chosen"])
def test_the_protocol_knows_all_that_is_said(options):
    params = _handshake.params(AppServerConfig(**options))
    told = said(**options)
    for name, part in (("client_info", params["clientInfo"]), ("capabilities", params["capabilities"])):
        known = {field.encode_name for field in msgspec.structs.fields(type(getattr(told, name)))}
        assert set(part) <= known
