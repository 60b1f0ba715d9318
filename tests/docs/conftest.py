"""A machine of its own for each program of the documentation: the real server, a willing model, an empty home."""

import io
import json
import logging
import os
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from docs.site import build
from docs.willing_model import willing_model
from e2e.sdk.conftest import SETTINGS, Home, home, runtime  # noqa: F401 - the same home
from e2e.sdk.listening import ListeningServer
from e2e.sdk.tokens import capability
from loopback_issuer import LoopbackIssuer
from sdk.conftest import nothing_is_left_behind  # noqa: F401 - the same rules hold here

PROMISED = re.compile(r"# -> (.*)$")


@pytest.fixture
def model():
    with willing_model() as model:
        yield model


@pytest.fixture
def machine(monkeypatch, runtime, home):  # noqa: F811 - the fixtures from above
    """Makes this process what a user's is: the variables that name the executable and its home, and a directory."""
    for name, value in {**home.env, "CODEX_BIN": str(runtime)}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(home.work)
    return home


@pytest.fixture
def issuer(machine, monkeypatch):
    """Has the server want somebody to be signed in, and ask on loopback whether that person has agreed."""
    with LoopbackIssuer() as issuer:
        for name, value in issuer.env.items():
            monkeypatch.setenv(name, value)
        settings = Path(machine.env["CODEX_HOME"], "config.toml")
        first, last = (f"{key} = {json.dumps(value)}\n" for key, value in issuer.settings.items())
        settings.write_text(first + settings.read_text() + last.replace("model_providers.loopback.", ""))
        monkeypatch.setattr("webbrowser.open", issuer.person_agrees)
        yield issuer


@pytest.fixture
def listening(machine, monkeypatch, runtime, tmp_path):  # noqa: F811 - the fixture from above
    """Has a server run already, which wants a token, and names both in the environment."""
    options, token, _ = capability(tmp_path)
    with ListeningServer(runtime, machine, "ws://127.0.0.1:0", *options) as server:
        monkeypatch.setenv("CODEX_URL", server.url)
        monkeypatch.setenv("CODEX_TOKEN", token)
        yield server


@pytest.fixture
def listening_at_a_path(machine, monkeypatch, runtime, tmp_path):  # noqa: F811 - the fixture from above
    """The same at a path, without a token."""
    with ListeningServer(runtime, machine, f"unix://{tmp_path}/s") as server:
        monkeypatch.setenv("CODEX_URL", server.url)
        yield server


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The directory of the built site."""
    return build(tmp_path_factory.mktemp("site"))


def needs_of(text):
    """The fixtures that a program needs beside the machine."""
    needed = {"login_": "issuer", "CODEX_TOKEN": "listening", "CODEX_URL": "listening_at_a_path"}
    return next(([fixture] for word, fixture in needed.items() if word in text), [])


@pytest.fixture
def run_program(machine, caplog, request):  # noqa: ARG001 - where it runs
    """Runs a program; fails when it raises, warns, or does not print what it promises after `# -> `."""

    def run_program(text, place):
        for fixture in needs_of(text):
            request.getfixturevalue(fixture)
        caplog.set_level(logging.WARNING)
        caplog.set_level(logging.NOTSET, "codex_app_server")  # some programs set it; caplog puts it back
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(text, place, "exec"), {"__name__": "__main__", "__file__": place})
        told = printed.getvalue().splitlines()
        assert [line for line in told if line.strip()], "it shows nothing"
        rest = iter(told)
        for promise in (found[1] for line in text.splitlines() if (found := PROMISED.search(line))):
            assert any(line == promise for line in rest), f"{promise!r} is not printed, or in another order: {told}"
        return caplog.messages

    return run_program


def environment(machine):
    """The variables of this process, for a child."""
    return {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1", "HOME": machine.env["HOME"]}
