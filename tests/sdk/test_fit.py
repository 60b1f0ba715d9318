from itertools import pairwise

import pytest

from codex_app_server import Codex, MethodNotFoundError, ServerMetadata
from codex_app_server._fit import as_distribution, fits, relation
from codex_app_server.errors import ServerError
from codex_app_server.generated.v2_all import GENERATED_FROM, InitializeResponse
from sdk.fake_methods import NO_SUCH


@pytest.mark.parametrize(
    ("version", "told", "fit"),
    [
        ("1.20.3", "same", True),
        ("1.20.4", "newer patch", True),
        ("1.20.10", "newer patch", True),
        ("1.20.2", "older", False),
        ("1.19.9", "older", False),
        ("1.20.3-alpha.9", "older", False),
        ("1.20.4-alpha.1", "newer patch", True),
        ("1.21.0", "newer", False),
        ("2.0.0", "newer", False),
        ("0.0.0", "older", False),
        ("1.20", "unknown", False),
        ("nightly", "unknown", False),
        (None, "unknown", False),
    ],
)
def test_a_server_fits_when_it_is_the_pinned_one_or_a_newer_patch_of_it(version, told, fit):
    assert relation(version, "1.20.3") == told
    assert fits(version, "1.20.3") is fit


def test_pre_releases_come_in_their_order():
    released = ["1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0-beta.1", "1.0.0-rc.1", "1.0.0"]
    for earlier, later in pairwise(released):
        assert (relation(earlier, later), relation(later, earlier)) == ("older", "newer patch")


@pytest.mark.parametrize(
    ("version", "distribution"),
    [("1.2.0", "1.2.0"), ("1.2.0-alpha.3", "1.2.0a3"), ("1.2.0-beta.1", "1.2.0b1"), ("1.2.0-rc.1", "1.2.0rc1")],
)
def test_a_distribution_has_its_own_spelling(version, distribution):
    assert as_distribution(version) == distribution


def metadata_of(user_agent):
    answer = InitializeResponse(user_agent=user_agent, codex_home="/h", platform_family="unix", platform_os="linux")
    return ServerMetadata.of(answer, "me")


def test_the_metadata_tell_both_versions():
    pinned = metadata_of(f"me/{GENERATED_FROM} (somewhere)")
    assert (pinned.version, pinned.pinned_version, pinned.fits) == (GENERATED_FROM, GENERATED_FROM, True)
    assert not metadata_of("me/0.0.1 (somewhere)").fits
    assert not metadata_of("somebody").fits


@pytest.mark.parametrize(
    ("version", "level", "text"),
    [
        ("0.0.1", "WARNING", f"the server, 0.0.1, is older than {GENERATED_FROM}"),
        ("99.0.0", "WARNING", f"`pip install codex-cli-bin=={as_distribution(GENERATED_FROM)}` gets that"),
        ("hm", "WARNING", "does not tell its version"),
        (GENERATED_FROM + "9", "INFO", f"the server is {GENERATED_FROM}9; this SDK was made for {GENERATED_FROM}"),
    ],
)
def test_another_version_is_noticed_once(config, caplog, version, level, text):
    caplog.set_level("INFO", "codex_app_server")
    with Codex(config("--version", version)) as codex:
        codex.models()
    [record] = caplog.records
    assert record.levelname == level
    assert text in record.getMessage()


def test_the_pinned_version_is_not_worth_a_word(config, caplog):
    caplog.set_level("INFO", "codex_app_server")
    with Codex(config("--version", GENERATED_FROM)) as codex:
        codex.models()
    assert caplog.records == []


def test_a_method_that_the_server_lacks_is_an_error_that_names_both_versions(config):
    with Codex(config("--version", "0.0.1")) as codex, pytest.raises(MethodNotFoundError) as caught:
        codex.client.request(NO_SUCH)
    told = str(caught.value)
    assert told.startswith("fake/no/such: error -32601: ")
    assert told.endswith(f"(the server's version is 0.0.1; this SDK is for {GENERATED_FROM})")
    assert (caught.value.server_version, caught.value.pinned_version) == ("0.0.1", GENERATED_FROM)


@pytest.mark.parametrize(
    ("code", "message", "method", "found"),
    [
        (-32600, "Invalid request: unknown variant `a/b`, expected one of `initialize`, `a/c`", "a/b", True),
        (-32601, "no", "a/b", True),
        (-32600, "Invalid request: unknown variant `reed-only`, expected one of `read-only`", "a/b", False),
        (-32600, "a/b requires experimentalApi capability", "a/b", False),
        (-32600, "unknown variant `a/b`", None, False),
        (-32000, "unknown variant `a/b`", "a/b", False),
    ],
)
def test_only_an_unknown_method_is_one(code, message, method, found):
    error = ServerError.from_wire(code, message, method=method)
    assert isinstance(error, MethodNotFoundError) is found
    assert error.message == message
