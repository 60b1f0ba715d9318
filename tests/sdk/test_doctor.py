import json
import os
import sys

import msgspec
import pytest

from codex_app_server import AppServerConfig, _places, doctor
from codex_app_server._fit import as_distribution
from codex_app_server._secrets import HIDDEN, without_secrets
from codex_app_server.generated.v2_all import GENERATED_FROM
from sdk.conftest import FAKE
from sdk.fake_accounts import KEY, account_config
from sdk.posix import NOWHERE, script
from socket_server import SocketServer

PINNED = as_distribution(GENERATED_FROM)


def states(diagnosis):
    return {finding.topic: finding.state for finding in diagnosis.findings}


def finding(diagnosis, topic):
    [found] = [each for each in diagnosis.findings if each.topic == topic]
    return found


@pytest.fixture
def program(tmp_path):
    """Makes an executable that is a fake server with these flags."""

    def make(*flags):
        return script(tmp_path / "codex", f'exec "{sys.executable}" "{FAKE}" {" ".join(flags)}')

    return make


def test_it_says_which_executable_and_why(program):
    path = str(program())
    diagnosis = doctor.examine(environ={**os.environ, "CODEX_BIN": path})
    assert (diagnosis.binary.path, diagnosis.binary.origin) == (path, "CODEX_BIN")
    assert finding(diagnosis, "binary").summary == f"{path}, because CODEX_BIN names it; codex_bin: not given"


def test_no_executable_is_a_problem_with_a_fix_and_nothing_is_started():
    diagnosis = doctor.examine(AppServerConfig(codex_bin="/nowhere"))
    found = finding(diagnosis, "binary")
    assert (found.state, found.summary) == ("problem", f"codex_bin: {NOWHERE}: it does not exist")
    assert "pip install codex-cli-bin" in found.fix
    assert not diagnosis.healthy
    assert "server" not in states(diagnosis)


@pytest.mark.parametrize("environ", [None, {"CODEX_HOME": "/nowhere"}])
def test_a_server_that_runs_already_needs_neither_executable_nor_home(environ):
    with SocketServer() as server:
        server.answers["account/read"] = {"account": None, "requiresOpenaiAuth": False}
        diagnosis = doctor.examine(AppServerConfig(url=server.url), environ=environ)
    assert finding(diagnosis, "binary").summary == f"none, because the server at {server.url} runs already"
    assert states(diagnosis).keys() == {"binary", "versions", "server", "fit", "account"}
    assert (diagnosis.healthy, diagnosis.codex_home) == (True, "/h")


def test_every_place_that_names_none_is_listed(monkeypatch):
    monkeypatch.setitem(sys.modules, "codex_cli_bin", None)
    environ = {name: value for name, value in os.environ.items() if name != "CODEX_BIN"}
    diagnosis = doctor.examine(environ=environ)
    assert (diagnosis.binary.path, diagnosis.binary.origin) == (None, None)
    assert diagnosis.binary.reason == "codex_bin: not given; CODEX_BIN: not set; codex-cli-bin: not installed"


def test_a_server_that_answers_is_told_with_its_version_and_time(config):
    diagnosis = doctor.examine(config("--version", GENERATED_FROM))
    assert (diagnosis.server_version, diagnosis.fits, diagnosis.codex_home) == (GENERATED_FROM, True, "/h")
    assert 0 < diagnosis.handshake_milliseconds < 60_000
    assert (states(diagnosis)["server"], states(diagnosis)["fit"]) == ("ok", "ok")


def test_a_server_of_another_version_is_a_warning(config):
    diagnosis = doctor.examine(config("--version", "0.0.1"))
    found = finding(diagnosis, "fit")
    assert (diagnosis.fits, found.state) == (False, "warning")
    assert found.summary == f"the server is 0.0.1, and the SDK was made for {GENERATED_FROM}: older"
    assert f"pip install codex-cli-bin=={PINNED}" in found.fix


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--die"], "the server exited with status 3"),
        (["--refuse"], "the server refused the handshake"),
        (["--no-answer-object"], "initialize"),
        (["--silent"], "the server was not ready within 0.3 s"),
        (["--silent", "--ignore-eof", "--ignore-sigterm"], "the server was not ready within 0.3 s"),
    ],
)
def test_a_server_that_does_not_get_ready_is_a_problem_in_time(config, flags, told):
    # One that announces nothing needs no time to come up; the others do.
    seconds = 0.3 if "--silent" in flags else 30.0
    diagnosis = doctor.examine(config(*flags), timeout_seconds=seconds)
    found = finding(diagnosis, "server")
    assert (found.state, diagnosis.server_version, diagnosis.healthy) == ("problem", None, False)
    assert told in found.summary
    assert found.fix


