"""`pin`: the lock is what the archives hold, and is written only when all of them are what they should be."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from registry_client import PACKAGE, Recorder, Waits
from registry_server import Registry, sends
from sdk_artifacts.commands.pin import Pinned, pin
from sdk_artifacts.errors import IntegrityFailed, PayloadRefused, UsageProblem
from sdk_artifacts.lock import load_lock, render_lock
from sdk_artifacts.targets import Target, known_targets
from sdk_artifacts.versions import RuntimeVersion

TARGETS = list(known_targets().values())
TARGET = TARGETS[0]
PACKAGE_FILE = "codex-package.json"


def payload(target: Target, /, **says: object) -> dict[str, bytes]:
    """A small payload with every required file and one optional file; `says` replaces keys of its package file."""
    files = {path: path.encode() * 9 for component in target.components.values() for path in component.required}
    files["codex-resources/voice/lib/a.so"] = b"voice"
    package = {
        "layoutVersion": 1, "version": "0.5.0-alpha.1", "target": target.triple, "variant": "codex",
        "entrypoint": target.executable, "resourcesDir": "codex-resources", "pathDir": target.path_directory,
    }  # fmt: skip
    files[PACKAGE_FILE] = json.dumps(package | says).encode()
    return files


def archive(target: Target, files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(f"package/vendor/{target.triple}/{path}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


class World:
    """A registry with a good archive of every target, and a place for the lock."""

    def __init__(self, registry: Registry, recorder: Recorder, waits: Waits, lock_path: Path) -> None:
        self.registry, self.recorder, self.waits, self.lock_path = registry, recorder, waits, lock_path
        for target in TARGETS:
            self.publish(target, payload(target))

    def publish(self, target: Target, files: dict[str, bytes], version: str = "0.5.0-alpha.1", **dist: object) -> str:
        return self.registry.publish(PACKAGE, f"{version}-{target.npm_suffix}", archive(target, files), **dist)

    def pin(self, version: str = "0.5.0a1", registry: str | None = None) -> Pinned:
        return pin(
            RuntimeVersion.parse(version),
            targets=TARGETS,
            registry=registry or self.registry.url,
            reporter=self.recorder,
            lock_path=self.lock_path,
            patience=self.waits.patience(),
        )


@pytest.fixture
def world(registry: Registry, cache: Path, recorder: Recorder, waits: Waits, tmp_path: Path) -> World:  # noqa: ARG001 - fixtures
    return World(registry, recorder, waits, tmp_path / "runtime.lock")


def test_the_lock_holds_every_file_that_ships_and_no_other(world: World) -> None:
    pinned = world.pin()
    assert load_lock(world.lock_path) == pinned.lock
    assert pinned.lock.version == "0.5.0-alpha.1"
    for target in TARGETS:
        locked = pinned.lock.target(target.triple)
        ships = {name for wheel in target.wheels for name in wheel.components}
        expected = {path for name in ships for path in target.components[name].required}
        assert set(locked.files) == expected
        assert locked.files[target.executable].size == len(target.executable) * 9
        assert locked.package_version == f"0.5.0-alpha.1-{target.npm_suffix}"
    assert pinned.changes == ["new lock: 0.5.0-alpha.1, 6 targets"]


def test_pinning_again_changes_nothing_and_downloads_nothing(world: World) -> None:
    world.pin()
    before = world.lock_path.read_bytes()
    downloads = len(world.registry.downloads)
    assert world.pin("rust-v0.5.0-alpha.1").changes == []
    assert world.lock_path.read_bytes() == before
    assert len(world.registry.downloads) == downloads


def test_the_changes_to_the_lock_before_are_told(world: World) -> None:
    world.pin()
    for target in TARGETS:
        world.publish(target, payload(target, version="0.6.0") | {target.executable: b"new"}, "0.6.0")
    changes = world.pin("0.6.0").changes
    assert changes[0] == "version: 0.5.0-alpha.1 -> 0.6.0"
    assert f"{TARGET.triple}: ~ {TARGET.executable} ({len(TARGET.executable) * 9} -> 3 bytes)" in changes


def test_a_damaged_lock_is_replaced(world: World) -> None:
    world.lock_path.write_text("damaged = ")
    assert world.pin().changes == ["new lock: 0.5.0-alpha.1, 6 targets"]
    assert world.lock_path.read_text() == render_lock(load_lock(world.lock_path))


def test_what_a_killed_pin_left_is_swept(world: World, cache: Path) -> None:
    leftover = cache / "pin" / "bin"
    leftover.mkdir(parents=True)
    (leftover / "codex").write_text("half")
    world.pin()
    assert not (cache / "pin").exists()


@pytest.mark.parametrize(
    ("says", "message"),
    [
        ({"version": "0.4.0"}, f"{PACKAGE_FILE} says 0.4.0 for {TARGET.triple}"),
        ({"target": "riscv64-linux"}, f"{PACKAGE_FILE} says 0.5.0-alpha.1 for riscv64-linux"),
    ],
)
def test_a_payload_of_something_else_is_refused(says: dict[str, object], message: str, world: World) -> None:
    world.publish(TARGET, payload(TARGET, **says))
    refused(world, PayloadRefused, message)


def test_a_file_that_no_component_owns_is_refused_with_the_file_to_edit(world: World) -> None:
    world.publish(TARGET, payload(TARGET) | {"bin/telemetry": b"new"})
    fix = refused(world, PayloadRefused, "no component owns bin/telemetry")
    assert f"platforms/{TARGET.triple}.toml" in fix


@pytest.mark.parametrize(
    "path", [path for c in TARGET.components.values() for path in c.required if path != PACKAGE_FILE]
)
def test_a_missing_required_file_is_refused(path: str, world: World) -> None:
    files = payload(TARGET)
    del files[path]
    world.publish(TARGET, files)
    refused(world, PayloadRefused, f"the archive lacks {path}")


def test_a_registry_that_vouches_for_nothing_is_refused(world: World) -> None:
    world.publish(TARGET, payload(TARGET), integrity="")
    refused(world, IntegrityFailed, "nothing vouches for its bytes")


def test_other_bytes_than_the_registry_vouches_for_are_refused(world: World) -> None:
    path = world.publish(TARGET, payload(TARGET) | {"codex-resources/voice/x": b"x"})
    world.registry.misbehave(path, sends(archive(TARGET, payload(TARGET))))
    refused(world, IntegrityFailed, "its SHA-512 is")


def test_a_version_that_one_target_lacks_is_refused(world: World) -> None:
    number = f"0.7.0-{TARGET.npm_suffix}"
    for target in TARGETS[1:]:
        world.publish(target, payload(target, version="0.7.0"), "0.7.0")
    world.pin()
    before = world.lock_path.read_bytes()
    with pytest.raises(UsageProblem, match=f"has no {PACKAGE}@{number}"):
        world.pin("0.7.0")
    assert world.lock_path.read_bytes() == before


def test_a_pin_does_not_trust_plain_text(world: World) -> None:
    with pytest.raises(UsageProblem, match="a pin trusts what the registry says"):
        world.pin(registry="http://mirror.example")


def refused(world: World, kind: type[Exception], message: str) -> str:
    """Pin, expect that error and an untouched lock; returns the fix."""
    world.lock_path.write_text("as it was")
    with pytest.raises(kind, match=message) as caught:
        world.pin()
    assert world.lock_path.read_text() == "as it was"
    return str(getattr(caught.value, "fix", ""))
