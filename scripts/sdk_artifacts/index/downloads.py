"""Files of an index in the cache, by digest: whoever takes one has its bytes compared just now."""

import hashlib
from pathlib import Path
from urllib.parse import quote

from ..errors import IntegrityFailed, NetworkFailed
from ..exclusive import exclusive
from ..files import atomic_file, sha256_of
from ..paths import cache_directory
from ..registry.patience import TryAgain, patiently
from ..registry.transport import Web, chunks
from ..registry.urls import origin_of, public, step
from ..reporting import Advance
from . import Index, IndexedFile, Project

_FILE_BYTES_MAX = 1 << 30  # of one file, as the public index has it at most
_OK = 200


def download(index: Index, project: Project, file: IndexedFile) -> Path:
    """The path of the file's copy in the cache, under its own name; downloaded if need be.

    Raises:
        IntegrityFailed: its bytes are not those of the index's digest, or the index gives none.
        NetworkFailed: it cannot be had.
    """
    if file.sha256 is None:
        raise IntegrityFailed(f"{file.name}: the index gives no SHA-256 of it, so nothing vouches for its bytes")
    path = cache_directory() / "wheels" / file.sha256 / file.name
    waiting = f"{file.name}: another process downloads it; waiting for that one"
    with exclusive(path.with_name(".lock"), waiting=lambda: index.reporter.note(waiting)):
        if not path.is_file() or sha256_of(path) != file.sha256:
            with index.reporter.task(file.name, file.size) as advance:
                _receive_patiently(index, project, file, path, advance)
    return path


def _receive_patiently(index: Index, project: Project, file: IndexedFile, path: Path, advance: Advance) -> None:
    try:
        patiently(
            lambda: _receive(index, project, file, path, advance),
            patience=index.patience,
            note=lambda text: index.reporter.note(f"{file.name}: {text}"),
        )
    except TryAgain as trouble:
        raise NetworkFailed(f"{file.name}: {trouble}", fix="Run the same command again later.") from None


def _receive(index: Index, project: Project, file: IndexedFile, path: Path, advance: Advance) -> None:
    """One request for the whole file; what is not the promised bytes leaves nothing behind."""
    url = step(f"{index.url}{quote(project.name)}/", file.url.partition("#")[0])
    limit, size, digest = file.size or _FILE_BYTES_MAX, 0, hashlib.sha256()
    web = Web(index.patience, index.authorization, origin_of(index.url))
    with web.get(url, {"Accept-Encoding": "identity"}) as response, atomic_file(path) as partial:
        if response.status != _OK:
            raise NetworkFailed(f"{public(url)} answers HTTP {response.status}, and the index lists it")
        with partial.open("wb") as opened:
            for chunk in chunks(response):
                size += len(chunk)
                if size > limit:
                    raise IntegrityFailed(f"{file.name}: the server sends more than the {limit} bytes promised")
                opened.write(chunk)
                digest.update(chunk)
                advance(len(chunk))
        if digest.hexdigest() != file.sha256:
            if size < (file.size or 0):  # a body without a length may end anywhere
                raise TryAgain("the server ended the file too early")
            raise IntegrityFailed(f"{file.name}: its SHA-256 is {digest.hexdigest()}, and the index says {file.sha256}")
