"""What stands between this machine and a turn, and what to do about it: `python -m codex_app_server doctor`.

from codex_app_server import doctor

diagnosis = doctor.examine()
print(diagnosis.healthy, [finding.fix for finding in diagnosis.findings if finding.fix])
"""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from . import _places
from ._fit import as_distribution, relation
from ._launch import child_environment
from ._metadata import ServerMetadata
from ._secrets import without_secrets
from .client import AppServerClient
from .config import AppServerConfig
from .errors import AppServerError, BinaryNotFoundError
from .generated import methods as m

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._places import Binary, Versions
    from .generated import v2_all as t

State: TypeAlias = Literal["ok", "warning", "problem"]

CLOSE_SECONDS = 2.0


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at.

    Attributes:
        topic: what, such as "binary" or "account".
        state: a problem keeps turns from running, a warning may.
        summary: what was found; no secret is in it.
        fix: what to do; empty when there is nothing to do.
    """

    topic: str
    state: State
    summary: str
    fix: str = ""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found.

    Attributes:
        findings: each in a sentence.
        binary: the executable that would run, and why.
        versions: of this package and of what it was made for.
        server_version: what the server says of itself, None when it did not get to that.
        fits: whether that is the version that this SDK was made for, or a newer patch of it; None when not known.
        handshake_milliseconds: from the start of the process until it was initialized, None when it was not.
        codex_home: the directory where the server keeps its state.
        account: the kind of account that is signed in, such as "chatgpt" or "apiKey"; None when none is.
    """

    findings: tuple[Finding, ...]
    binary: Binary
    versions: Versions
    server_version: str | None = None
    fits: bool | None = None
    handshake_milliseconds: float | None = None
    codex_home: str
    account: str | None = None

    @property
    def healthy(self) -> bool:
        """Whether nothing keeps turns from running."""
        return all(finding.state != "problem" for finding in self.findings)


class _Contact(msgspec.Struct, frozen=True):
    """What a server told, as far as it came."""

    metadata: ServerMetadata | None = None
    milliseconds: float | None = None
    account: t.GetAccountResponse | None = None
    error: AppServerError | None = None


def examine(
    config: AppServerConfig | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    timeout_seconds: float = 30.0,
) -> Diagnosis:
    """Look at everything that a turn needs; a server is started and ended. No trouble of theirs is raised.

    Args:
        config: how the server would be started, or where it runs; None for the defaults.
        environ: the variables that count; None for the process's own.
        timeout_seconds: for all of it, but for the server's end, which may take two seconds more.
    """
    config = config or AppServerConfig()
    env = child_environment(os.environ if environ is None else environ, config.env)
    if environ is not None and config.url is None:
        config = replace(config, env={**dict.fromkeys(os.environ), **env})
    binary, versions = _places.find_binary(config, env), _places.find_versions()
    home, home_told, home_fix = _places.examine_home(env)
    contact = _meet(config, timeout_seconds) if binary.problem == "" else _Contact()
    server, account = contact.metadata, contact.account.account if contact.account else None
    findings = [
        _about_binary(binary),
        _about_versions(versions),
        *_about_home(config, home, home_told, home_fix),
        *_about_server(contact, env),
        *_about_account(contact, env, binary),
    ]
    return Diagnosis(
        findings=tuple(findings),
        binary=binary,
        versions=versions,
        server_version=server.version if server else None,
        fits=server.fits if server else None,
        handshake_milliseconds=contact.milliseconds,
        codex_home=server.codex_home if server else home,
        account=account.type if account else None,
    )


def _meet(config: AppServerConfig, seconds: float) -> _Contact:
    """Start a server, shake hands, ask who is signed in, end it."""
    since = monotonic()
    config = replace(config, start_timeout_seconds=seconds, close_timeout_seconds=CLOSE_SECONDS)
    contact = _Contact()
    try:
        with AppServerClient(config) as client:
            milliseconds = round((monotonic() - since) * 1000, 1)
            contact = _Contact(ServerMetadata.of(client.initialized, config.client_name), milliseconds)
            left = max(0.1, seconds - (monotonic() - since))
            account = client.request(m.ACCOUNT_READ, {"refreshToken": False}, timeout_seconds=left)
            return replace(contact, account=account)
    except AppServerError as error:
        return replace(contact, error=error)


def _about_binary(binary: Binary) -> Finding:
    if binary.problem:
        return Finding("binary", "problem", binary.problem, binary.fix)
    told = f"{binary.path}, because {binary.reason}" if binary.path is not None else f"none, because {binary.reason}"
    return Finding("binary", "ok", told)


def _about_home(config: AppServerConfig, home: str, told: str, fix: str) -> Iterator[Finding]:
    if config.url is None:  # a server that runs already has its own, maybe on another machine
        yield Finding("CODEX_HOME", "problem" if fix else "ok", f"{home} {told}", fix)


def _about_versions(versions: Versions) -> Finding:
    pinned = as_distribution(versions.pinned)
    told = f"codex-app-server-sdk {versions.sdk}, made for the server {versions.pinned}"
    if versions.runtime is None:
        return Finding("versions", "ok", f"{told}; codex-cli-bin is not installed")
    told += f"; codex-cli-bin {versions.runtime} is installed"
    if versions.required is not None and versions.required != versions.runtime:
        fix = f"pip install codex-cli-bin=={versions.required}"
        return Finding("versions", "problem", f"{told}, {versions.required} is required", fix)
    if versions.runtime != pinned:
        return Finding("versions", "warning", told, f"pip install codex-cli-bin=={pinned}")
    return Finding("versions", "ok", told)


def _about_server(contact: _Contact, env: Mapping[str, str]) -> Iterator[Finding]:
    server = contact.metadata
    if server is None:
        if contact.error is not None and not isinstance(contact.error, BinaryNotFoundError):
            fix = "run it by hand, `codex app-server`, and see what it says; RUST_LOG=debug makes it say more"
            told = str(contact.error).partition("\n\nStack backtrace")[0]
            yield Finding("server", "problem", without_secrets(told, env), fix)
        return
    yield Finding("server", "ok", f"ready after {contact.milliseconds:.0f} ms: {server.user_agent}")
    found = relation(server.version, server.pinned_version)
    told = f"{server.version or 'an unknown version'}, and the SDK was made for {server.pinned_version}"
    if server.fits:
        yield Finding("fit", "ok", f"the server is {told}")
    else:
        fix = f"pip install codex-cli-bin=={as_distribution(server.pinned_version)}, or the SDK of the server's version"
        yield Finding("fit", "warning", f"the server is {told}: {found}", fix)


def _about_account(contact: _Contact, env: Mapping[str, str], binary: Binary) -> Iterator[Finding]:
    answer = contact.account
    if answer is None:
        if contact.metadata is not None:
            yield Finding(
                "account", "problem", without_secrets(str(contact.error), env), "try again, or `codex logout`"
            )
    elif answer.account is not None:
        plan = getattr(answer.account, "plan_type", None)
        yield Finding("account", "ok", f"signed in: {answer.account.type}{f', {plan}' if plan else ''}")
    elif answer.requires_openai_auth:
        fix = f"`{binary.path or 'codex'} login`, or `Codex().login_api_key(...)` in Python"
        yield Finding("account", "problem", "nobody is signed in", fix)
    else:
        yield Finding("account", "ok", "the configured model provider needs no account")
