"""A package index: what it has of a project, asked anew each time; how a file gets into it is in `uploads.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from packaging.utils import canonicalize_name

from ..errors import NetworkFailed
from ..registry.patience import Patience, TryAgain, patiently
from ..registry.transport import Web, chunks
from ..registry.urls import origin_of, public, step
from ..reporting import Reporter
from .pages import ACCEPT, IndexedFile, Project, parse_page

__all__ = ["Index", "IndexedFile", "Project"]

_PAGE_BYTES_MAX = 16 << 20
_METADATA_BYTES_MAX = 4 << 20
_FRESH = {"Cache-Control": "no-cache, max-age=0", "Pragma": "no-cache"}
_OK, _ABSENT = 200, {404, 410}
_ELSEWHERE = {301, 302, 303, 307, 308}  # many indexes send those who ask for what they have not to another one
_WAYS_IN = "Give credentials in the address: --index-url https://USER:PASSWORD@HOST/simple/."


@dataclass(frozen=True, slots=True)
class Index:
    """Where a package index is read, and how.

    Attributes:
        url: without credentials, and with a slash at its end.
        authorization: value of the Authorization header; sent to this origin alone, never shown.
    """

    url: str
    patience: Patience
    reporter: Reporter
    authorization: str = field(default="", repr=False)

    def project(self, name: str) -> Project:
        """What the index has of the project now; caches on the way are told to ask it, too.

        Raises:
            NetworkFailed: it cannot be asked, or answers what no package index answers.
            UsageProblem: it wants other credentials.
        """
        name = canonicalize_name(name)
        url = f"{self.url}{quote(name)}/"
        status, body, kind = self._patiently(name, lambda: self._read(url, ACCEPT, _PAGE_BYTES_MAX, stays=True))
        if status in _ABSENT or status in _ELSEWHERE:
            return Project(name, exists=False)
        if status != _OK:
            raise NetworkFailed(f"{public(url)} answers HTTP {status}", fix="Check the address (--index-url).")
        return parse_page(name, body, kind)

    def metadata(self, project: Project, file: IndexedFile) -> bytes | None:
        """The file's METADATA as the index has it beside the file; None when it has none.

        Raises:
            NetworkFailed: it cannot be asked.
        """
        return self._beside(project, file, f"{file.url.partition('#')[0]}.metadata") if file.metadata else None

    def provenance(self, project: Project, file: IndexedFile) -> bytes | None:
        """The file's provenance document (PEP 740), which says who attests what of it; None when the index has none.

        Raises:
            NetworkFailed: it cannot be asked.
        """
        return self._beside(project, file, file.provenance) if file.provenance else None

    def _beside(self, project: Project, file: IndexedFile, link: str) -> bytes | None:
        """What a link on the project's page leads to; None when it leads to nothing."""
        url = step(f"{self.url}{quote(project.name)}/", link)
        status, body, _ = self._patiently(file.name, lambda: self._read(url, "*/*", _METADATA_BYTES_MAX))
        return body if status == _OK else None

    def _read(self, url: str, accept: str, limit_bytes: int, *, stays: bool = False) -> tuple[int, bytes, str]:
        body = bytearray()
        headers = {"Accept": accept, "Accept-Encoding": "gzip", **_FRESH}
        web = Web(self.patience, self.authorization, origin_of(self.url), stays=stays, ways_in=_WAYS_IN)
        with web.get(url, headers) as response:
            for chunk in chunks(response, decode=True, deadline_seconds=self.patience.document_seconds):
                body += chunk
                if len(body) > limit_bytes:
                    raise NetworkFailed(f"{public(url)} answers with more than {limit_bytes} bytes")
            return response.status, bytes(body), response.headers.get("Content-Type", "")

    def _patiently(self, label: str, attempt: Callable[[], tuple[int, bytes, str]]) -> tuple[int, bytes, str]:
        try:
            return patiently(
                attempt, patience=self.patience, note=lambda text: self.reporter.note(f"reading {label}: {text}")
            )
        except TryAgain as trouble:
            raise NetworkFailed(f"reading {label}: {trouble}", fix="Run the same command again later.") from None
