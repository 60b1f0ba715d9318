"""What the tests of `stage-runtime` stage: small payloads of real native executables, and a template of their own."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hostile_archives import PACKAGE
from natives import host_triple
from sdk_artifacts.commands.stage_runtime import Staged, stage_runtime
from sdk_artifacts.errors import ToolkitError
from sdk_artifacts.lock import Lock, LockedFile, LockedTarget
from sdk_artifacts.parts import known_parts
from sdk_artifacts.reporting import Silent
from sdk_artifacts.targets import Target, known_targets
from sdk_artifacts.versions import RuntimeVersion

HOST = known_targets()[host_triple()]
V123 = RuntimeVersion.parse("1.2.3")
EMPTY_LOCK = Lock(schema=1, version="9.9.9", targets={})
Stage = Callable[..., Staged]


def payload_files(target: Target, natives: Mapping[str, Path], /, **package: object) -> dict[str, bytes]:
    """A whole small payload of the target; every required file that could be native is its native executable."""
    native = natives[target.triple].read_bytes()
    said = {**PACKAGE, "target": target.triple, "entrypoint": target.executable, **package}
    required = [path for component in target.components.values() for path in component.required]
    return {path: json.dumps(said).encode() if path.endswith(".json") else native for path in required}


def unpacked(root: Path, files: Mapping[str, bytes]) -> Path:
    """A directory of `files`."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def lock_of(target: Target, files: Mapping[str, bytes], archive: Path | None = None) -> Lock:
    """A lock of version 1.2.3 for these files, and for `archive` if there is one."""
    digests = {path: LockedFile(len(content), hashlib.sha256(content).hexdigest()) for path, content in files.items()}
    sha512 = hashlib.sha512(archive.read_bytes()).hexdigest() if archive else "0" * 128
    entry = LockedTarget("@openai/codex", f"1.2.3-{target.npm_suffix}", 1, sha512, digests)
    return Lock(schema=1, version="1.2.3", targets={target.triple: entry})


def snapshot(root: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of everything below `root`."""
    return {
        path.relative_to(root).as_posix(): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in root.rglob("*")
    }


def make_template(root: Path) -> Path:
    """A template that has every file which is copied, and files which are not."""
    licenses = {f"licenses/{text}": b"text" for part in known_parts().values() for text in part.texts}
    package = "src/codex_cli_bin/"
    files = {"pyproject.toml": b"[project]", "hatch_build.py": b"1", "wheel_backend.py": b"2", "README.md": b"#"}
    package_files = {f"{package}__init__.py": b"3", f"{package}sub/deep.py": b"4", f"{package}py.typed": b"5"}
    unwanted = {f"{package}__pycache__/a.pyc": b"6", "dist/old.whl": b"7", f"{package}bin/codex": b"left by hand"}
    return unpacked(root, files | licenses | package_files | unwanted)


def stager(tmp_path: Path) -> Stage:
    """`stage_runtime` into `tmp_path/out`, with the arguments that a test does not care about."""
    template = make_template(tmp_path / "template")

    def no_fetch(target: Target) -> Path:
        raise AssertionError(f"{target.triple} was fetched")

    def stage(source: Path | None, destination: Path = tmp_path / "out", **given: Any) -> Staged:
        options = {"version": None, "target": None, "wheel": None, "lock": EMPTY_LOCK, "template": template}
        return stage_runtime(destination, source, **{**options, "fetch": no_fetch, "reporter": Silent(), **given})

    return stage


@contextmanager
def old_stage_survives(destination: Path, error: type[ToolkitError], match: str) -> Iterator[None]:
    """The block fails like this, and `destination` is byte for byte what it was; nothing of ours is left beside it."""
    unpacked(destination, {"stage.json": b"{}", "payload/bin/codex": b"old"})
    before = snapshot(destination)
    with pytest.raises(error, match=match):
        yield
    assert snapshot(destination) == before
    assert not list(destination.parent.glob(f".{destination.name}.*"))
