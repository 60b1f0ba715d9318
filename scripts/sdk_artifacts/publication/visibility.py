"""Waiting until an index shows what it has taken."""

from ..index import Index
from ..registry.patience import Patience
from ..reporting import Reporter
from . import Artifact, Part, Publication
from .comparison import missing

_FIRST_POLL_SECONDS, _LONGEST_POLL_SECONDS = 0.5, 15.0


def still_absent(
    publication: Publication, part: Part, *, index: Index, patience: Patience, seconds: float, reporter: Reporter
) -> list[Artifact]:
    """What the index lacks of a part after looks at it for so long; [] as soon as one look shows all of it.

    Raises:
        IndexConflict: it has something else under a name or the version of the part.
        NetworkFailed: it cannot be read.
    """
    project = publication.part(part)[0].project
    waited_seconds, poll_seconds = 0.0, _FIRST_POLL_SECONDS
    with reporter.task(f"wait until the index shows the whole {part}") as advance:
        while (absent := missing(index.project(project), publication, part)) and waited_seconds < seconds:
            patience.sleep(poll_seconds)
            advance(0)  # an interruption comes through here
            waited_seconds += poll_seconds
            poll_seconds = min(1.5 * poll_seconds, _LONGEST_POLL_SECONDS)
    return absent
