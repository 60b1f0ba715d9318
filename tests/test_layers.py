"""Who may import whom, as data. The arrows are drawn in CONTRIBUTING.md's map; nothing imports the command line."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLKIT = ROOT / "scripts" / "sdk_artifacts"

# Modules that never touch the world: no I/O, no clock, no processes.
PURE = {"tags", "versions"}
WORLD = {"asyncio", "threading", "subprocess", "socket", "time", "os", "urllib3", "shutil", "tempfile"}

# What each module of the toolkit may import of the toolkit. Commands may import any noun and each other.
ALLOWED = {
    "errors": set(),
    "reporting": set(),
    "paths": set(),
    "versions": {"errors"},
    "files": set(),
    "tags": {"errors", "binaries", "elf", "macho", "pe"},
    "targets": {"errors", "paths", "tags"},
    "lock": {"errors", "paths", "versions"},
    "trial": {"errors", "reporting", "versions"},
    "terminal": {"reporting"},
}


def imports(path):
    """(top-level modules of others, modules of the toolkit) that a file imports."""
    others, own = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            others |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            own |= {node.module.partition(".")[0]} if node.module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            others.add(node.module.partition(".")[0])
    return others, own


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_module_imports_only_what_lies_below_it(name):
    assert imports(TOOLKIT / f"{name}.py")[1] <= ALLOWED[name]


@pytest.mark.parametrize("name", sorted(PURE))
def test_a_pure_module_does_not_touch_the_world(name):
    assert not imports(TOOLKIT / f"{name}.py")[0] & WORLD


def test_nothing_imports_the_command_line():
    for path in TOOLKIT.rglob("*.py"):
        if path.name not in {"cli.py", "tables.py"}:
            assert not imports(path)[1] & {"cli", "tables", "terminal"}, path.name


def test_commands_do_not_print_or_exit():
    for path in TOOLKIT.rglob("*.py"):
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not calls & {"print", "exit", "quit", "input"}, path.name
