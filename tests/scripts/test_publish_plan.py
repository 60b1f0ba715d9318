"""What a plan says before anything is uploaded, what becomes of it, and one publish at a time."""

import inspect
import threading
from datetime import datetime, timedelta, timezone

import pytest

from index_server import running_index
from publishing import address_with_credentials, publish_stubs, stub_release
from sdk_artifacts.commands.publish import Plan, PlannedFile, plan, prepare, publish
from sdk_artifacts.exclusive import exclusive
from sdk_artifacts.index.addresses import find_index, find_repository
from sdk_artifacts.index.uploads import Uploads
from sdk_artifacts.targets import known_targets

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
FORTNIGHT = timedelta(days=14)


@pytest.fixture
def dist(tmp_path):
    return stub_release(tmp_path / "dist")


@pytest.fixture
def running(tmp_path):
    with running_index(tmp_path / "index") as running:
        yield running


@pytest.fixture
def repository(running):
    return find_repository(address_with_credentials(running.upload_url), interactive=False)


@pytest.fixture
def index(running, waits, recorder):
    return find_index(running.simple, patience=waits.patience(), reporter=recorder)


@pytest.fixture
def look(dist, repository, index, recorder):
    """Plan anew."""

    def look(warnings=()):
        publication, _ = prepare(dist, targets=known_targets().values(), reporter=recorder)
        return publication, plan(publication, repository=repository, index=index, warnings=warnings)

    return look


def there(running, path, uploaded):
    """The index has the file since then."""
    running.add(path.name, path.read_bytes(), uploaded=uploaded.isoformat())


def test_a_plan_tells_each_file_and_where_it_goes(look, dist, running):
    _, planned = look(["mind the gap"])
    assert (planned.version, planned.sdk_version, planned.warnings) == ("1.2.3", "1.2.3", ("mind the gap",))
    assert (planned.repository, planned.index) == (running.upload_url, running.simple)
    assert {file.name: file.size for file in planned.files} == {
        path.name: path.stat().st_size for path in dist.iterdir() if path.suffix in {".whl", ".gz"}
    }
    assert planned.absent == [*planned.files]
    assert planned.refused_from == dict.fromkeys(
        ("codex-cli-bin", "codex-app-server-sdk"), (NOW + FORTNIGHT).isoformat(timespec="seconds")
    )


@pytest.mark.parametrize(
    ("age", "late"), [(FORTNIGHT, True), (FORTNIGHT - timedelta(seconds=1), False), (timedelta(days=99), True)]
)
def test_what_comes_too_late_for_its_version_is_warned_of(age, late, look, dist, running):
    first, *_ = sorted(dist.glob("codex_cli_bin-*.whl"))
    there(running, first, NOW - age)
    _, planned = look()
    since = NOW - age + FORTNIGHT
    assert planned.refused_from["codex-cli-bin"] == since.isoformat(timespec="seconds")
    told = f"codex-cli-bin: the public index refuses files of this version since {since:%Y-%m-%d}"
    assert planned.warnings == ((told,) if late else ())
    assert first.name not in {file.name for file in planned.absent}
    assert len(planned.absent) == len(planned.files) - 1


def test_what_is_there_already_cannot_be_late(look, dist, running):
    for path in [*dist.glob("*.whl"), *dist.glob("*.gz")]:
        there(running, path, NOW - timedelta(days=99))
    _, planned = look()
    assert (planned.absent, planned.warnings) == ([], ())


def test_a_plan_stays_as_it_is(look):
    _, planned = look()
    for value, name in ((planned, "version"), (planned.files[0], "state")):
        assert type(value) in (Plan, PlannedFile)
        with pytest.raises(AttributeError, match="immutable"):
            setattr(value, name, "other")


def test_a_plan_that_is_done_stays_done(look, repository, index, waits, recorder):
    publication, planned = look()
    uploads = Uploads(repository, waits.patience())
    done = publish(publication, planned, uploads=uploads, index=index, reporter=recorder)
    assert publish(publication, done, uploads=uploads, index=index, reporter=recorder) == done
    assert {file.state for file in done.files} == {"uploaded"}


def test_another_publish_is_waited_for_which_is_said(dist, running, waits, recorder):
    release, said = threading.Event(), threading.Event()
    recorder.note = lambda text: (recorder.notes.append(text), "another publish" in text and said.set())

    def hold():
        with exclusive(dist / ".publish.lock", waiting=lambda: None):
            held.set()
            release.wait(60)

    held = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(60)
    run = threading.Thread(
        target=publish_stubs, args=(dist, running), kwargs={"patience": waits.patience(), "reporter": recorder}
    )
    run.start()
    try:
        assert said.wait(60)
        assert running.uploads() == []
    finally:
        release.set()
        run.join()
        holder.join()
    assert f"another publish is at work in {dist}; waiting for it" in recorder.notes
    assert len(running.uploads()) == len(running.files)


def test_an_index_has_a_quarter_of_an_hour_to_show_what_it_took():
    assert inspect.signature(publish).parameters["visible_seconds"].default == 900
