"""Who may import whom, as data: each module or package of the toolkit, and what it imports of the others."""

import ast
from pathlib import Path

import pytest

TOOLKIT = Path(__file__).parent.parent / "scripts" / "sdk_artifacts"

ALLOWED = {
    # words
    "errors": set(),
    "reporting": set(),
    "paths": set(),
    "files": set(),
    "exclusive": set(),
    "versions": {"errors"},
    "parallel": {"errors", "reporting"},
    # native files and what their facts allow
    "binaries": {"errors"},
    "tags": {"binaries"},
    # the data of platforms/
    "parts": {"errors", "paths"},
    "targets": {"errors", "parts", "paths", "tags"},
    "lock": {"errors", "paths", "versions"},
    # from the registry to a stage
    "registry": {"errors", "exclusive", "lock", "paths", "reporting", "versions"},
    "stage": {"errors", "targets"},
    "licenses": {"parts", "targets"},
    "bom": {"binaries", "licenses", "parts", "stage"},
    "destination": {"errors", "stage"},
    "sdk_stage": {"errors", "paths", "versions"},
    "payload": {
        *("binaries", "errors", "exclusive", "files", "lock", "paths", "reporting", "stage", "tags", "targets"),
        "versions",
    },
    # what is built, and whether it is what it says
    "wheels": {"binaries", "errors", "reporting", "sdk_stage", "stage"},
    "checks": {
        *("binaries", "bom", "errors", "licenses", "lock", "parts", "paths", "payload", "stage", "tags", "targets"),
        *("versions", "wheels"),
    },
    "cleanroom": {"errors"},
    "loopback_model": set(),
    "wheelhouse": {"errors", "exclusive", "files", "paths", "reporting", "sdk_stage"},
    "trial": {"cleanroom", "errors", "reporting", "targets", "versions"},
    "turn_trial": {"cleanroom", "errors", "loopback_model", "reporting", "sdk_stage", "versions"},
    "releases": {
        *("errors", "files", "lock", "parts", "paths", "released", "sdk_stage", "targets", "trial", "turn_trial"),
    },
    # what CI jobs pass on to each other
    "released": {"errors", "files"},
    "job": {"errors"},
    # to a package index
    "index": {"errors", "exclusive", "files", "paths", "registry", "reporting"},
    "publication": {
        *("checks", "errors", "files", "index", "parallel", "registry", "released", "reporting", "sdk_stage", "tags"),
        *("targets", "wheels"),
    },
    # what a release is to its readers
    "portraits": {"binaries", "tags", "wheels"},
    "differences": {"portraits", "tags"},
    "losses": {"differences", "portraits", "tags"},
    "history": {"errors", "files"},
    "report": {"history", "publication", "releases", "tags", "targets"},
    # the protocol's types
    "schema": {"errors"},
    "render": {"schema"},
    # people
    "terminal": {"reporting"},
    "options": {"errors", "paths", "versions"},
    # of the commands only the types of what they return
    "tables": {"commands", "released", "releases", "targets", "terminal"},
}

# These never touch the world: no I/O, no clock, no processes.
PURE = {
    "tags",
    "versions",
    "schema",
    "render",
    "wheels/zips",
    "wheels/zip_rules",
    "wheels/name",
    "payload/selection",
} | {
    *("licenses", "bom"),
    *("index/pages", "index/provenance", "publication/comparison", "publication/resolution"),
    *("portraits", "differences", "losses", "report/view", "report/charts", "report/summary"),
}
WORLD = {"asyncio", "threading", "subprocess", "socket", "time", "os", "urllib3", "shutil", "tempfile"}


def files(unit):
    """The files of a module or a package."""
    directory = TOOLKIT / unit
    return sorted(directory.rglob("*.py")) if directory.is_dir() else [directory.with_suffix(".py")]


def unit_of(path):
    return path.relative_to(TOOLKIT).parts[0].removesuffix(".py")


def imports(path):
    """(top-level modules of others, modules and packages of the toolkit) that a file imports."""
    others, own = set(), set()
    package = path.relative_to(TOOLKIT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            others |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            full = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
            own |= {full[0]} if full[0] else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            others.add(node.module.partition(".")[0])
    return others, own - {unit_of(path)}


def test_every_module_has_its_row():
    units = {unit_of(path) for path in TOOLKIT.rglob("*.py")} - {"__init__", "cli", "commands"}
    assert units == ALLOWED.keys()


@pytest.mark.parametrize("unit", sorted(ALLOWED))
def test_a_module_imports_what_its_row_says(unit):
    assert set().union(*(imports(path)[1] for path in files(unit))) == ALLOWED[unit]


def test_the_rows_have_no_circle():
    done = {"commands"}
    while rest := ALLOWED.keys() - done:
        ready = {unit for unit in rest if ALLOWED[unit] <= done}
        assert ready, f"a circle among {sorted(rest)}"
        done |= ready


@pytest.mark.parametrize("unit", sorted(PURE))
def test_a_pure_module_does_not_touch_the_world(unit):
    for path in files(unit):
        assert not imports(path)[0] & WORLD, path.name


def test_nothing_but_the_command_line_knows_the_command_line():
    for path in TOOLKIT.rglob("*.py"):
        if unit_of(path) not in {"cli", "tables"}:
            assert not imports(path)[1] & {"cli", "tables", "terminal", "options"}, path.name


def test_nothing_but_the_command_line_prints_or_exits():
    for path in TOOLKIT.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        calls = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        assert not calls & {"print", "exit", "quit", "input"}, path.name
