"""The site builds strictly, is complete, and loads nothing from elsewhere."""

import inspect
import re
from functools import cache

import pytest

import codex_app_server
from codex_app_server import doctor
from docs.site import Page, documented

# Below this line of a class are methods that are public for the package's own modules alone.
INTERNAL = "# What follows is for "
NAMES = sorted({*codex_app_server.__all__} - {"__version__"})
FUNCTIONS = (property, classmethod, staticmethod)


@cache
def internals_of(thing):
    """The names of methods below the line."""
    _, _, below = inspect.getsource(thing).partition(INTERNAL)
    return set(re.findall(r"(?m)^    (?:async )?def (\w+)", below))


def members_of(name):
    """The public methods and properties of a public class, its own and those of private classes that it is made of."""
    thing = getattr(codex_app_server, name)
    if not inspect.isclass(thing):
        return {}
    ours = [kind for kind in thing.__mro__ if kind.__module__.startswith("codex_app_server")]
    shared = [kind for kind in ours if kind is thing or kind.__name__.startswith("_")]
    found = {key: value for kind in reversed(shared) for key, value in vars(kind).items()}
    return {
        key: value
        for key, value in found.items()
        if not key.startswith("_")
        and key not in internals_of(thing)
        and (inspect.isfunction(value) or isinstance(value, FUNCTIONS))
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_says_what_it_is_and_so_do_its_methods(name):
    silent = [key for key, value in members_of(name).items() if not inspect.getdoc(value)]
    assert (bool(inspect.getdoc(getattr(codex_app_server, name))), silent) == (True, [])


def test_each_public_name_has_a_place_in_the_reference(site):
    wanted = {f"codex_app_server.{name}" for name in NAMES}
    wanted |= {f"codex_app_server.{name}.{member}" for name in NAMES for member in members_of(name)}
    wanted |= {f"codex_app_server.doctor.{name}" for name in ("examine", "Diagnosis", "Finding")}
    assert doctor.examine.__doc__
    assert sorted(wanted - documented(site)) == []


def test_the_reference_has_no_internals(site):
    kinds = [kind for name in NAMES if inspect.isclass(kind := getattr(codex_app_server, name))]
    internal = {f"codex_app_server.{kind.__name__}.{member}" for kind in kinds for member in internals_of(kind)}
    assert len(internal) > 10
    assert sorted(internal & documented(site)) == []


def text_of(page):
    return re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))


def test_the_keywords_of_the_protocol_stand_in_the_signatures(site):
    text = text_of(site / "reference" / "codex.html")
    assert "developer_instructions: str | None = ..." in text
    assert "**options" not in text


def test_the_tree_of_errors_keeps_its_lines(site):
    assert "\n├── UsageError  " in text_of(site / "reference" / "errors.html")


def test_nothing_is_loaded_from_other_hosts(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    foreign = [
        f"{page.relative_to(site)}: {address}"
        for page in pages
        for address in Page(page.read_text(encoding="utf-8")).loads
        if re.match(r"(?:\w+:)?//", address)
    ]
    styles = [
        f"{sheet.relative_to(site)}: {address}"
        for sheet in site.rglob("*.css")
        for address in re.findall(r"(?:url\(|@import )[\"']?((?:\w+:)?//[^\"')]+)", sheet.read_text(encoding="utf-8"))
    ]
    assert foreign + styles == []


def test_no_page_has_what_makes_the_theme_load_more(site):
    # It gets a program for diagrams from elsewhere, and the state of a repository.
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    wanted = ('class="mermaid"', 'data-md-component="source"', "fonts.googleapis")
    assert [page.name for page, text in pages.items() if any(word in text for word in wanted)] == []
