"""`fetch`: several archives at once, and what happens to the others when one fails."""

import threading
from pathlib import Path

import pytest

from registry_client import PACKAGE, Recorder, Waits, locked
from registry_server import Registry, hold, sends, status
from sdk_artifacts.commands.fetch import Fetched, fetch
from sdk_artifacts.errors import DataProblem, IntegrityFailed, NetworkFailed
from sdk_artifacts.lock import SCHEMA, Lock
from sdk_artifacts.parallel import in_threads
from sdk_artifacts.targets import Target, known_targets

TARGETS = list(known_targets().values())[:3]


class World:
    """A registry with an archive of each target, and the lock that pins them."""

    def __init__(self, registry: Registry, recorder: Recorder, waits: Waits) -> None:
        self.registry, self.recorder, self.waits = registry, recorder, waits
        self.archives = {target.triple: target.triple.encode() * 1000 for target in TARGETS}
        self.paths = {t.triple: registry.publish(PACKAGE, version(t), self.archives[t.triple]) for t in TARGETS}
        self.lock = Lock(SCHEMA, "0.5.0", {t.triple: locked(self.archives[t.triple], version(t)) for t in TARGETS})

    def fetch(self, *targets: Target, registry: str | None = "", offline: bool = False) -> list[Fetched]:
        return fetch(
            targets or TARGETS,
            self.lock,
            registry=self.registry.url if registry == "" else registry,
            offline=offline,
            jobs=2,
            reporter=self.recorder,
            patience=self.waits.patience(),
        )


def version(target: Target) -> str:
    return f"0.5.0-{target.npm_suffix}"


@pytest.fixture
def world(registry: Registry, cache: Path, recorder: Recorder, waits: Waits) -> World:  # noqa: ARG001 - set first
    return World(registry, recorder, waits)


def test_every_archive_comes_in_the_order_that_was_asked_for(world: World) -> None:
    fetched = world.fetch()
    assert [one.target for one in fetched] == [target.triple for target in TARGETS]
    for one in fetched:
        assert one.path.read_bytes() == world.archives[one.target]
        assert (one.size, one.sha512) == (len(world.archives[one.target]), one.path.stem)
        assert not one.cached
    assert world.recorder.done == {f"{PACKAGE}@{version(t)}": len(world.archives[t.triple]) for t in TARGETS}


def test_what_is_cached_is_said_and_needs_neither_npm_nor_a_registry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.fetch()
    monkeypatch.setenv("PATH", "")
    assert all(one.cached for one in world.fetch(registry=None))
    assert all(one.cached for one in world.fetch(registry=None, offline=True))
    assert len(world.registry.downloads) == len(TARGETS)


def test_a_failed_archive_does_not_keep_the_others_away(world: World) -> None:
    first, second, third = TARGETS
    world.registry.misbehave(world.paths[first.triple], *[status(503)] * 5)
    world.registry.misbehave(world.paths[second.triple], sends(b"other bytes"))
    with pytest.raises(IntegrityFailed, match=version(second)):
        world.fetch()
    assert any(version(first) in note and "bytes are there" in note for note in world.recorder.notes)
    assert world.fetch(third)[0].cached


def test_the_gravest_error_is_raised_whatever_the_order(recorder: Recorder) -> None:
    errors = [NetworkFailed("cut", fix="Again."), IntegrityFailed("other bytes"), NetworkFailed("slow")]

    def fail(error: Exception) -> None:
        raise error

    with pytest.raises(IntegrityFailed, match="other bytes"):
        in_threads(fail, errors, jobs=1, reporter=recorder)
    assert recorder.notes == ["cut. Again.", "slow"]


def test_a_target_that_is_not_locked_is_refused_before_anything_is_asked(world: World) -> None:
    stranger = list(known_targets().values())[-1]
    with pytest.raises(DataProblem, match=f"nothing for {stranger.triple}"):
        world.fetch(*TARGETS, stranger)
    assert world.registry.seen == []


def test_as_many_as_asked_for_are_in_work_at_once(recorder: Recorder) -> None:
    together = threading.Barrier(3)
    assert len(in_threads(lambda _: together.wait(10), range(6), jobs=3, reporter=recorder)) == 6


def test_an_interruption_does_not_wait_for_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, _ = TARGETS
    world.registry.misbehave(world.paths[first.triple], hold(10))

    def interrupted(_: str) -> None:
        world.registry.held.wait()
        raise KeyboardInterrupt

    world.registry.misbehave(world.paths[second.triple], status(503))
    monkeypatch.setattr(world.recorder, "note", interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.fetch(first, second)
    assert not world.registry.released.is_set()
