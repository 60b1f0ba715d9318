"""Where to upload and where to read: a repository by its name in the user's `.pypirc`, or by its address."""

import argparse
import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import urllib3

from ..errors import NetworkFailed, UsageProblem
from ..registry.patience import Patience
from ..registry.urls import guarded, is_guarded, origin_of, server_address
from ..reporting import Reporter
from . import Index

if TYPE_CHECKING:
    from twine.settings import Settings

_CREDENTIALS = (
    "Name a repository of ~/.pypirc or give its address; the credentials belong there, "
    "into TWINE_USERNAME and TWINE_PASSWORD, or into the keyring."
)
WAYS_OUT = "Give the address that pip would install from: --index-url URL."


@dataclass(frozen=True, slots=True)
class Repository:
    """Where files are uploaded; twine's settings know the credentials.

    Attributes:
        url: the upload address, without credentials.
        authorization: the credentials as the value of an Authorization header; empty when there are none.
        secrets: what must never be shown, whoever quotes it.
    """

    url: str
    settings: "Settings" = field(repr=False)
    authorization: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def find_repository(given: str, *, interactive: bool, upload: bool = True) -> Repository:
    """The repository of that name in `.pypirc`, or at that address; credentials as twine finds them.

    Those are, in this order: TWINE_USERNAME and TWINE_PASSWORD, the address or `.pypirc`, the keyring, the CI's
    identity (trusted publishing), and whoever sits at the terminal.

    Args:
        given: a name or an address.
        interactive: there is somebody to ask.
        upload: without it, credentials are taken when they are there and not missed when they are not.

    Raises:
        UsageProblem: there is no such repository, or no credentials for it; none are ever shown.
        NetworkFailed: the CI's identity could not be exchanged for a token.
    """
    from requests.exceptions import RequestException  # noqa: PLC0415 - a third of a second, which only this needs
    from twine.exceptions import TwineException  # noqa: PLC0415 - the same

    _silence_twine()
    try:
        settings = _settings(given, interactive=interactive and upload)
        url = str(settings.repository_config["repository"])
        with contextlib.nullcontext() if upload else contextlib.suppress(TwineException, RequestException):
            return _with_credentials(url, settings)
    except TwineException as error:
        raise UsageProblem(f"--repository: {_reason(error, given)}", fix=_CREDENTIALS) from None
    except RequestException:
        raise NetworkFailed("the token for publishing could not be had", fix="Run the same command again.") from None
    return Repository(url, settings)


def _settings(given: str, *, interactive: bool) -> "Settings":
    """Twine's settings, as its own command line and environment make them."""
    from twine.settings import Settings  # noqa: PLC0415 - as above

    option = "--repository-url" if "://" in given else "--repository"
    parser = argparse.ArgumentParser()
    Settings.register_argparse_arguments(parser)
    arguments = parser.parse_args([f"{option}={given}", "--disable-progress-bar"])
    if option == "--repository":
        arguments.repository_url = None  # who names a repository does not mean $TWINE_REPOSITORY_URL
    arguments.non_interactive |= not interactive
    return Settings.from_argparse(arguments)


def _with_credentials(url: str, settings: "Settings") -> Repository:
    user, password = settings.username or "", settings.password or ""
    if not password:
        return Repository(url, settings)
    if not is_guarded(url):
        raise UsageProblem(f"--repository would send its password to {url} in plain text", fix="Use https://.")
    authorization = urllib3.make_headers(basic_auth=f"{user}:{password}")["authorization"]
    return Repository(url, settings, authorization, (password, authorization.partition(" ")[2]))


def find_index(
    given: str | None, *, repository: Repository | None = None, patience: Patience, reporter: Reporter
) -> Index:
    """The index to read: at the address given, else where twine says that the repository's files appear.

    Credentials are those of the address; on the repository's own server its credentials serve, too.

    Raises:
        UsageProblem: no address, or what is given is none.
    """
    address = given or (_twines_index(repository) if repository else None)
    if address is None:
        raise UsageProblem("where the repository's files appear is not known", fix=WAYS_OUT)
    url, authorization = server_address(address, "--index-url", fix=WAYS_OUT)
    if not authorization and repository and origin_of(url) == origin_of(repository.url):
        authorization = repository.authorization
    return Index(f"{url}/", patience, reporter, authorization)


def _twines_index(repository: Repository) -> str | None:
    """The index of the repositories that twine knows by itself."""
    from twine.repository import TEST_WAREHOUSE, WAREHOUSE, WAREHOUSE_WEB  # noqa: PLC0415 - loaded by now

    webs = {WAREHOUSE: WAREHOUSE_WEB, TEST_WAREHOUSE: TEST_WAREHOUSE}
    return next((f"{web}simple/" for upload, web in webs.items() if repository.url.startswith(upload)), None)


def _reason(error: Exception, given: str) -> str:
    """The first line of what twine says, unless it may quote an address with a password in it."""
    if "@" in given:
        return f"{guarded(given)}, and it is no address with credentials that can be used"
    return (str(error).splitlines() or [type(error).__name__])[0]


def _silence_twine() -> None:
    """What twine logs quotes servers; all that matters of it is in our own words."""
    logger = logging.getLogger("twine")
    if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        logger.addHandler(logging.NullHandler())
    logger.propagate = False
