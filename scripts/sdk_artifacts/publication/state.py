"""`publish-state.json`: what was sent to which repository, so that a run after a death sends nothing twice."""

import threading
from pathlib import Path
from typing import Literal

import msgspec

from .. import files
from . import Artifact

STATE_NAME = "publish-state.json"
_SCHEMA = 1

Step = Literal["sending", "accepted", "seen"]


class Sent(msgspec.Struct, frozen=True):
    """What became of a file: on its way (nobody knows whether it arrived), accepted, or seen on the index."""

    sha256: str
    step: Step


class _Document(msgspec.Struct):
    schema: int = _SCHEMA
    repositories: dict[str, dict[str, Sent]] = msgspec.field(default_factory=dict)


class State:
    """What was sent to one repository, kept in the release's directory after each step."""

    def __init__(self, directory: Path, repository: str) -> None:
        self._path = directory / STATE_NAME
        self._document = _read(self._path)
        self._sent = self._document.repositories.setdefault(repository, {})
        self._guard = threading.Lock()

    def step(self, artifact: Artifact) -> Step | None:
        """What became of these very bytes; None when they were never sent."""
        sent = self._sent.get(artifact.name)
        return sent.step if sent and sent.sha256 == artifact.sha256 else None

    def mark(self, artifact: Artifact, step: Step) -> None:
        """Keep what became of a file; several threads may do so at once."""
        with self._guard:
            if self.step(artifact) != step:
                self._sent[artifact.name] = Sent(artifact.sha256, step)
                text = msgspec.json.format(msgspec.json.encode(self._document), indent=2).decode()
                files.write_text(self._path, f"{text}\n")


def _read(path: Path) -> _Document:
    """A state that cannot be read is none: the index knows better anyway."""
    try:
        document = msgspec.json.decode(path.read_bytes(), type=_Document)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Document()
    return document if document.schema == _SCHEMA else _Document()
