"""The pin, `platforms/runtime.lock`: one runtime version and, per target, the digest of every byte that ships."""

from pathlib import Path

import msgspec

from . import paths
from .errors import DataProblem, UsageProblem
from .versions import RuntimeVersion

SCHEMA = 1


class LockedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a payload: its size in bytes and its SHA-256 in hex."""

    size: int
    sha256: str


class LockedTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a target's payload comes from, and what is in it.

    Attributes:
        package: the npm package.
        package_version: its version, platform suffix included.
        archive_size: bytes of the package's archive.
        archive_sha512: its SHA-512 in hex, as the registry's `dist.integrity` gave it.
        files: every file that some wheel of the target ships, by path in the payload.
    """

    package: str
    package_version: str
    archive_size: int
    archive_sha512: str
    files: dict[str, LockedFile]


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole lock; `version` is in the upstream spelling."""

    schema: int
    version: str
    targets: dict[str, LockedTarget]

    @property
    def runtime_version(self) -> RuntimeVersion:
        """The pinned version in both spellings."""
        return RuntimeVersion.parse(self.version)

    def target(self, triple: str) -> LockedTarget:
        """What is locked for `triple`.

        Raises:
            DataProblem: nothing is.
        """
        if triple not in self.targets:
            raise DataProblem(f"runtime.lock has nothing for {triple}", fix=_pin_command(self.version))
        return self.targets[triple]


def load_lock(path: Path | None = None) -> Lock:
    """Read the lock.

    Raises:
        DataProblem: it is missing or malformed; the message names the key.
    """
    path = path or paths.LOCK
    try:
        lock = msgspec.toml.decode(path.read_bytes(), type=Lock)
        RuntimeVersion.parse(lock.version)
    except FileNotFoundError:
        raise DataProblem(f"{path.name} does not exist", fix=_pin_command("VERSION")) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, UsageProblem) as error:
        raise DataProblem(f"{path.name}: {error}", fix=_pin_command("VERSION")) from None
    if lock.schema != SCHEMA:
        raise DataProblem(f"{path.name}: key `schema`: {lock.schema} is not {SCHEMA}", fix=_pin_command(lock.version))
    return lock


def render_lock(lock: Lock) -> str:
    """The lock as TOML text, the same for the same lock."""
    lines = [
        "# The pinned runtime. Written by `python scripts/update_sdk_artifacts.py pin`; not edited by hand.",
        f"schema = {lock.schema}",
        f'version = "{lock.version}"',
    ]
    for triple, target in sorted(lock.targets.items()):
        lines += [
            "",
            f"[targets.{triple}]",
            f'package = "{target.package}"',
            f'package_version = "{target.package_version}"',
            f"archive_size = {target.archive_size}",
            f'archive_sha512 = "{target.archive_sha512}"',
            "",
            f"[targets.{triple}.files]",
        ]
        lines += [
            f'"{path}" = {{ size = {file.size}, sha256 = "{file.sha256}" }}'
            for path, file in sorted(target.files.items())
        ]
    return "\n".join(lines) + "\n"


def differences(old: Lock | None, new: Lock) -> list[str]:
    """What changes from `old` to `new`, one line each; empty when nothing does."""
    if old is None:
        return [f"new lock: {new.version}, {len(new.targets)} targets"]
    changes = [] if old.version == new.version else [f"version: {old.version} -> {new.version}"]
    changes += [f"{triple}: no longer locked" for triple in sorted(old.targets.keys() - new.targets.keys())]
    for triple, target in sorted(new.targets.items()):
        before = old.targets.get(triple)
        if before is None:
            changes.append(f"{triple}: new target, {len(target.files)} files")
            continue
        if before.archive_sha512 != target.archive_sha512:
            changes.append(f"{triple}: archive {before.archive_size} -> {target.archive_size} bytes, new digest")
        changes += [f"{triple}: - {path}" for path in sorted(before.files.keys() - target.files.keys())]
        for path, file in sorted(target.files.items()):
            if path not in before.files:
                changes.append(f"{triple}: + {path} ({file.size} bytes)")
            elif before.files[path] != file:
                changes.append(f"{triple}: ~ {path} ({before.files[path].size} -> {file.size} bytes)")
    return changes


def _pin_command(version: str) -> str:
    return f"python scripts/update_sdk_artifacts.py pin --runtime-version {version}"
