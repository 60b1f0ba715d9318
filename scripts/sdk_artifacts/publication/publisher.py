"""The steps of a publication; each decision rests on what the index says just then."""

from dataclasses import dataclass

from ..errors import NetworkFailed
from ..index import Index
from ..index.uploads import Refused, Uploads
from ..parallel import in_threads
from ..registry.patience import TryAgain, patiently
from ..reporting import Reporter
from . import Artifact, Part, Publication
from .comparison import missing
from .state import State
from .visibility import still_absent

_AT_ONCE = 2
_SETTLING_READS = 3


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes one part after the other; `visible_seconds` is how long the index may take to show what it accepted."""

    publication: Publication
    state: State
    uploads: Uploads
    index: Index
    visible_seconds: float
    reporter: Reporter

    def publish(self, part: Part) -> None:
        """Upload what the index has not of one part, and return when one look at the index shows all of it.

        Raises:
            IndexConflict: the index has something else under a name or the version of the part.
            NetworkFailed: given up for now.
            Refused: the index does not take a file.
        """
        first, *others = self.publication.part(part)
        self._put(first)  # alone: it may create the project, and two at once would race for that
        in_threads(self._put, others, jobs=_AT_ONCE, reporter=self.reporter)
        self._await(part)
        for artifact in self.publication.part(part):
            self.state.mark(artifact, "seen")

    def _put(self, artifact: Artifact) -> None:
        """Upload a file unless the index has it or has accepted it."""
        try:
            patiently(
                lambda: self._attempt(artifact),
                patience=self.uploads.patience,
                note=lambda text: self.reporter.note(f"{artifact.name}: {text}"),
            )
        except TryAgain as trouble:
            if not self._there(artifact):
                raise NetworkFailed(
                    f"{artifact.name}: {trouble}", fix="Run the same command again: what is there stays there."
                ) from None

    def _attempt(self, artifact: Artifact) -> None:
        if self._there(artifact):
            self.reporter.note(f"{artifact.name}: on the index")
            return
        if self.state.step(artifact) in ("accepted", "seen"):
            self.reporter.note(f"{artifact.name}: accepted before; the index does not show it yet")
            return
        self.state.mark(artifact, "sending")
        try:
            with self.reporter.task(f"upload {artifact.name}", artifact.size) as advance:
                self.uploads.send(artifact.path, artifact.sha256, advance)
        except Refused:
            if not self._there(artifact):
                raise
        self.state.mark(artifact, "accepted")

    def _there(self, artifact: Artifact) -> bool:
        """Whether the index shows a file; what may have arrived a moment ago gets several looks."""
        looks = _SETTLING_READS if self.state.step(artifact) == "sending" else 1
        for look in range(1, looks + 1):
            if artifact not in self._missing(artifact.part):
                return True
            if look < looks:
                self.uploads.patience.sleep(self.uploads.patience.wait_seconds(look, TryAgain("not there yet")))
        return False

    def _await(self, part: Part) -> None:
        """Wait until one look at the index shows every file of a part."""
        patience, seconds = self.uploads.patience, self.visible_seconds
        absent = still_absent(
            self.publication, part, index=self.index, patience=patience, seconds=seconds, reporter=self.reporter
        )
        if absent:
            raise NetworkFailed(
                f"the index accepted {', '.join(artifact.name for artifact in absent)} "
                f"and does not show it after {seconds:.0f} s",
                fix="Run the same command again later: it goes on from there.",
            )

    def _missing(self, part: Part) -> list[Artifact]:
        project = self.index.project(self.publication.part(part)[0].project)
        return missing(project, self.publication, part)
