"""Which registry is used, and that its credentials stay out of sight."""

import os
from pathlib import Path

import pytest

from sdk_artifacts.errors import UsageProblem
from sdk_artifacts.registry.settings import find_registry

SECRET = "pa%3Ass/w0rd"


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only program on PATH: an npm that a test writes."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "npm"


def answers(npm: Path, script: str) -> None:
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)


posix = pytest.mark.skipif(os.name == "nt", reason="the npm of these tests is a shell script")


def test_the_option_comes_first() -> None:
    environ = {"NPM_CONFIG_REGISTRY": "https://environment.example"}
    assert find_registry("https://option.example/npm/", environ=environ).url == "https://option.example/npm"


@pytest.mark.parametrize("name", ["NPM_CONFIG_REGISTRY", "npm_config_registry"])
def test_the_environment_comes_before_npm(name: str) -> None:
    assert find_registry(None, environ={name: "https://environment.example/"}).url == "https://environment.example"


@posix
def test_the_registry_of_the_scope_comes_before_the_general_one(npm: Path) -> None:
    answers(npm, "echo '@openai:registry=https://scope.example/'; echo 'registry=https://general.example/'")
    assert find_registry(None, environ={}).url == "https://scope.example"


@posix
def test_without_a_registry_for_the_scope_the_general_one_is_used(npm: Path) -> None:
    answers(npm, "echo '@openai:registry=undefined'; echo 'registry=https://general.example/?a=b'")
    assert find_registry(None, environ={"NPM_CONFIG_REGISTRY": ""}).url == "https://general.example"


def test_without_npm_the_error_names_the_three_ways_out(npm: Path) -> None:  # noqa: ARG001 - an empty PATH
    with pytest.raises(UsageProblem, match="npm is not there") as caught:
        find_registry(None, environ={})
    assert all(way in caught.value.fix for way in ("--registry", "NPM_CONFIG_REGISTRY", "npm config set registry"))


@posix
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'npm error The registry option is protected' >&2; exit 1", "there are credentials in it"),
        ("exit 1", "names no registry"),
        ("echo '@openai:registry=undefined'; echo 'registry=null'", "names no registry"),
        ("echo 'registry=ftp://general.example'", "npm's setting is no http or https address"),
    ],
)
def test_an_npm_that_does_not_help_is_said(script: str, message: str, npm: Path) -> None:
    answers(npm, script)
    with pytest.raises(UsageProblem, match=message) as caught:
        find_registry(None, environ={})
    assert "--registry" in caught.value.fix


def test_credentials_become_a_header_and_are_never_shown() -> None:
    registry = find_registry("https://me:s%40fe@mirror.example:8443/npm/")
    assert registry.url == "https://mirror.example:8443/npm"
    assert registry.authorization == "Basic bWU6c0BmZQ=="
    assert "bWU6" not in repr(registry)
    assert "s%40fe" not in repr(registry)


@pytest.mark.parametrize(
    "address",
    [
        f"ftp://me:{SECRET}@mirror.example/",
        f"me:{SECRET}@mirror.example",
        f"https://me:{SECRET}@:99999999/",
        f"https://me:{SECRET}@[mirror/",
        f"http://me:{SECRET}@mirror.example/",
        f"//me:{SECRET}@mirror.example/",
    ],
)
def test_a_wrong_address_with_credentials_is_refused_without_showing_them(address: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        find_registry(address)
    assert "--registry" in caught.value.message
    assert "w0rd" not in f"{caught.value.message}{caught.value.fix}{caught.value!r}"


@pytest.mark.parametrize("address", ["mirror.example", "file:///tmp", "https://", "https:///path", "http://[::1"])
def test_what_is_no_address_is_shown_and_refused(address: str) -> None:
    with pytest.raises(UsageProblem, match="is no http or https address") as caught:
        find_registry(address)
    assert repr(address) in caught.value.message


def test_a_password_is_not_sent_in_plain_text_over_a_network() -> None:
    with pytest.raises(UsageProblem, match="in plain text") as caught:
        find_registry("http://me:word@mirror.example/")
    assert "https://" in caught.value.fix
    assert find_registry("http://me:word@127.0.0.1:8080/").authorization
    assert find_registry("http://me:word@[::1]:8080/").authorization
    assert find_registry("http://mirror.example/").url == "http://mirror.example"
