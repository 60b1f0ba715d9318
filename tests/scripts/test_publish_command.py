"""`publish` as a person or a CI job meets it: who is asked, what is shown, and what is never shown."""

import base64
import json
import os
import pty
import subprocess
import sys

import pytest

from index_faults import echoes_credentials, status
from index_server import PASSWORD, USER, running_index
from publishing import address_with_credentials, stub_release
from sdk_artifacts import paths

DOOR = paths.REPOSITORY / "scripts" / "update_sdk_artifacts.py"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@pytest.fixture
def dist(tmp_path):
    return stub_release(tmp_path / "dist")


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def environment(tmp_path):
    """A home without settings, and no keyring."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TWINE_", "PIP_", "PYTHON"))}
    backend = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    return kept | backend | {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "NO_COLOR": "1"}


@pytest.fixture
def run(dist, index, environment):
    def run(*options, repository=index.upload_url, **variables):
        command = [sys.executable, DOOR, "publish", "--dist", dist, "--repository", repository]
        command += ["--index-url", index.simple, *options]
        return subprocess.run(
            [*map(str, command)],
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def pypirc(tmp_path, index, password=PASSWORD):
    text = f"[distutils]\nindex-servers = own\n[own]\nrepository = {index.upload_url}\n"
    (tmp_path / ".pypirc").write_text(f"{text}username = {USER}\npassword = {password}\n")


def silent(done):
    """Whether no secret was printed, in any form."""
    return not any(secret in done.stdout + done.stderr for secret in (PASSWORD, BASIC))


def test_without_a_terminal_and_without_yes_it_is_wrong_usage(run, index):
    done = run(repository=address_with_credentials(index.upload_url))
    assert (done.returncode, index.uploads()) == (2, [])
    assert "--yes" in done.stderr


def test_a_dry_run_needs_no_credentials_and_uploads_nothing(run, index):
    done = run("--dry-run", "--json")
    assert (done.returncode, index.uploads()) == (0, [])
    assert {file["state"] for file in json.loads(done.stdout)["files"]} == {"absent"}


@pytest.mark.parametrize("way", ["address", "environment", "pypirc", "pypirc over environment's address"])
def test_credentials_are_found_where_twine_finds_them_and_never_shown(way, run, index, tmp_path):
    pypirc(tmp_path, index)
    done = {
        "address": lambda: run("--yes", repository=address_with_credentials(index.upload_url)),
        "environment": lambda: run("--yes", TWINE_USERNAME=USER, TWINE_PASSWORD=PASSWORD),
        "pypirc": lambda: run("--yes", repository="own"),
        "pypirc over environment's address": lambda: run(
            "--yes", repository="own", TWINE_REPOSITORY_URL="http://127.0.0.1:9/"
        ),
    }[way]()
    assert done.returncode == 0, done.stderr
    assert len(index.uploads()) == 9
    assert silent(done)


@pytest.mark.parametrize("fault", [echoes_credentials, status(403, PASSWORD.encode())], ids=["400", "403"])
@pytest.mark.parametrize("way", ["address", "environment", "pypirc"])
def test_at_a_failure_no_secret_is_shown_even_when_the_index_quotes_it(way, fault, run, index, tmp_path):
    pypirc(tmp_path, index)
    index.misbehave("upload", fault)
    done = {
        "address": lambda: run("--yes", repository=address_with_credentials(index.upload_url)),
        "environment": lambda: run("--yes", TWINE_USERNAME=USER, TWINE_PASSWORD=PASSWORD),
        "pypirc": lambda: run("--yes", repository="own"),
    }[way]()
    assert done.returncode in (1, 2)
    assert "***" in done.stderr
    assert silent(done)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "address",
    [
        f"https://{USER}:{PASSWORD}@",
        f"https://{USER}:{PASSWORD}@host:port/",
        f"ftp://{USER}:{PASSWORD}@host/",
        f"http://{USER}:{PASSWORD}@198.51.100.7/",
    ],
)
def test_an_address_that_is_of_no_use_is_told_without_its_password(address, run):
    for options, repository in ((["--yes"], address), (["--dry-run", "--index-url", address], "http://127.0.0.1:9/")):
        done = run(*options, repository=repository)
        assert done.returncode in (2, 3), done.stderr
        assert silent(done)
        assert "Traceback" not in done.stderr


def test_wrong_credentials_say_where_right_ones_belong(run, index):
    done = run("--yes", TWINE_USERNAME=USER, TWINE_PASSWORD="wrong-one")
    assert done.returncode == 2
    assert "TWINE_PASSWORD" in done.stderr
    assert "wrong-one" not in done.stderr
    assert index.uploads() == []


def test_no_credentials_and_nobody_to_ask_is_wrong_usage(run):
    done = run("--yes")
    assert done.returncode == 2
    assert "~/.pypirc" in done.stderr


def test_a_repository_that_nobody_knows_is_wrong_usage(run):
    done = run("--yes", repository="nowhere")
    assert done.returncode == 2
    assert "Missing 'nowhere' section" in done.stderr


def test_without_an_index_address_it_does_not_guess(dist, index, environment):
    command = [sys.executable, DOOR, "publish", "--dist", dist, "--dry-run", "--repository", index.upload_url]
    done = subprocess.run([*map(str, command)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--index-url" in done.stderr


def test_a_conflict_ends_with_5(run, index):
    index.add("codex_app_server_sdk-1.2.3.tar.gz", b"others")
    done = run("--yes", repository=address_with_credentials(index.upload_url))
    assert (done.returncode, index.uploads()) == (5, [])


def test_pages_that_take_credentials_get_the_repositorys_own_on_the_same_server(dist, tmp_path, environment):
    with running_index(tmp_path / "guarded", guarded=True) as index:
        command = [sys.executable, DOOR, "publish", "--dist", dist, "--yes", "--index-url", index.simple]
        command += ["--repository", address_with_credentials(index.upload_url)]
        done = subprocess.run([*map(str, command)], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(index.uploads()) == 9


def test_stdout_is_one_json_document_and_stderr_says_progress_bytes_and_the_deadline(run, index):
    done = run("--yes", "--json", repository=address_with_credentials(index.upload_url))
    result = json.loads(done.stdout)
    assert {file["state"] for file in result["files"]} == {"uploaded"}
    assert result["refused_from"].keys() == {"codex-cli-bin", "codex-app-server-sdk"}
    assert "refuses further files of this version from" in done.stderr
    assert "upload codex_app_server_sdk-1.2.3.tar.gz (" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")
@pytest.mark.parametrize(("answer", "outcome"), [("y", (0, 9)), ("n", (130, 0)), ("", (130, 0))])
def test_at_a_terminal_it_asks_before_the_first_upload(answer, outcome, dist, index, environment):
    controller, terminal = pty.openpty()
    command = [sys.executable, DOOR, "publish", "--dist", dist, "--index-url", index.simple]
    command += ["--repository", address_with_credentials(index.upload_url)]
    with subprocess.Popen(
        [*map(str, command)], env=environment, stdin=terminal, stderr=terminal, stdout=subprocess.DEVNULL
    ) as process:
        os.close(terminal)
        seen = b""
        while b"[y/N]" not in seen:
            seen += os.read(controller, 1000)
        assert index.uploads() == []
        os.write(controller, f"{answer}\n".encode())
        try:
            while os.read(controller, 1000):
                pass
        except OSError:  # how Linux says that the other end is closed
            pass
        code = process.wait(60)
    os.close(controller)
    assert (code, len(index.uploads())) == outcome
