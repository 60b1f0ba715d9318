"""Turns on machines that lack something: each runs, or ends in an error that says what is missing."""

import json

import pytest

from .places import ANSWER, ANSWERED, TURNS, after, rebound

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

NO_PASSWD_ENTRY = ["unshare", "--user", "--map-user=54321"]
NARROW = {
    "C locale": {"LC_ALL": "C"},
    "C locale, taken literally": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
}


def both(outcomes, error):
    """The text of this error, which both clients raised."""
    assert [outcome.get("error") for outcome in outcomes] == [error, error], outcomes
    return outcomes[0]["text"]


@pytest.mark.usefixtures("namespaces")
def test_a_read_only_home_is_told_by_the_server_and_by_the_doctor(installation, home):
    how = {"around": rebound(home, "ro")}
    assert "unable to open database file" in both(installation.turns(**how), "ConnectionClosedError")
    found = installation.doctor("CODEX_HOME", **how)
    assert (found["state"], found["summary"]) == ("problem", f"{home}/.codex is not writable")
    assert "let CODEX_HOME name another" in found["fix"]
    assert installation.run("-m", "codex_cli_bin", "--version", **how).returncode == 0


def test_a_codex_home_is_enough_without_a_home(installation, home):
    assert installation.turns(HOME=None, CODEX_HOME=f"{home}/.codex") == ANSWERED


@pytest.mark.usefixtures("namespaces")
def test_a_user_without_any_home_is_told_so(installation):
    how = {"around": NO_PASSWD_ENTRY, "HOME": None}
    assert "Could not find home directory" in both(installation.turns(**how), "ConnectionClosedError")
    found = installation.doctor("CODEX_HOME", **how)
    assert found["summary"] == "~/.codex cannot be found: this user has no home"
    assert found["fix"] == "let HOME or CODEX_HOME name a directory"


def test_a_turn_needs_no_terminal_and_nobody_is_asked_where_there_is_none(installation):
    done = installation.run("-m", "codex_app_server", "run", "Say it.", around=["setsid", "--wait"])
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n")
    assert done.stderr.startswith("completed ")


def test_a_turn_needs_no_standard_streams(installation, tmp_path):
    options = json.dumps({"to": str(tmp_path / "outcomes.json")})
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    assert installation.run(TURNS, options, around=closed).returncode == 0
    assert json.loads((tmp_path / "outcomes.json").read_text()) == ANSWERED


@pytest.mark.parametrize("env", NARROW.values(), ids=NARROW)
def test_a_narrow_encoding_changes_no_text(installation, tmp_path, env):
    work = tmp_path / "größe"
    work.mkdir()
    assert installation.turns({"thread": {"cwd": str(work)}}, **env) == ANSWERED


@pytest.mark.parametrize("env", NARROW.values(), ids=NARROW)
def test_what_a_narrow_terminal_cannot_show_is_written_as_an_escape(installation, env):
    done = installation.run("-m", "codex_app_server", "run", "Say it.", **env)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert done.stdout.strip() in {ANSWER, ANSWER.replace("✓", r"\u2713"), r"h\xe4llo \u2713"}


@pytest.mark.parametrize("env", NARROW.values(), ids=NARROW)
def test_the_runtimes_doctor_shows_a_path_that_the_terminal_cannot(installation, environment, tmp_path, env):
    place = tmp_path / "Łódź"
    place.symlink_to(environment)
    package = f"{place}/{installation.package().parent.relative_to(environment)}"
    done = installation.run("-m", "codex_cli_bin", "--doctor", PYTHONPATH=package, **env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("executable ")


@pytest.mark.usefixtures("namespaces")
def test_a_full_disk_is_told_by_the_server_and_by_the_doctor(installation, home):
    full = after(
        f"mount -t tmpfs -o size=256k tmpfs '{home}'",
        f"dd if=/dev/zero of='{home}/full' 2>/dev/null || true",
    )
    assert "database or disk is full" in both(
        installation.turns(around=full, CODEX_HOME=str(home)), "ConnectionClosedError"
    )
    found = installation.doctor("CODEX_HOME", around=full, CODEX_HOME=str(home))
    assert (found["state"], found["summary"]) == ("problem", f"{home} is on a disk with 0 KiB left")
    assert found["fix"].startswith("make room there")


@pytest.mark.usefixtures("namespaces")
def test_a_noexec_mount_is_told_with_the_mount_and_the_way_out(installation):
    package = installation.package()
    how = {"around": rebound(package, "noexec")}
    text = both(installation.turns(**how), "BinaryNotFoundError")
    assert f"is on {package}, which is mounted noexec; fix: install into an environment elsewhere" in text
    assert f"mount -o remount,exec {package}" in text
    done = installation.run("-m", "codex_cli_bin", "--version", **how)
    assert (done.returncode, done.stderr.startswith("codex: noexec-mount: ")) == (126, True)
