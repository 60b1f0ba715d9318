"""`rehearse`: a release published to a throw-away index on this machine, and installed from it."""

import dataclasses
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ..cleanroom import clean_room
from ..errors import CheckFailed
from ..index.addresses import find_index, find_repository
from ..index.uploads import Uploads
from ..registry.patience import Patience
from ..released import load_released
from ..reporting import Reporter
from ..sdk_stage import PROJECT
from ..targets import Target
from ..turn_trial import ANSWER, run_turn
from ..wheelhouse import needed_beside_the_runtime, wheelhouse
from .publish import PARTS, plan, prepare, publish
from .published import published

_START_SECONDS = 60
_POLL_SECONDS = 0.1


class Rehearsal(msgspec.Struct, frozen=True):
    """What was uploaded, and per command (as a user would type it) the first line that it printed."""

    uploaded: tuple[str, ...]
    printed: dict[str, str]


def rehearse(dist: Path, *, targets: Iterable[Target], offline: bool, reporter: Reporter) -> Rehearsal:
    """Publish the release in `dist` to an index on loopback, publish again, install the SDK from it, run a turn.

    Raises:
        CheckFailed: the second publishing finds something to do, or what was installed does not run.
        ToolkitError: it cannot be published, as it could not be to any other index.
    """
    publication, _ = prepare(dist, targets=targets, reporter=reporter)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as directory, _index(Path(directory, "index")) as address:
        publication = dataclasses.replace(publication, directory=Path(directory))  # what it notes of this is not kept
        patience = Patience()
        repository = find_repository(f"http://nobody:nothing@{address}/", interactive=False)
        index = find_index(f"http://{address}/simple/", patience=patience, reporter=reporter)
        todo = plan(publication, repository=repository, index=index)
        publish(publication, todo, uploads=Uploads(repository, patience), index=index, reporter=reporter)
        published(publication, parts=PARTS, index=index, reporter=reporter)
        if again := plan(publication, repository=repository, index=index).absent:
            raise CheckFailed(f"publishing again would upload again: {', '.join(file.name for file in again)}")
        printed = _installed(index.url, dist, publication.sdk_version, offline=offline, reporter=reporter)
    return Rehearsal(tuple(file.name for file in todo.absent), printed)


def _installed(index_url: str, dist: Path, sdk_version: str, *, offline: bool, reporter: Reporter) -> dict[str, str]:
    """Install the SDK from the index, which brings its runtime, and run both."""
    released = load_released(dist)
    links = wheelhouse(needed_beside_the_runtime(released.sdk[0].requires), offline=offline, reporter=reporter)
    with clean_room() as room, reporter.task("install from the index"):
        pip = [sys.executable, "-m", "pip", "--python", room.program("python"), "install", "--quiet", "--no-cache-dir"]
        sources = ["--index-url", index_url, "--find-links", str(links)]
        room.run([*pip, *sources, f"{PROJECT}=={sdk_version}"], NO_PROXY="127.0.0.1", PIP_CONFIG_FILE=os.devnull)
        version = room.run([room.program("codex"), "--version"])
        answer = run_turn(room)["answer"]
    if (version, answer) != (f"codex-cli {released.upstream_version}", ANSWER):
        raise CheckFailed(f"what the index gave says it is {version!r}, and its turn says {answer!r}")
    return {"codex --version": version, "one turn": answer}


@contextmanager
def _index(directory: Path) -> Iterator[str]:
    """An empty package index of its own process on loopback, gone with all that it has when the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = [sys.executable, "-m", "pypiserver", "run", "--interface", "127.0.0.1", "--port", str(port)]
    anyone = ["--authenticate", ".", "--passwords", ".", "--disable-fallback", "--hash-algo", "sha256"]
    directory.mkdir()
    silent = subprocess.DEVNULL
    with subprocess.Popen([*server, *anyone, str(directory)], stdin=silent, stdout=silent, stderr=silent) as process:
        try:
            _await(process, port)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Return when it listens."""
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:  # noqa: PERF203 - the loop is here to catch
            time.sleep(_POLL_SECONDS)
    raise CheckFailed(
        "the throw-away index (pypiserver) does not start", fix="pip install pypiserver, and run it again."
    )
