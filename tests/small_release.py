"""Releases of small payloads and the real SDK, as fixtures: a registry with payloads, a lock, and `release` itself."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

from hostile_archives import PACKAGE, tar_gz
from registry_client import Recorder
from sdk_artifacts import paths
from sdk_artifacts.commands.release import release
from sdk_artifacts.lock import SCHEMA, Lock, LockedFile, LockedTarget
from sdk_artifacts.sdk_stage import TYPES_FILE, types_version
from sdk_artifacts.targets import host_target, known_targets, select

NPM_PACKAGE = "@openai/codex"
VERSION = "1.2.3"
X86_64, AARCH64, MACOS = "x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-apple-darwin"
TESTS = Path(__file__).parent


def sha(kind, data):
    return hashlib.new(kind, data).hexdigest()


def contents(directory):
    """The digests of what lies openly in a directory."""
    return {path.name: sha("sha256", path.read_bytes()) for path in directory.glob("[!.]*")}


def payload(natives, triple):
    """A payload whose native files are small and real; the executable answers `--version`, and runs a turn."""
    target = known_targets()[triple]
    names = [path for component in target.components.values() for path in component.required]
    files = dict.fromkeys(names, natives[triple].read_bytes())
    if target == host_target():
        files[target.executable] = natives["codex_host"].read_bytes()
    files["codex-package.json"] = json.dumps(PACKAGE | {"target": triple, "entrypoint": target.executable}).encode()
    return files


def sdk_of(version, directory):
    """The SDK's sources as if its types were made for this runtime."""
    template = shutil.copytree(paths.SDK_TEMPLATE, directory, ignore=shutil.ignore_patterns("__pycache__"))
    types = template / TYPES_FILE
    types.write_text(types.read_text().replace(f'"{types_version(template).upstream}"', f'"{version}"', 1))
    return template


@pytest.fixture
def sdk_template(tmp_path, monkeypatch):
    """The SDK whose types are of version 1.2.3, in place of the repository's."""
    template = sdk_of(VERSION, tmp_path / "sdk-python")
    monkeypatch.setattr(paths, "SDK_TEMPLATE", template)
    monkeypatch.setenv("STAND_IN_APP_SERVER", f"{sys.executable} {TESTS / 'stand_in_app_server.py'}")
    return template


@pytest.fixture
def small_cache(tmp_path, monkeypatch):
    """A cache that has nothing but the wheels that the SDK needs of others, which are kept from run to run."""
    kept, directory = paths.cache_directory() / "wheelhouse", tmp_path / "cache"
    kept.mkdir(parents=True, exist_ok=True)
    directory.mkdir()
    (directory / "wheelhouse").symlink_to(kept)
    monkeypatch.setenv(paths.CACHE_VARIABLE, str(directory))
    return directory


@pytest.fixture
def publish(natives, registry, small_cache, tmp_path):  # noqa: ARG001 - an empty cache, whatever is fetched
    """Put a payload of the target into the loopback registry; gives what is locked for it."""

    def publish(triple):
        files = payload(natives, triple)
        archive = tar_gz(tmp_path / triple, {f"package/vendor/{triple}/{name}": data for name, data in files.items()})
        number = f"{VERSION}-{known_targets()[triple].npm_suffix}"
        registry.publish(NPM_PACKAGE, number, archive.read_bytes())
        return LockedTarget(
            package=NPM_PACKAGE,
            package_version=number,
            archive_size=archive.stat().st_size,
            archive_sha512=sha("sha512", archive.read_bytes()),
            files={name: LockedFile(len(data), sha("sha256", data)) for name, data in files.items()},
        )

    return publish


@pytest.fixture
def lock(publish):
    """Two targets with three wheels."""
    return Lock(SCHEMA, VERSION, {triple: publish(triple) for triple in (X86_64, AARCH64)})


@pytest.fixture
def make(lock, registry, sdk_template, tmp_path):  # noqa: ARG001 - the SDK fits the lock
    """Run `release` of these targets into `out`; gives the release and what was reported."""

    def make(*triples, out=tmp_path / "dist", lock=lock, offline=False):
        recorder = Recorder()
        done = release(
            select(triples),
            out=out,
            lock=lock,
            compression="fast",
            registry=registry.url,
            offline=offline,
            jobs=2,
            reporter=recorder,
        )
        return done, recorder

    return make
