"""A release of stub wheels to publish: every target's, small, with an SDK that pins them."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

from index_server import PASSWORD, USER, PackageIndex
from sdk_artifacts.commands.publish import Plan, plan, prepare, publish
from sdk_artifacts.index.addresses import find_index, find_repository
from sdk_artifacts.index.uploads import Uploads
from sdk_artifacts.registry.patience import Patience
from sdk_artifacts.released import RECORD_NAME, SCHEMA
from sdk_artifacts.reporting import Reporter
from sdk_artifacts.targets import known_targets
from wheel_builder import VERSION, WheelDraft, runtime_wheel

SDK = "codex_app_server_sdk"


def stub_release(directory: Path, *, pin: str = f"codex-cli-bin=={VERSION}") -> Path:
    """A complete release of version 1.2.3 in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    wheels = [
        runtime_wheel(triple, f"a program for {triple}".encode() * 4000, wheel=wheel.name).write(directory)
        for triple, target in known_targets().items()
        for wheel in target.wheels
    ]
    write_record(directory, wheels=wheels, sdk=[sdk_wheel(directory, pin), sdk_sdist(directory, pin)])
    return directory


def write_record(directory: Path, *, wheels: list[Path], sdk: list[Path], **more: object) -> None:
    """The `release.json` of these files."""
    record = {
        "schema": SCHEMA,
        "version": VERSION,
        "complete": True,
        "missing": [],
        "wheels": [recorded(path) for path in wheels],
        "sdk": [recorded(path) for path in sdk],
    }
    (directory / RECORD_NAME).write_text(json.dumps(record | more, indent=2))


def change_record(directory: Path, **more: object) -> None:
    """Replace keys of the `release.json`."""
    path = directory / RECORD_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | more))


def recorded(path: Path) -> dict[str, object]:
    """What a release says of a file."""
    return {
        "name": path.name,
        "size": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "checks": {"container": {"status": "passed"}},
    }


def sdk_wheel(directory: Path, pin: str, version: str = VERSION) -> Path:
    """A wheel that is named like the SDK's and requires what it requires."""
    info = f"{SDK}-{version}.dist-info"
    draft = WheelDraft(f"{SDK}-{version}-py3-none-any.whl", {})
    draft.put("codex_app_server/__init__.py", b"")
    draft.put(f"{info}/METADATA", _metadata(pin, version))
    draft.put(f"{info}/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    return draft.write(directory)


def sdk_sdist(directory: Path, pin: str, version: str = VERSION) -> Path:
    """The same as a source distribution."""
    path = directory / f"{SDK}-{version}.tar.gz"
    with gzip.GzipFile(path, "wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in {"PKG-INFO": _metadata(pin, version), "pyproject.toml": b""}.items():
            member = tarfile.TarInfo(f"{SDK}-{version}/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def _metadata(pin: str, version: str) -> bytes:
    return f"Metadata-Version: 2.4\nName: codex-app-server-sdk\nVersion: {version}\nRequires-Dist: {pin}\n\n".encode()


def address_with_credentials(url: str, user: str = USER, password: str = PASSWORD) -> str:
    """The address with the index's credentials in it."""
    return url.replace("://", f"://{user}:{password}@")


def publish_stubs(
    directory: Path, running: PackageIndex, *, patience: Patience, reporter: Reporter, visible_seconds: float = 60
) -> Plan:
    """Publish the release in `directory` to `running`, the way the command does it."""
    publication, warnings = prepare(directory, targets=known_targets().values(), reporter=reporter)
    repository = find_repository(address_with_credentials(running.upload_url), interactive=False)
    index = find_index(running.simple, repository=repository, patience=patience, reporter=reporter)
    todo = plan(publication, repository=repository, index=index, warnings=warnings)
    uploads = Uploads(repository, patience, answer_seconds=10)
    return publish(publication, todo, uploads=uploads, index=index, visible_seconds=visible_seconds, reporter=reporter)
