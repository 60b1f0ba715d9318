"""The sync and the async half are one interface; pairs are discovered, not listed."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import codex_app_server

HERE = Path(__file__).parent
PAIRS = [(name, f"Async{name}") for name in codex_app_server.__all__ if f"Async{name}" in codex_app_server.__all__]
ASYNC_TESTS = [path for place in (HERE, HERE.parent / "e2e" / "sdk") for path in sorted(place.glob("test_async_*.py"))]
TWINS = {"__enter__": "__aenter__", "__exit__": "__aexit__"}


def members(kind):
    return {
        name: value
        for name, value in vars(kind).items()
        if not name.startswith("_") or name in {*TWINS, *TWINS.values()}
    }


def shape(function):
    """A signature in the words of the sync half."""
    text = str(inspect.signature(function)).replace("AsyncIterator", "Iterator").replace("Awaitable", "")
    return re.sub(r"\bAsync(?=[A-Z])", "", text)


def names_of_tests(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [each.name for each in body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")]


def test_there_are_pairs():
    assert PAIRS
    assert len({path.parent for path in ASYNC_TESTS}) == 2


@pytest.mark.parametrize(("name", "twin"), PAIRS)
def test_twins_have_the_same_members_with_the_same_signatures(name, twin):
    sync, other = members(getattr(codex_app_server, name)), members(getattr(codex_app_server, twin))
    assert {TWINS.get(each, each) for each in sync} == set(other)
    for each, value in sync.items():
        counterpart = other[TWINS.get(each, each)]
        assert type(counterpart) is type(value), each
        if inspect.isfunction(value):
            assert shape(counterpart) == shape(value), each


@pytest.mark.parametrize(("name", "twin"), PAIRS)
def test_twins_say_the_same(name, twin):
    sync, other = members(getattr(codex_app_server, name)), members(getattr(codex_app_server, twin))
    for each in sync.keys() & other.keys():
        assert inspect.getdoc(sync[each]) == inspect.getdoc(other[each]), each


@pytest.mark.parametrize("path", ASYNC_TESTS, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_both_halves_are_tested_for_the_same(path):
    twin = path.with_name(path.name.replace("test_async_", "test_"))
    assert names_of_tests(path) == names_of_tests(twin)