def test_nobody_signed_in_is_a_problem():
    out = doctor.examine(account_config())
    assert (finding(out, "account").state, finding(out, "account").summary, out.account) == (
        "problem",
        "nobody is signed in",
        None,
    )
    assert "login" in finding(out, "account").fix


def test_a_server_that_knows_no_accounts_is_a_problem_that_is_told(config):
    found = finding(doctor.examine(config()), "account")
    assert found.state == "problem"
    assert "account/read" in found.summary


@pytest.mark.parametrize(
    ("make", "state", "told"),
    [
        (lambda path: path.mkdir(), "ok", "is writable"),
        (lambda _: None, "problem", "does not exist"),
        (lambda path: path.touch(), "problem", "is no directory"),
    ],
)
def test_the_servers_home_is_looked_at(tmp_path, make, state, told):
    home = tmp_path / "home"
    make(home)
    diagnosis = doctor.examine(AppServerConfig(codex_bin="/nowhere", env={"CODEX_HOME": str(home)}))
    found = finding(diagnosis, "CODEX_HOME")
    assert (found.state, found.summary) == (state, f"{home} {told}")
    assert bool(found.fix) is (state == "problem")


def test_the_servers_default_home_need_not_be_there(tmp_path):
    env = {"CODEX_HOME": None, "HOME": str(tmp_path)}
    found = finding(doctor.examine(AppServerConfig(codex_bin="/nowhere", env=env)), "CODEX_HOME")
    assert (found.state, found.summary) == ("ok", f"{tmp_path / '.codex'} will be made by the server")


@pytest.mark.parametrize(
    ("required", "runtime", "state"),
    [
        (None, None, "ok"),
        (None, PINNED, "ok"),
        (PINNED, PINNED, "ok"),
        (None, "0.0.1", "warning"),
        (PINNED, "0.0.1", "problem"),
    ],
)
def test_the_installed_runtime_must_be_the_required_one(monkeypatch, required, runtime, state):
    monkeypatch.setattr(_places, "find_versions", lambda: _places.Versions("1", GENERATED_FROM, required, runtime))
    found = finding(doctor.examine(AppServerConfig(codex_bin="/nowhere")), "versions")
    assert found.state == state
    assert (f"pip install codex-cli-bin=={PINNED}" in found.fix) is (state != "ok")


def test_the_requirement_is_read_from_the_installed_distribution(monkeypatch):
    monkeypatch.setattr(
        _places, "requires", lambda _: ["msgspec>=0.20", "codex-cli-bin == 1.2.3 ; python_version > '3'"]
    )
    assert _places.find_versions().required == "1.2.3"


def test_what_a_server_says_is_told_without_secrets(tmp_path):
    path = script(tmp_path / "codex", f'echo "no such key: {KEY}, nor $MY_PASSWORD" >&2', "exit 1")
    diagnosis = doctor.examine(AppServerConfig(codex_bin=path, env={"MY_PASSWORD": "correct horse"}))
    told = finding(diagnosis, "server").summary
    assert f"no such key: {HIDDEN}, nor {HIDDEN}" in told
    assert KEY not in repr(diagnosis)
    assert "horse" not in repr(diagnosis)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sk-proj-12345678 is no key", f"{HIDDEN} is no key"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {HIDDEN}"),
        ("http://me:pw@host/", f"http://{HIDDEN}@host/"),
        ('experimental_bearer_token = "abc def" # mine', f"experimental_bearer_token = {HIDDEN} # mine"),
        ("eyJhbGciOi.eyJzdWIi.c2ln", HIDDEN),
        ("it is correct horse", f"it is {HIDDEN}"),
        ("12 tokens, sky-blue, a short one: abc", None),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text, told):
    env = {"MY_PASSWORD": "correct horse", "SHORT_KEY": "abc", "HOME": "a short one"}
    assert without_secrets(text, env) == (told or text)


def test_a_diagnosis_is_a_value():
    diagnosis = doctor.examine(AppServerConfig(codex_bin="/nowhere"))
    assert json.loads(json.dumps(msgspec.to_builtins(diagnosis)))["binary"]["origin"] == "codex_bin"
    with pytest.raises(AttributeError, match="immutable"):
        diagnosis.account = "me"
