"""Every file of `examples/`, run as it stands there on the real server."""

import re

import pytest

from sdk_artifacts.paths import REPOSITORY

pytestmark = pytest.mark.timeout(90)

EXAMPLES = sorted((REPOSITORY / "examples").glob("*.py"))
NAME = re.compile(r"(\d\d)_([a-z_]+?)(_async)?\.py")


@pytest.mark.real
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path, run_program):
    assert run_program(path.read_text(encoding="utf-8"), str(path)) == []


def test_examples_are_numbered_pairs_of_sync_and_async():
    parts = [NAME.fullmatch(path.name).groups() for path in EXAMPLES]
    both = {(number, name) for number, name, _ in parts}
    assert len(parts) == 2 * len(both)
    assert sorted(number for number, _ in both) == [f"{index:02}" for index in range(1, len(both) + 1)]


def test_both_halves_of_a_pair_say_alike_what_they_show():
    def first_line(path):
        return (
            path.read_text(encoding="utf-8").partition("\n")[0].removesuffix(', with asyncio."""').removesuffix('."""')
        )

    for sync in (path for path in EXAMPLES if not path.stem.endswith("_async")):
        assert first_line(sync.with_name(f"{sync.stem}_async.py")) == first_line(sync)


def test_the_list_of_examples_has_them_all():
    listed = (REPOSITORY / "examples" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in EXAMPLES if f"({path.name})" not in listed] == []
