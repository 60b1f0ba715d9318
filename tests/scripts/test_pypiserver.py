"""Publishing to a real server: pypiserver, which knows neither JSON pages nor metadata beside a file."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from publishing import stub_release
from sdk_artifacts.commands.publish import plan, prepare, publish
from sdk_artifacts.errors import IndexConflict
from sdk_artifacts.index.addresses import find_index, find_repository
from sdk_artifacts.index.uploads import Uploads
from sdk_artifacts.registry.patience import Patience
from sdk_artifacts.targets import known_targets


@pytest.fixture
def served(tmp_path):
    """The directory and the address of a pypiserver that takes uploads from anybody."""
    directory = tmp_path / "packages"
    directory.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pypiserver", "run", "--interface", "127.0.0.1", "--port", str(port)]
    command += ["--disable-fallback", "--hash-algo", "sha256", "--passwords", ".", "--authenticate", ".", directory]
    log = (tmp_path / "log").open("wb")
    with log, subprocess.Popen([*map(str, command)], stdout=log, stderr=log) as server:
        url = f"http://127.0.0.1:{port}/"
        answers = urllib3.Retry(60, backoff_factor=0.05, backoff_max=0.5)
        assert urllib3.request("GET", url, retries=answers).status == 200
        yield directory, url
        server.terminate()


@pytest.fixture
def go(served, tmp_path, recorder):
    dist = stub_release(tmp_path / "dist")

    def go():
        publication, warnings = prepare(dist, targets=known_targets().values(), reporter=recorder)
        repository = find_repository(served[1].replace("://", "://who:ever@"), interactive=False)
        index = find_index(f"{served[1]}simple/", patience=Patience(), reporter=recorder)
        todo = plan(publication, repository=repository, index=index, warnings=warnings)
        return publish(publication, todo, uploads=Uploads(repository), index=index, reporter=recorder)

    return go


def test_a_release_arrives_whole_and_a_second_run_sends_nothing(go, served):
    assert {file.state for file in go().files} == {"uploaded"}
    before = {path.name: path.stat().st_mtime_ns for path in served[0].iterdir()}
    assert len(before) == 9
    assert {file.state for file in go().files} == {"there"}
    assert {path.name: path.stat().st_mtime_ns for path in served[0].iterdir()} == before


def test_other_bytes_under_a_name_stop_it(go, served):
    (served[0] / "codex_app_server_sdk-1.2.3.tar.gz").write_bytes(b"others")
    with pytest.raises(IndexConflict):
        go()


def test_pip_and_uv_find_the_release(go, served, tmp_path):
    go()
    simple = f"{served[1]}simple/"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--isolated", "--index-url", simple]
    command += ["--dest", str(tmp_path / "pip"), "--disable-pip-version-check", "codex-app-server-sdk"]
    subprocess.run(command, env=environment, check=True)
    assert [path.suffix for path in (tmp_path / "pip").iterdir()] == [".whl"]
    command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--no-config", "--no-cache"]
    command += ["--index-url", simple, "--python", sys.executable, "-"]
    done = subprocess.run(
        command, env=environment, input="codex-app-server-sdk", capture_output=True, text=True, check=True
    )
    assert "codex-cli-bin==1.2.3" in done.stdout
