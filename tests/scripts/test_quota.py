"""`quota`: what is stored, what is added, what is left, without a download."""

import json

import pytest

from index_faults import page
from index_server import running_index
from publishing import stub_release
from sdk_artifacts.commands.quota import quota, request_text
from sdk_artifacts.errors import UsageProblem
from sdk_artifacts.index.addresses import find_index
from sdk_artifacts.publication import load_publication

OLD = [("0.1.0", "2026-11-01"), ("0.2.0", "2026-11-08"), ("0.3.0", "2026-11-22")]


@pytest.fixture
def index(tmp_path):
    with running_index(tmp_path / "index") as running:
        for version, day in OLD:
            for tag in ("win32", "win_arm64"):
                name = f"codex_cli_bin-{version}-py3-none-{tag}.whl"
                running.add(name, bytes(1000), uploaded=f"{day}T00:00:00Z")
        yield running


@pytest.fixture
def count(index, tmp_path, waits, recorder):
    publication = load_publication(stub_release(tmp_path / "dist"))

    def count(limit=10 << 30, file_limit=100 << 20, keep=3):
        own = find_index(index.simple, patience=waits.patience(), reporter=recorder)
        return publication, quota(publication, index=own, limit=limit, file_limit=file_limit, keep=keep)

    return count


def test_it_counts_what_is_stored_and_what_is_added(count):
    publication, found = count()
    runtime, sdk = found.projects
    size = sum(artifact.size for artifact in publication.part("runtime"))
    assert (runtime.stored, runtime.adds, runtime.per_release) == (6000, size, size)
    assert (sdk.stored, found.exceeded) == (0, ())


def test_it_knows_the_cadence_and_how_long_it_can_go_on(count):
    publication, _ = count()
    size = sum(artifact.size for artifact in publication.part("runtime"))
    _, found = count(limit=6000 + 5 * size)
    runtime = found.projects[0]
    assert (runtime.releases_left, runtime.days_between, runtime.full_after_days) == (4, 10.5, 42)


def test_what_is_there_already_is_not_added_again(count, index):
    publication, _ = count()
    first = publication.part("runtime")[0]
    index.add(first.name, first.path.read_bytes())
    runtime = count()[1].projects[0]
    assert (runtime.stored, runtime.adds) == (6000 + first.size, runtime.per_release - first.size)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"limit": 7000}, "bytes over the limit of 7000"),
        ({"keep": 10_000_000}, "more releases fit after this one, not 10000000"),
        ({"file_limit": 4500}, "more than the 4500 of one file"),
    ],
)
def test_a_passed_threshold_is_told(given, told, count):
    assert any(told in sentence for sentence in count(**given)[1].exceeded)


def test_nothing_is_downloaded(count, index):
    count()
    assert {what for what, _ in index.log} == {"page"}


def test_an_index_without_sizes_is_told(count, index):
    index.misbehave("page", page(b'<a href="codex_cli_bin-0.1.0-py3-none-win32.whl">x</a>', "text/html"))
    with pytest.raises(UsageProblem, match="no sizes"):
        count()


def test_the_request_asks_for_more_than_is_needed_now(count):
    found = count()[1]
    text = request_text(found)
    assert "Limits asked for: 50 MiB for a file, 10 GiB for the project" in text
    assert found.largest_name in text


def test_the_command_ends_with_1_past_a_threshold(index, tmp_path, capsys):
    from sdk_artifacts import cli

    stub_release(tmp_path / "dist")
    given = ["quota", "--dist", str(tmp_path / "dist"), "--index-url", index.simple]
    assert cli.main(given) == 0
    assert cli.main([*given, "--limit", "20KiB", "--request-text"]) == 0
    assert cli.main([*given, "--limit", "20 kilo"]) == 2
    capsys.readouterr()
    assert cli.main([*given, "--limit", "20KiB", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["exceeded"]
