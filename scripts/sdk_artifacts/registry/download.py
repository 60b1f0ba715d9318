"""Archives by digest: resumed where they were cut, verified, and kept in the cache for every later run and process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import IntegrityFailed, NetworkFailed, UsageProblem
from ..exclusive import exclusive
from ..paths import CACHE_VARIABLE
from ..reporting import Advance, Reporter
from .partial import Partial, Wanted, hashed
from .patience import TryAgain, patiently
from .transport import Web, chunks


def obtain(wanted: Wanted, locate: Callable[[], tuple[str, Web]], *, offline: bool, reporter: Reporter) -> Path:
    """The archive's path in the cache, its bytes verified just now; downloaded if need be.

    Of several processes that want the same archive one downloads it, and the others wait.

    Args:
        wanted: the archive.
        locate: gives the URL and how to ask it; called only when something has to be downloaded.
        offline: use the cache alone. A corrupted archive then is an error, and stays where it is.
        reporter: shows one task for the whole.

    Raises:
        IntegrityFailed: the bytes are not the wanted ones.
        NetworkFailed: given up; what was got is kept, and the next call resumes.
        UsageProblem: offline and not in the cache, or the cache cannot be written.
    """

    def waiting() -> None:
        reporter.note(f"{wanted.label}: another process is fetching it; waiting for that one")

    with reporter.task(wanted.label, wanted.size) as advance, _cache_written(wanted.path.parent):
        if _is_intact(wanted, advance):
            return wanted.path
        if offline:
            raise _not_cached(wanted)
        with exclusive(wanted.path.with_suffix(".lock"), waiting=waiting):
            if _is_intact(wanted, advance):
                return wanted.path
            if wanted.path.exists():
                reporter.note(f"{wanted.label}: the cached archive is damaged; fetching it again")
                wanted.path.unlink()
            url, web = locate()
            _download(url, wanted, web=web, advance=advance, note=reporter.note)
    return wanted.path


def _download(url: str, wanted: Wanted, *, web: Web, advance: Advance, note: Callable[[str], None]) -> None:
    partial = Partial(wanted, advance)
    try:
        if partial.size != wanted.size:
            patiently(
                lambda: _receive(url, partial, web),
                patience=web.patience,
                note=lambda text: note(f"{wanted.label}: {text}"),
                got_bytes=lambda: partial.size,
            )
    except (TryAgain, NetworkFailed) as trouble:
        kept = f"{partial.size} bytes" if wanted.size is None else f"{partial.size} of {wanted.size} bytes"
        again = "Run the same command again: it goes on from there."
        raise NetworkFailed(
            f"{wanted.label}: {trouble}; {kept} are there", fix=getattr(trouble, "fix", "") or again
        ) from None
    partial.finish()


def _receive(url: str, partial: Partial, web: Web) -> None:
    """One request for the bytes that are missing.

    No If-Range: the digest says whether the pieces belong together, and mirrors behind one name differ in their ETags.
    """
    headers = {"Accept-Encoding": "identity"}
    if partial.size:
        headers["Range"] = f"bytes={partial.size}-"
    with web.get(url, headers) as response:
        match response.status:
            case 200:
                partial.restart()
            case 206:
                partial.expect_range(response.headers.get("Content-Range", ""))
            case 416:
                if partial.is_whole(response.headers.get("Content-Range", "")):
                    return
                partial.restart()
                raise TryAgain("the registry has nothing after the part that is here; starting over")
            case status:
                raise NetworkFailed(f"the registry lists the archive but answers HTTP {status} for it")
        partial.expect_size(response)
        partial.append(chunks(response))
    partial.expect_end()


def _is_intact(wanted: Wanted, advance: Advance) -> bool:
    try:
        if wanted.size not in (None, wanted.path.stat().st_size):
            return False
        digest, size = hashed(wanted.path, advance)
    except FileNotFoundError:
        return False
    if digest.hexdigest() == wanted.sha512:
        return True
    advance(-size)
    return False


def _not_cached(wanted: Wanted) -> IntegrityFailed | UsageProblem:
    fix = "Run the command without --offline."
    if wanted.path.exists():
        return IntegrityFailed(f"{wanted.label}: the cached archive {wanted.path} is damaged", fix=fix)
    return UsageProblem(f"{wanted.label} is not in the cache ({wanted.path.parent})", fix=fix)


@contextmanager
def _cache_written(directory: Path) -> Iterator[None]:
    """Say which directory it is that is full, or that may not be written."""
    try:
        yield
    except OSError as error:
        raise UsageProblem(
            f"the cache {directory} cannot be used: {error.strerror or error}",
            fix=f"Free some space there, or set {CACHE_VARIABLE} to another directory.",
        ) from None
