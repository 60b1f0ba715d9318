"""What an installation without an index needs of others: got once, from where the user's pip gets things."""

import pytest

from sdk_artifacts.errors import NetworkFailed, UsageProblem
from sdk_artifacts.wheelhouse import wheelhouse
from wheel_builder import foreign_wheel

NEEDS = ["other==4.5"]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A directory that is all that the user's pip knows, by its settings."""
    directory = tmp_path / "shelf"
    directory.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    return directory


def test_it_comes_from_where_the_users_pip_is_told_to_look_and_is_kept(shelf, cache, recorder):
    offered = foreign_wheel("py3-none-any", {}).write(shelf)
    directory = wheelhouse(NEEDS, offline=False, reporter=recorder)
    assert directory.is_relative_to(cache)
    assert [path.name for path in directory.iterdir()] == [offered.name]
    offered.unlink()
    assert wheelhouse(NEEDS, offline=False, reporter=recorder) == directory
    assert wheelhouse(NEEDS, offline=True, reporter=recorder) == directory


def test_offline_with_an_empty_cache_says_what_to_do(shelf, cache, recorder):
    foreign_wheel("py3-none-any", {}).write(shelf)
    with pytest.raises(UsageProblem, match=r"no wheels .*other==4\.5") as refused:
        wheelhouse(NEEDS, offline=True, reporter=recorder)
    assert "without --offline" in refused.value.fix
    assert not list(cache.rglob("*.whl"))


def test_what_pip_cannot_get_is_told_with_its_reason_and_leaves_nothing(shelf, cache, recorder):  # noqa: ARG001 - pip looks there
    with pytest.raises(NetworkFailed, match=r"other==4\.5.*[Nn]o matching distribution"):
        wheelhouse(NEEDS, offline=False, reporter=recorder)
    assert not [path for path in cache.rglob("*") if path.is_dir() and path.parent.name == "wheelhouse"]
