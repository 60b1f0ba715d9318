"""A short look at every subject; `dev.py fuzz` takes a long one. What is found is kept in `tests/data/corpus`."""

import pytest
from hypothesis import HealthCheck, given, settings

from fuzz.subject import corpus
from fuzz.subjects import SUBJECTS

EXAMPLES = 100


@pytest.mark.parametrize("name", SUBJECTS)
def test_nothing_but_the_projects_own_errors_comes_out_in_bounded_time_and_memory(name):
    subject = SUBJECTS[name]
    look = given(subject.mutants())(subject.try_on)
    profile = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    profile(look)()


@pytest.mark.parametrize(
    ("name", "path"),
    [pytest.param(name, path, id=f"{name}-{path.name}") for name in SUBJECTS for path in corpus(name)],
)
def test_what_was_once_found_stays_mended(name, path):
    SUBJECTS[name].try_on(path.read_bytes())
