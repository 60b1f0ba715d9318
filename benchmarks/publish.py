"""`publish` of the whole release to an index on loopback, against a raw upload of the same bytes; then once more."""

import http
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

from benchmarks import material
from benchmarks.measure import Effort, Figure, amount, ratio, run
from sdk_artifacts import paths
from sdk_artifacts.publication import Publication, load_publication
from sdk_artifacts.publication.state import STATE_NAME
from sdk_artifacts.released import RECORD_NAME

ROUNDS = 3
SERVER = paths.REPOSITORY / "tests" / "index_server.py"
CREDENTIALS = "__token__", "index-AgEIcGFzc3dvcmQ"  # those of the tests' index
BOUNDARY = "a-boundary-that-no-wheel-holds"


def figures(effort: Effort) -> Iterator[Figure]:
    """The wall clock of both; interpreter start, preflight and looking at the index are part of ours."""
    ours, theirs, again = [], [], []
    rounds = effort.rounds(ROUNDS)
    with material.workplace() as work:
        dist = _release(work / "dist")
        publication = load_publication(dist)
        for number in range(rounds):
            (dist / STATE_NAME).unlink(missing_ok=True)
            with _index(work / f"ours-{number}") as url:
                ours.append(run(_command(dist, url), env=_environment()).wall)
                again.append(run(_command(dist, url), env=_environment()).wall)
            with _index(work / f"theirs-{number}") as url:
                theirs.append(run((sys.executable, "-m", "benchmarks.publish", url, dist), cwd=paths.REPOSITORY).wall)
    size = sum(artifact.size for artifact in publication.artifacts) / 10**6
    yield ratio(
        "publish.all", f"publish of {size:.0f} MB to loopback", "raw upload with urllib3", ours, theirs, reach=1.3
    )
    yield amount("publish.again", "publish with everything there", "a clock", again, " s", reach=2.0)


def _release(directory: Path) -> Path:
    """The release that the end-to-end tests keep, made if need be, in a place of the benchmark's own."""
    kept = paths.cache_directory() / "e2e-dist"
    run((*material.TOOLKIT, "release", "--quiet", "--out", kept))
    directory.mkdir()
    for path in (kept / RECORD_NAME, *(artifact.path for artifact in load_publication(kept).artifacts)):
        (directory / path.name).hardlink_to(path)
    return directory


def _command(dist: Path, url: str) -> tuple[object, ...]:
    where = ("--repository", f"{url}/legacy/", "--index-url", f"{url}/simple/")
    return (*material.TOOLKIT, "publish", "--quiet", "--yes", "--dist", dist, *where)


def _environment() -> dict[str, str]:
    return os.environ | dict(zip(("TWINE_USERNAME", "TWINE_PASSWORD"), CREDENTIALS, strict=True))


@contextmanager
def _index(directory: Path) -> Iterator[str]:
    """The tests' index in a process of its own, so that it does not share an interpreter with any side."""
    with subprocess.Popen(
        [sys.executable, SERVER, directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        yield server.stdout.readline().strip()
        server.stdin.close()
        server.wait()
    shutil.rmtree(directory)


def _upload(url: str, publication: Publication) -> None:
    """Post every file as the legacy API has it, the body read from the disk as it is sent."""
    pool = urllib3.PoolManager()
    headers = urllib3.make_headers(basic_auth=":".join(CREDENTIALS))
    headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
    for artifact in publication.artifacts:
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="content"; filename="{artifact.name}"\r\n\r\n'
        ).encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        size = str(len(head) + artifact.size + len(tail))
        answer = pool.request(
            "POST", f"{url}/legacy/", body=_body(head, artifact.path, tail), headers={**headers, "Content-Length": size}
        )
        assert answer.status == http.HTTPStatus.OK, answer.status
    pool.clear()


def _body(head: bytes, path: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block
    yield tail


if __name__ == "__main__":
    _upload(sys.argv[1], load_publication(Path(sys.argv[2])))
