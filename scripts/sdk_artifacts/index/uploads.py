"""One file into an index, by twine; what became of an upload that failed, only the index can say."""

import contextlib
import io
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CheckFailed, NetworkFailed, UsageProblem
from ..registry.patience import Patience, TryAgain, retry_after_seconds
from ..reporting import Advance
from .addresses import Repository

if TYPE_CHECKING:
    import requests
    from twine.package import Hexdigest, PackageFile

_PASSING = {408, 425, 429}
_REFUSED_ACCESS = {401, 403, 407}
_SAID_MAX = 300
_BLOCK_BYTES = 1 << 20
_ONE_PACKAGE = threading.Lock()


class Refused(CheckFailed):
    """The index answered that it does not take this file."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """Uploads files to one repository.

    Attributes:
        answer_seconds: how long the index may think about a file that it has got whole.
    """

    repository: Repository
    patience: Patience = field(default_factory=Patience)
    answer_seconds: float = 300

    def send(self, path: Path, sha256: str, advance: Advance) -> None:
        """Upload one file once; `advance` gets the bytes as they leave.

        Args:
            path: the file.
            sha256: its digest, known by now; the index holds what arrives against it.
            advance: called with the number of bytes that left.

        Raises:
            TryAgain: it failed in a way that may pass. The index may have the file nevertheless.
            Refused: the index does not take the file.
            UsageProblem: the index wants other credentials.
            NetworkFailed: no such upload can succeed.
        """
        package = _package(path, sha256)
        with self._failures():
            twine = self.repository.settings.create_repository()
            with contextlib.closing(twine):
                _renew_credentials(twine.session, self.repository)
                for scheme in ("http://", "https://"):
                    watched: Any = _Watched(twine.session.get_adapter(scheme), self, advance)
                    twine.session.mount(scheme, watched)
                response = twine.upload(package, max_redirects=1)  # twine's own retries wait for nothing
        self._judge(response, path.name)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Turn the libraries' errors into ours, which quote nothing of them."""
        import requests  # noqa: PLC0415 - twine's, and as slow to load
        from twine.exceptions import TwineException  # noqa: PLC0415 - the same

        try:
            yield
        except requests.exceptions.SSLError:
            raise NetworkFailed(
                f"{self.repository.url}: TLS failed, or its certificate is not trusted here",
                fix="Set TWINE_CERT or REQUESTS_CA_BUNDLE to a file with the CA certificates to trust.",
            ) from None
        except requests.exceptions.Timeout:
            raise TryAgain("the index took no byte, or gave no answer, for too long") from None
        except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError):
            raise TryAgain("the connection was cut or refused") from None
        except (requests.exceptions.RequestException, TwineException) as error:
            raise NetworkFailed(f"{self.repository.url}: {type(error).__name__}") from None

    def _judge(self, response: "requests.Response", name: str) -> None:
        status = response.status_code
        if status in {200, 201}:
            return
        if status in _PASSING or status >= 500:  # noqa: PLR2004 - HTTP's own class of server errors
            asked = retry_after_seconds(response.headers.get("Retry-After"), self.patience.now())
            raise TryAgain(f"the index answers HTTP {status}", after_seconds=asked)
        said = self._said(response)
        if status in _REFUSED_ACCESS:
            raise UsageProblem(
                f"{self.repository.url} refuses access (HTTP {status}{said})",
                fix="Set TWINE_USERNAME and TWINE_PASSWORD, or see to ~/.pypirc or the keyring.",
            )
        if 300 <= status < 400:  # noqa: PLR2004 - HTTP's redirects
            raise UsageProblem(
                f"{self.repository.url} redirects an upload, and no file is sent anew to somewhere else",
                fix="Give the address that it leads to, often the same with a slash at its end.",
            )
        raise Refused(f"{name}: the index does not take it (HTTP {status}{said})")

    def _said(self, response: "requests.Response") -> str:
        """The index's reason, printable and without what it may quote of the credentials."""
        text = re.sub(r"<[^>]*>", " ", response.text[: 10 * _SAID_MAX]) if response.reason else ""
        said = " ".join(f"{response.reason}: {text}".split())
        for secret in self.repository.secrets:
            said = said.replace(secret, "***")
        printable = "".join(character for character in said if character.isprintable())
        return f", {printable[:_SAID_MAX]}" if printable else ""


@dataclass(frozen=True, slots=True)
class _Counted:
    """A request's body, read in blocks so large that the time goes into sending them, and counted."""

    body: Any
    advance: Advance

    def read(self, _size: int = -1) -> bytes:
        """The next block; a sender takes more than it asked for."""
        block: bytes = self.body.read(_BLOCK_BYTES)
        self.advance(len(block))
        return block


@dataclass(frozen=True, slots=True)
class _Watched:
    """A requests adapter with the deadlines that twine's session has not, and with its bytes counted."""

    adapter: Any
    uploads: Uploads
    advance: Advance

    def send(self, request: Any, **options: Any) -> "requests.Response":  # noqa: ANN401 - requests' own seam
        """Send one request."""
        if hasattr(
            request.body, "read"
        ):  # pragma: no branch - twine sends streams; what else it may send, goes as it is
            request.body = _Counted(request.body, self.advance)
        options["timeout"] = (self.uploads.patience.stall_seconds, self.uploads.answer_seconds)
        answer: requests.Response = self.adapter.send(request, **options)
        return answer

    def close(self) -> None:
        """Close the adapter."""
        self.adapter.close()


@dataclass(frozen=True, slots=True)
class _Known:
    """The digests of a file, where twine would take as long to find them as to send it."""

    sha256: str

    def hash(self) -> None:
        """Nothing is left to do."""

    def hexdigest(self) -> "Hexdigest":
        """The digest that every index checks, and none of the other kind."""
        from twine.package import Hexdigest  # noqa: PLC0415 - only uploading needs it

        return Hexdigest(self.sha256, None)


def _package(path: Path, sha256: str) -> "PackageFile":
    from twine import package  # noqa: PLC0415 - only uploading needs it
    from twine.exceptions import InvalidDistribution  # noqa: PLC0415 - the same

    known: Any = lambda _: _Known(sha256)  # noqa: E731 - twine's own class is called like this
    try:
        with _ONE_PACKAGE, _replaced(package, HashManager=known):
            return package.PackageFile.from_filename(str(path), None)
    except (InvalidDistribution, zipfile.BadZipFile) as error:
        raise CheckFailed(f"{path.name}: twine does not take it: {error}") from None


@contextmanager
def _replaced(module: Any, **names: object) -> Iterator[None]:  # noqa: ANN401 - any module
    before = {name: getattr(module, name) for name in names}
    vars(module).update(names)
    try:
        yield
    finally:
        vars(module).update(before)


def _renew_credentials(session: "requests.Session", repository: Repository) -> None:
    """A token of trusted publishing lives for minutes: twine's authenticator gets a new one in time."""
    from twine.exceptions import InvalidConfiguration  # noqa: PLC0415 - only uploading needs it

    with contextlib.suppress(InvalidConfiguration):  # an index that wants no credentials
        session.auth = repository.settings.auth.authenticator


def without_stdout() -> contextlib.redirect_stdout[io.StringIO]:
    """Around all uploads, for it is the whole process's: twine tells of them where a command prints its result."""
    return contextlib.redirect_stdout(io.StringIO())
